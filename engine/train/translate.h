#pragma once

#include "engine/api/error.h"

#include <exception>

namespace engine {

// The foreign exception as an engine::Error: torch's out of memory, the file system's full disk, anything else as a
// bug.
[[nodiscard]] Error translated(std::exception_ptr exception);

} // namespace engine
