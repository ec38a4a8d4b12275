#pragma once

#include "engine/api/devices.h"
#include "engine/api/experiment.h"
#include "engine/train/precision.h"

#include <optional>
#include <string>

namespace engine {

// What [devices] use asks for. A device that is not there is validate()'s and train()'s to name; the CPU's figures
// stand in.
[[nodiscard]] DeviceInfo deviceOf(const Experiment& experiment);

// Behind the preset's name where the frozen blocks' outputs come from a cache: another speed.
inline constexpr const char* kFromCache = "+cache";

// Pictures per second that trainings reached on a device of this machine, kept in <cache>/speed.json: the best estimate
// of the next. Failing to read or write it is no failure of the caller. Any thread.
[[nodiscard]] std::optional<double> rememberedSpeed(const DeviceInfo& device, const std::string& backbone,
                                                    const std::string& freezePreset, int imageSize);
void rememberSpeed(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double samplesPerSecond);

// Seconds from a training's beginning to the end of its first step, which loads libraries and plans their work: what
// the last one of this kind took, or a guess.
[[nodiscard]] double startSeconds(const DeviceInfo& device, const std::string& backbone,
                                  const std::string& freezePreset, int imageSize);
void rememberStart(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double seconds);

// Pictures per second where nothing was measured yet: `flops` of arithmetic each in `precision`, and
// decoding by this machine's cores.
[[nodiscard]] double guessedSpeed(const DeviceInfo& device, Precision precision, double flops);

} // namespace engine
