#include "src/runcontroller.h"

#include "src/latestprogress.h"
#include "src/values.h"

#include <QFileInfo>

namespace app {
namespace {

constexpr auto kAskInterval = std::chrono::milliseconds(250);

// The run's own record; failed where there is none to read.
engine::RunSummary recorded(const QString& folder) {
    try {
        return engine::RunReader(toPath(folder)).summary();
    } catch (const engine::Error&) {
        engine::RunSummary summary;
        summary.folder = toPath(folder);
        summary.state = engine::RunState::Failed;
        return summary;
    }
}

} // namespace

RunController::RunController(QObject* parent) : QObject(parent) {}

RunController::~RunController() {
    m_queue.clear();
    if (m_current)
        m_current->control->requestStop();
}

void RunController::train(const engine::Experiment& experiment, const QString& runsFolder) {
    m_makers.run([experiment, folder = toPath(runsFolder)] { return words(engine::createRun(experiment, folder)); },
                 [this](Outcome<QString> outcome) {
                     if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                         Q_EMIT failed(trouble->message, trouble->remedy);
                         return;
                     }
                     const QString& folder = std::get<QString>(outcome);
                     Q_EMIT created(QFileInfo(folder).fileName(), folder);
                     enqueue(folder, {});
                 });
}

void RunController::resume(const QString& runFolder, const std::vector<engine::ChangedSetting>& changes) {
    if (!holds(QFileInfo(runFolder).fileName()))
        enqueue(runFolder, changes);
}

void RunController::enqueue(const QString& folder, const std::vector<engine::ChangedSetting>& changes) {
    m_queue.append({QFileInfo(folder).fileName(), folder, changes, std::make_shared<engine::RunControl>(),
                    std::make_shared<LatestProgress>()});
    m_held = false;
    startNext();
    Q_EMIT changed();
}

void RunController::startNext() {
    if (m_current || m_held || m_queue.isEmpty())
        return;
    m_current = std::make_unique<Job>(m_queue.takeFirst());
    m_failures.remove(m_current->id);
    m_trainer.run(
        [job = *m_current] { return engine::train(toPath(job.folder), *job.control, job.progress.get(), job.changes); },
        [this](Outcome<engine::RunSummary> outcome) { finish(outcome); });
    Q_EMIT started(m_current->id, m_current->folder);
}

void RunController::finish(const Outcome<engine::RunSummary>& outcome) {
    const std::unique_ptr<Job> job = std::move(m_current);
    engine::RunSummary summary;
    if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
        m_failures.insert(job->id, trouble->kind);
        summary = recorded(job->folder);
        summary.id = job->id.toStdString();
        if (trouble->kind == engine::ErrorKind::Stopped)
            summary.state = engine::RunState::Stopped;
        const bool stopped = summary.state == engine::RunState::Stopped;
        summary.failure = stopped ? std::string() : trouble->message.toStdString();
        summary.remedy = trouble->remedy.toStdString();
    } else {
        summary = std::get<engine::RunSummary>(outcome);
    }
    startNext();
    Q_EMIT changed();
    Q_EMIT ended(job->id, summary);
    if (!m_current)
        Q_EMIT idle();
}

void RunController::setPaused(bool paused) {
    if (!m_current)
        return;
    if (paused)
        m_current->control->pause();
    else
        m_current->control->resume();
    Q_EMIT changed();
}

void RunController::stop(bool startNext) {
    if (!m_current)
        return;
    m_held = !startNext;
    m_current->control->requestStop();
    Q_EMIT changed();
}

void RunController::replaceFreeze(engine::FreezeChange change) {
    if (m_current)
        m_current->control->replaceFreeze(std::move(change));
}

bool RunController::withdrawFreeze() { return m_current && m_current->control->takeFreezeChange().has_value(); }
bool RunController::freezeWaits() const { return m_current && m_current->control->freezeChangeWaits(); }

void RunController::cancel(const QString& id) {
    if (m_queue.removeIf([&](const Job& job) { return job.id == id; }) > 0)
        Q_EMIT changed();
}

void RunController::stopAll() {
    m_queue.clear();
    if (m_current)
        stop(false);
    else
        Q_EMIT idle();
}

bool RunController::stopping() const { return m_current && m_current->control->stopRequested(); }
bool RunController::paused() const { return m_current && m_current->control->paused(); }
QString RunController::currentId() const { return m_current ? m_current->id : QString(); }
QString RunController::currentFolder() const { return m_current ? m_current->folder : QString(); }

QStringList RunController::queue() const {
    QStringList ids;
    for (const Job& job : m_queue)
        ids.append(job.id);
    return ids;
}

std::optional<engine::Progress> RunController::progress() const {
    return m_current ? m_current->progress->latest() : std::nullopt;
}

std::optional<engine::Progress> RunController::progressOf(const QString& id,
                                                          const std::filesystem::path& folder) const {
    if (id == currentId())
        return progress();
    const auto now = std::chrono::steady_clock::now();
    Seen& seen = m_seen[id];
    if (now - seen.at > kAskInterval)
        seen = {engine::readProgress(folder), now};
    return seen.progress;
}

void RunController::ask(const std::filesystem::path& folder, engine::RunCommand command) {
    m_makers.run(
        [folder, command] {
            engine::sendCommand(folder, command);
            return true;
        },
        [this](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                Q_EMIT failed(trouble->message, trouble->remedy);
        });
}

std::optional<engine::ErrorKind> RunController::failureKind(const QString& id) const {
    const auto found = m_failures.find(id);
    return found == m_failures.end() ? std::nullopt : std::optional(*found);
}

} // namespace app
