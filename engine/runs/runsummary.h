#pragma once

#include "engine/api/run.h"
#include "engine/base/filelock.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// <run>/summary.json: what lists and tables show of a run without reading its series.
struct RunRecord {
    RunSummary summary;
    std::vector<std::string> classes;
    std::int64_t writtenCheckpointStep = -1; // of the last that was written, whether or not it is still there
    // While a run goes on and has not done a step yet: what it was before, and is again where it comes to nothing.
    std::string before; // as JSON
};

[[nodiscard]] std::string toJson(const RunRecord& record);
// A run's folder: one with a summary.json, or with an experiment and what a training records beside it.
[[nodiscard]] bool isRun(const std::filesystem::path& folder);
// Notes, and the name that a person gave, come from notes.json; a run that says running but is held by nobody is
// Interrupted. A record that is missing or damaged is rebuilt from the rest. Throws Error(NotFound) where the folder is
// no run.
enum class Holder { Anyone, Me }; // Me: whoever asks holds the lock, and has not begun yet
[[nodiscard]] RunRecord readRunRecord(const std::filesystem::path& folder, Holder holder = Holder::Anyone);
// From experiment, series, events and checkpoints. `summary.damage` says so.
[[nodiscard]] RunRecord rebuiltRecord(const std::filesystem::path& folder);

// Holds a run folder against other processes and threads while it is trained.
class RunLock final {
public:
    explicit RunLock(const std::filesystem::path& folder); // throws Error(BadInput) where somebody holds it
    [[nodiscard]] static bool heldByAnyone(const std::filesystem::path& folder);

private:
    FileLock m_lock;
};

} // namespace engine
