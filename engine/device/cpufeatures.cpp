#include "engine/device/cpufeatures.h"

#include "engine/device/procfs.h"

#include <fmt/format.h>

namespace engine {

bool computesBf16(std::string_view cpuFlags) {
    const std::string flags = fmt::format(" {} ", cpuFlags);
    const auto has = [&flags](const char* one) { return flags.find(fmt::format(" {} ", one)) != std::string::npos; };
    return has("avx_ne_convert") || (has("avx512bw") && has("avx512vl") && has("avx512dq"));
}

bool cpuComputesBf16() {
    static const bool can = computesBf16(procfs::valueOf("/proc/cpuinfo", "flags"));
    return can;
}

} // namespace engine
