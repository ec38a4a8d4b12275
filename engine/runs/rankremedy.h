#pragma once

#include "engine/api/rankremedy.h"
#include "engine/base/filelock.h"

#include <filesystem>
#include <vector>

namespace engine {

// Of the program that starts a run's ranks, as long as it watches them: says how it deals with them and takes what is
// asked of it. What was asked before counts for nothing. One thread.
class RankGuardPost final {
public:
    explicit RankGuardPost(const std::filesystem::path& runFolder);
    ~RankGuardPost();
    RankGuardPost(const RankGuardPost&) = delete;
    RankGuardPost& operator=(const RankGuardPost&) = delete;

    void tell(const RankGuard& guard);
    [[nodiscard]] std::vector<RankRequest> take(); // in their order

private:
    std::filesystem::path m_folder; // "ranks" of the run
    FileLock m_lock;
};

} // namespace engine
