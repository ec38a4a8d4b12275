#pragma once

#include "engine/api/progress.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// What a run's device is where another tool recorded it: then it has neither settings of its own nor a model.
inline constexpr const char* kImportedDevice = "TensorBoard";

// A run that another tool recorded and that is now one among others, to be looked at and compared only.
struct ImportedRun {
    std::filesystem::path folder; // of the run that was made
    std::string name;
    std::int64_t series = 0;
    std::int64_t points = 0;
    std::vector<std::string> notes; // what could not be taken, a sentence each
};

// Makes a run in `runsFolder` of each folder with TensorBoard's event files at `source` (a folder, with those below it,
// or one file); of one that was imported before its run is made anew, with the notes a person made. Every checksum is
// verified. Throws Error(NotFound | BadInput | DiskFull | Stopped). Blocks; any thread.
[[nodiscard]] std::vector<ImportedRun> importRuns(const std::filesystem::path& source,
                                                  const std::filesystem::path& runsFolder, std::stop_token stop = {},
                                                  ProgressSink* progress = nullptr);

} // namespace engine
