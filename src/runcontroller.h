#pragma once

#include "engine/api/liverun.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "src/background.h"
#include "src/runqueue.h"

#include <QHash>
#include <QTimer>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace app {

class LatestProgress;

// A run that is to be made.
struct PlannedRun {
    engine::Experiment experiment;
    double aboutSeconds = 0; // that it will take; 0: not known
};

// Trains what waits in a project's queue once it is told to: on the CPU one run after the other, on a thread of its
// own; on GPUs also several at once, the further ones in processes of their own, which are asked through their folders.
// What a run has to say it writes into its folder; here is only what others may ask of it: wait, begin, pause, stop, go
// on.
class RunController final : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    ~RunController() override; // stops what runs and waits for it

    void setFolder(const QString& runsFolder) { m_queue.setFolder(runsFolder); } // whose queue is shown
    // These three put runs at the end of the queue of their folder and start it. `aboutSeconds`: that it will take.
    void train(const engine::Experiment& experiment, const QString& runsFolder, double aboutSeconds = 0);
    void trainAll(const std::vector<PlannedRun>& runs, const QString& runsFolder, const QString& tag = {});
    // Goes on from the last checkpoint, with settings that are others from now on.
    void resume(const QString& runFolder, const std::vector<engine::ChangedSetting>& changes = {},
                double aboutSeconds = 0);
    // A new run from a step of another, see engine::forkRun(); told to go on it goes to the end of the queue.
    enum class Then { Nothing, GoOn };
    void fork(const QString& runFolder, std::int64_t step, const QString& name, Then then);
    void startQueue();           // the shown one: trains what waits in it
    void setPaused(bool paused); // the run that runs
    void stop(bool startNext);   // likewise; false: the queue stands until somebody starts it
    // The freeze plan of the run that runs, as engine::RunControl has it.
    void replaceFreeze(engine::FreezeChange change);
    [[nodiscard]] bool withdrawFreeze(); // false: nothing waits, the training may have taken it
    [[nodiscard]] bool freezeWaits() const;
    void stopAll(); // likewise; what waits goes on waiting; emits idle() once nothing runs

    [[nodiscard]] bool busy() const { return m_current != nullptr; }
    [[nodiscard]] bool active() const { return busy() || m_asking; } // also between two runs
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] bool paused() const;
    [[nodiscard]] QString currentId() const;
    [[nodiscard]] QString currentFolder() const;
    [[nodiscard]] RunQueue& runQueue() { return m_queue; }
    [[nodiscard]] const RunQueue& runQueue() const { return m_queue; }
    [[nodiscard]] QStringList queue() const { return m_queue.ids(); } // ids that wait
    [[nodiscard]] bool trains(const QString& id) const;
    [[nodiscard]] bool holds(const QString& id) const { return trains(id) || m_queue.placeOf(id) >= 0; }
    // Runs wait, and nobody trains them: neither this window nor another program.
    [[nodiscard]] bool queueStands() const;
    // Until a run that waits begins; none where that is not known, or something is paused.
    [[nodiscard]] std::optional<double> secondsToStart(const QString& id) const;
    [[nodiscard]] std::optional<engine::Progress> progress() const; // of the run that runs
    // Where a run stands that this window trains, or that another program does; asks the folder a few times a second.
    [[nodiscard]] std::optional<engine::Progress> progressOf(const QString& id,
                                                             const std::filesystem::path& folder) const;
    // Asks the program that trains a run which is not this window's own.
    void ask(const std::filesystem::path& folder, engine::RunCommand command);
    // What kind of failure ended a run of this session.
    [[nodiscard]] std::optional<engine::ErrorKind> failureKind(const QString& id) const;

Q_SIGNALS:
    void changed(); // queue, pause, what runs
    void created(const QString& id, const QString& folder);
    void createdAll(int count); // several at once
    void forked(const QString& id, const QString& folder);
    void started(const QString& id, const QString& folder);
    // Failed: only id, folder, name, state and failure are sure to be known.
    void ended(const QString& id, const engine::RunSummary& summary);
    void failed(const QString& title, const QString& detail); // no run could be made
    void waitsElsewhere(const QString& who);                  // who trains what was put in the queue
    void idle();

private:
    static constexpr int kMostBeside = 64; // trainings in processes of their own
    struct Job {
        QString id;
        QString folder;
        std::vector<engine::ChangedSetting> changes;
        std::vector<std::string> devices;
        std::shared_ptr<engine::DeviceClaims> claims;
        std::shared_ptr<engine::RunControl> control;
        std::shared_ptr<LatestProgress> progress;
    };
    struct Next {
        std::shared_ptr<engine::QueueRunner> runner;
        std::optional<engine::QueuedRun> run;
        std::shared_ptr<engine::DeviceClaims> claims; // of its GPUs
        bool waits = false;                           // for devices, or a time
        bool oneLane = true;                          // the machine has no GPUs
        QString elsewhere;
    };
    // `over`: runs that have been trained since.
    static Next nextOf(std::shared_ptr<engine::QueueRunner> runner, const std::filesystem::path& folder,
                       const QStringList& over);
    void want(const QString& runsFolder);
    void startNext();
    void take(Outcome<Next> outcome);
    void begin(const Next& next);
    void giveBack(const Next& next);
    void letGo();
    [[nodiscard]] std::unique_ptr<Job> takeJob(const QString& id); // out of those that run
    void finish(const QString& id, const Outcome<engine::RunSummary>& outcome);
    RunQueue m_queue;
    std::unique_ptr<Job> m_current;
    std::vector<std::unique_ptr<Job>> m_beside;    // that run as well
    QStringList m_over;                            // runs that have been trained, of which the queue is to be told
    QTimer m_lookAgain;                            // whether what waits can begin
    bool m_oneLane = false;                        // known to be
    QStringList m_wanted;                          // folders whose queues are to be trained, the first one now
    std::shared_ptr<engine::QueueRunner> m_runner; // of the first
    bool m_asking = false;                         // for the next run
    int m_making = 0;                              // how often runs are being put into the queue
    QHash<QString, engine::ErrorKind> m_failures;
    struct Seen {
        std::optional<engine::Progress> progress;
        std::chrono::steady_clock::time_point at;
    };
    mutable QHash<QString, Seen> m_seen; // of runs that other programs train
    Background m_makers{1};
    Background m_trainer{1};
    Background m_besides{kMostBeside};
};

} // namespace app
