#pragma once

#include "engine/api/liverun.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "src/background.h"

#include <QHash>
#include <QList>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace app {

class LatestProgress;

// Trains one run after the other on a thread of its own. What a run has to say it writes into its folder; here is only
// what others may ask of it: wait, begin, pause, stop, go on.
class RunController final : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    ~RunController() override; // stops what runs and waits for it

    // Makes the run's folder and puts it at the end of the queue.
    void train(const engine::Experiment& experiment, const QString& runsFolder);
    // Goes on from the last checkpoint, with settings that are others from now on.
    void resume(const QString& runFolder, const std::vector<engine::ChangedSetting>& changes = {});
    void setPaused(bool paused); // the run that runs
    void stop(bool startNext);   // likewise; false: the queue waits until the next train() or resume()
    // The freeze plan of the run that runs, as engine::RunControl has it.
    void replaceFreeze(engine::FreezeChange change);
    [[nodiscard]] bool withdrawFreeze(); // false: nothing waits, the training may have taken it
    [[nodiscard]] bool freezeWaits() const;
    void cancel(const QString& id); // takes a queued run out of the queue
    void stopAll();                 // likewise; emits idle() once nothing runs

    [[nodiscard]] bool busy() const { return m_current != nullptr; }
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] bool paused() const;
    [[nodiscard]] QString currentId() const;
    [[nodiscard]] QString currentFolder() const;
    [[nodiscard]] QStringList queue() const; // ids that wait
    [[nodiscard]] bool holds(const QString& id) const { return id == currentId() || queue().contains(id); }
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
    void started(const QString& id, const QString& folder);
    // Failed: only id, folder, name, state and failure are sure to be known.
    void ended(const QString& id, const engine::RunSummary& summary);
    void failed(const QString& title, const QString& detail); // no run could be made
    void idle();

private:
    struct Job {
        QString id;
        QString folder;
        std::vector<engine::ChangedSetting> changes;
        std::shared_ptr<engine::RunControl> control;
        std::shared_ptr<LatestProgress> progress;
    };
    void enqueue(const QString& folder, const std::vector<engine::ChangedSetting>& changes);
    void startNext();
    void finish(const Outcome<engine::RunSummary>& outcome);
    std::unique_ptr<Job> m_current;
    QList<Job> m_queue;
    bool m_held = false;
    QHash<QString, engine::ErrorKind> m_failures;
    struct Seen {
        std::optional<engine::Progress> progress;
        std::chrono::steady_clock::time_point at;
    };
    mutable QHash<QString, Seen> m_seen; // of runs that other programs train
    Background m_makers{1};
    Background m_trainer{1};
};

} // namespace app
