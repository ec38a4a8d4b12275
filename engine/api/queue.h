#pragma once

#include "engine/api/deviceclaims.h"
#include "engine/api/gpus.h"
#include "engine/api/train.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// The queue of a project stands in its folder of runs, in queue.json: windows and command lines see and change it as
// their own, and it is there while none of them is. All functions: any thread; they block for milliseconds and throw
// Error(DiskFull | BadInput) where the file cannot be read or written.
//
// Runs begin in their order, each as soon as its devices are free; those on other devices train meanwhile. One that
// waits for devices keeps those that it could use and that are free: what stands behind it begins only on devices that
// nothing before it waits for, so that no run is passed by for ever. Trainings on the CPU are one lane: one at a time.

// A run that waits until its devices are free.
struct QueuedRun {
    std::filesystem::path folder;
    std::vector<ChangedSetting> changes = {}; // with which it goes on
    double aboutSeconds = 0;                  // that it will take; 0: not known
    double notBefore = 0;                     // seconds since 1970: until then it waits and keeps nothing back; 0: none
    std::vector<std::string> devices = {};    // of one that is trained: what it got

    [[nodiscard]] std::string id() const { return folder.filename().string(); }
};

struct QueueState {
    std::vector<QueuedRun> running; // that whoever runs the queue trains
    std::vector<QueuedRun> waiting; // in the order in which they start
    bool held = false;              // nothing begins until somebody lets it go on
};
// What somebody trained who is gone waits again, before all others.
[[nodiscard]] QueueState queueState(const std::filesystem::path& runsFolder);
[[nodiscard]] std::vector<QueuedRun> queuedRuns(const std::filesystem::path& runsFolder); // that wait
// Puts it at the end of its folder's queue; one that waits already keeps its place and takes these changes.
void addToQueue(const QueuedRun& run);
// The same for several in one step: all of them or none. They lie in one folder.
void addToQueue(const std::vector<QueuedRun>& runs);
// False: it does not wait, it may have been started meanwhile.
bool takeOutOfQueue(const std::filesystem::path& runsFolder, const std::string& id);
// `place` 0 is next to start, one behind the last is the last. False: likewise.
bool moveInQueue(const std::filesystem::path& runsFolder, const std::string& id, std::size_t place);
// Seconds since 1970; 0: as soon as its devices are free. False: likewise.
bool setStartTime(const std::filesystem::path& runsFolder, const std::string& id, double notBefore);
enum class QueuePause { Held, GoesOn };
void pauseQueue(const std::filesystem::path& runsFolder, QueuePause pause); // what is trained goes on
// Who trains what waits there: "A window (process 4711)"; empty: nobody.
[[nodiscard]] std::string whoRunsQueue(const std::filesystem::path& runsFolder);

// "08:30" (the next time that it is so late), "2026-12-01 08:30", "+90m", "+2h"; empty or "now": 0. Seconds since 1970,
// in the machine's time zone. Throws Error(BadInput).
[[nodiscard]] double startTimeOf(const std::string& words, double now);

// Gives what waits to whoever trains it. There is one at a time for a folder, so no run is begun twice. One thread at a
// time.
class QueueRunner final {
public:
    // `who` as in "A window". Throws Error(BadInput), a sentence, where somebody else has one.
    QueueRunner(std::filesystem::path runsFolder, const std::string& who);
    ~QueueRunner();
    QueueRunner(const QueueRunner&) = delete;
    QueueRunner& operator=(const QueueRunner&) = delete;

    struct Next {
        std::optional<QueuedRun> run; // which waits no longer
        DeviceClaims claims;          // its GPUs
        bool waits = false;           // nothing can begin now, and something waits
    };
    // The next one whose devices are free on this machine. Passes over runs that are gone or that somebody trains
    // already.
    [[nodiscard]] Next next(const GpuMachine& machine = {}, double now = 0);
    void ended(const std::string& id);    // it has been trained
    void giveBack(const std::string& id); // it waits again, before all others
    [[nodiscard]] const std::filesystem::path& runsFolder() const { return m_runsFolder; }

private:
    std::filesystem::path m_runsFolder;
    std::unique_ptr<class FileLock> m_lock;
};

// A stretch of a device's time.
struct QueueBlock {
    std::string run; // id; empty: somebody else's
    std::string who; // "python of anna, 61.4 GB"
    std::vector<std::string> devices;
    double start = 0, end = 0; // seconds from now
    bool known = false;        // its length is; else it is drawn as ten minutes
    bool running = false;      // it is trained; else it waits
};
// What is trained where, and what comes next: by the rule above, with the lengths that are known.
struct QueueLanes {
    std::vector<std::string> devices; // "cuda:0" …, then "cpu" where something uses it or nothing else is there
    std::vector<QueueBlock> blocks;   // by start
};
// `left`: seconds of runs that are trained, by id, as far as they are known.
[[nodiscard]] QueueLanes queueLanes(const QueueState& queue, const GpuMachine& machine,
                                    const std::map<std::string, double>& left);

} // namespace engine
