#pragma once

#include <string_view>

namespace engine {

// One line for the developer on stderr, only where THAW_LOG is set; people are told through Progress, events and Error.
void logLine(std::string_view room, std::string_view text);

} // namespace engine
