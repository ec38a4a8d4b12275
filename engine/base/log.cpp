#include "engine/base/log.h"

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

namespace engine {

void logLine(std::string_view room, std::string_view text) {
    static const bool enabled = std::getenv("THAW_LOG") != nullptr;
    if (enabled)
        fmt::print(stderr, "thaw {}: {}\n", room, text);
}

} // namespace engine
