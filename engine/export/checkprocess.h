#pragma once

#include "engine/api/progress.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace engine {

// Starts the program `thaw` anew to compare the export in `folder` with its run; waits for its end, which a
// stop brings on. Throws what it fails with, and Error(NotFound | Device) where it cannot be started. Any thread.
void checkInFreshProcess(const std::filesystem::path& run, const std::filesystem::path& folder,
                         const std::string& checkpoint, const std::stop_token& stop, ProgressSink* progress);

} // namespace engine
