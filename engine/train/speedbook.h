#pragma once

#include "engine/api/devices.h"

#include <optional>
#include <string>

namespace engine {

// Pictures per second that trainings reached on a device of this machine, kept in <cache>/speed.json: the best estimate
// of the next. Failing to read or write it is no failure of the caller. Any thread.
[[nodiscard]] std::optional<double> rememberedSpeed(const DeviceInfo& device, const std::string& backbone,
                                                    const std::string& freezePreset, int imageSize);
void rememberSpeed(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double samplesPerSecond);

} // namespace engine
