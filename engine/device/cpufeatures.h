#pragma once

#include <string_view>

namespace engine {

// Whether a CPU of these features ("flags" of /proc/cpuinfo) can compute in bf16 at all: torch's convolutions refuse
// others in the middle of a step.
[[nodiscard]] bool computesBf16(std::string_view cpuFlags);
[[nodiscard]] bool cpuComputesBf16(); // this machine's. Any thread

} // namespace engine
