#pragma once

#include "engine/api/run.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// <run>/summary.json: what lists and tables show of a run without reading its series.
struct RunRecord {
    RunSummary summary;
    std::vector<std::string> classes;
};

[[nodiscard]] std::string toJson(const RunRecord& record);
// Star, colour and note come from notes.json; a run that says running but is held by nobody is Interrupted.
// Throws Error(NotFound | BadInput) where the folder is no run.
[[nodiscard]] RunRecord readRunRecord(const std::filesystem::path& folder);

// Holds a run folder against other processes and threads while it is trained.
class RunLock final {
public:
    explicit RunLock(const std::filesystem::path& folder); // throws Error(BadInput) where somebody holds it
    ~RunLock();
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    [[nodiscard]] static bool heldByAnyone(const std::filesystem::path& folder);

private:
    int m_descriptor = -1;
};

} // namespace engine
