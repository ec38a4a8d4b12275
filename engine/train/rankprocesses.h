#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace engine {

// How a rank's process came to its end.
struct RankEnd {
    int rank = 0;
    int exitCode = 0;
    int signal = 0;       // that ended it
    bool halted = false;  // it has not ended, and does not go on: stopped by a signal
    bool silent = false;  // it has not ended, and gave no sign for long
    double seconds = 0;   // for which it gave none
    bool asked = false;   // it has not ended: somebody asked to end it
    bool without = false; // and to go on without it
};

// The processes of a training's ranks on this machine. None outlives the object. One thread.
class RankProcesses final {
public:
    // Each is `thaw` with these words; what it writes goes into rank-<number>.log in `logs`. Throws
    // Error(NotFound | Device) where they cannot be started.
    // `shared`: open files that they hold as well.
    RankProcesses(const std::vector<std::string>& words, int ranks, const std::filesystem::path& logs,
                  const std::vector<int>& shared = {});
    ~RankProcesses(); // ends those that are left
    RankProcesses(const RankProcesses&) = delete;
    RankProcesses& operator=(const RankProcesses&) = delete;

    // The next one that has ended or stands still since the last call; waits for it so long at most.
    [[nodiscard]] std::optional<RankEnd> ended(std::chrono::milliseconds atMost);
    [[nodiscard]] bool anyLeft() const;
    void kill() noexcept;

private:
    [[nodiscard]] std::optional<RankEnd> endedByNow();

    struct Process {
        pid_t id = 0;
        int descriptor = -1; // becomes readable with its end
        bool left = true;
    };
    std::vector<Process> m_processes; // by rank
};

} // namespace engine
