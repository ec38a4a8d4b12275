#pragma once

#include <optional>
#include <string>

namespace engine {

// Behind the preset's name where the frozen blocks' outputs come from a cache: another speed.
inline constexpr const char* kFromCache = "+cache";

// Pictures per second that trainings reached on this machine, kept in <cache>/speed.json: the best estimate of the
// next. Failing to read or write it is no failure of the caller. Any thread.
[[nodiscard]] std::optional<double> rememberedSpeed(const std::string& backbone, const std::string& freezePreset,
                                                    int imageSize);
void rememberSpeed(const std::string& backbone, const std::string& freezePreset, int imageSize,
                   double samplesPerSecond);

} // namespace engine
