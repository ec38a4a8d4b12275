#pragma once

#include "engine/api/train.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// The queue of a project stands in its folder of runs, in queue.json: windows and command lines see and change it as
// their own, and it is there while none of them is. All functions: any thread; they block for milliseconds and throw
// Error(DiskFull | BadInput) where the file cannot be read or written.

// A run that waits until those before it have ended.
struct QueuedRun {
    std::filesystem::path folder;
    std::vector<ChangedSetting> changes = {}; // with which it goes on
    double aboutSeconds = 0;                  // that it will take; 0: not known

    [[nodiscard]] std::string id() const { return folder.filename().string(); }
};

// Those that wait, in the order in which they start. What somebody trained who is gone waits again, before all others.
[[nodiscard]] std::vector<QueuedRun> queuedRuns(const std::filesystem::path& runsFolder);
// Puts it at the end of its folder's queue; one that waits already keeps its place and takes these changes.
void addToQueue(const QueuedRun& run);
// The same for several in one step: all of them or none. They lie in one folder.
void addToQueue(const std::vector<QueuedRun>& runs);
// False: it does not wait, it may have been started meanwhile.
bool takeOutOfQueue(const std::filesystem::path& runsFolder, const std::string& id);
// `place` 0 is next to start, one behind the last is the last. False: likewise.
bool moveInQueue(const std::filesystem::path& runsFolder, const std::string& id, std::size_t place);
// Who trains what waits there: "A window (process 4711)"; empty: nobody.
[[nodiscard]] std::string whoRunsQueue(const std::filesystem::path& runsFolder);

// Gives what waits to whoever trains it. There is one at a time for a folder, so no run is begun twice.
class QueueRunner final {
public:
    // `who` as in "A window". Throws Error(BadInput), a sentence, where somebody else has one.
    QueueRunner(std::filesystem::path runsFolder, const std::string& who);
    ~QueueRunner();
    QueueRunner(const QueueRunner&) = delete;
    QueueRunner& operator=(const QueueRunner&) = delete;

    // The next one, which waits no longer; what it gave before has ended. Passes over runs that are gone or that
    // somebody trains already.
    [[nodiscard]] std::optional<QueuedRun> next();
    void giveBack(); // what next() gave last: it waits again, before all others
    [[nodiscard]] const std::filesystem::path& runsFolder() const { return m_runsFolder; }

private:
    std::filesystem::path m_runsFolder;
    std::unique_ptr<class FileLock> m_lock;
};

} // namespace engine
