#include "src/runcontroller.h"

#include "engine/api/fork.h"
#include "src/latestprogress.h"
#include "src/values.h"

#include <QFileInfo>

#include <cmath>
#include <utility>

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

// Their folders, and their places at the end of the queue.
std::vector<engine::QueuedRun> makeRuns(const std::vector<PlannedRun>& runs, const std::filesystem::path& folder,
                                        const std::string& tag) {
    std::vector<engine::QueuedRun> made;
    for (const auto& run : runs) {
        made.push_back(
            {.folder = engine::createRun(run.experiment, folder), .changes = {}, .aboutSeconds = run.aboutSeconds});
        if (!tag.empty())
            engine::editRunNotes(made.back().folder, [&tag](engine::RunNotes& notes) { notes.tags = {tag}; });
    }
    engine::addToQueue(made);
    return made;
}

} // namespace

RunController::RunController(QObject* parent) : QObject(parent) {
    connect(&m_queue, &RunQueue::changed, this, &RunController::changed);
    connect(&m_queue, &RunQueue::failed, this, &RunController::failed);
}

RunController::~RunController() {
    m_wanted.clear();
    if (m_current)
        m_current->control->requestStop();
}

void RunController::train(const engine::Experiment& experiment, const QString& runsFolder, double aboutSeconds) {
    trainAll({{experiment, aboutSeconds}}, runsFolder);
}

void RunController::trainAll(const std::vector<PlannedRun>& runs, const QString& runsFolder, const QString& tag) {
    ++m_making;
    m_makers.run([runs, folder = toPath(runsFolder), tag = tag.toStdString()] { return makeRuns(runs, folder, tag); },
                 [this, runsFolder](const Outcome<std::vector<engine::QueuedRun>>& outcome) {
                     --m_making;
                     if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                         Q_EMIT failed(trouble->message, trouble->remedy);
                         return;
                     }
                     const auto& made = std::get<0>(outcome);
                     if (made.size() == 1)
                         Q_EMIT created(words(made.front().id()), words(made.front().folder));
                     else
                         Q_EMIT createdAll(static_cast<int>(made.size()));
                     want(runsFolder);
                 });
}

void RunController::resume(const QString& runFolder, const std::vector<engine::ChangedSetting>& changes,
                           double aboutSeconds) {
    if (QFileInfo(runFolder).fileName() == currentId())
        return;
    ++m_making;
    m_makers.run(
        [run = engine::QueuedRun{toPath(runFolder), changes, aboutSeconds}] {
            engine::addToQueue(run);
            return true;
        },
        [this, folder = QFileInfo(runFolder).path()](const Outcome<bool>& outcome) {
            --m_making;
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                Q_EMIT failed(trouble->message, trouble->remedy);
            else
                want(folder);
        });
}

void RunController::fork(const QString& runFolder, std::int64_t step, const QString& name, Then then) {
    ++m_making;
    m_makers.run(
        [from = toPath(runFolder), step, name = name.toStdString()] { return engine::forkRun(from, step, name); },
        [this, then](const Outcome<std::filesystem::path>& outcome) {
            --m_making;
            if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                Q_EMIT failed(trouble->message, trouble->remedy);
                return;
            }
            const QString made = words(std::get<0>(outcome));
            Q_EMIT forked(QFileInfo(made).fileName(), made);
            if (then == Then::GoOn)
                resume(made);
        });
}

void RunController::startQueue() {
    if (!m_queue.folder().isEmpty())
        want(m_queue.folder());
}

void RunController::want(const QString& runsFolder) {
    if (!m_wanted.contains(runsFolder))
        m_wanted.append(runsFolder);
    m_queue.look();
    startNext();
    Q_EMIT changed();
}

RunController::Next RunController::nextOf(std::shared_ptr<engine::QueueRunner> runner,
                                          const std::filesystem::path& folder) {
    if (runner && runner->runsFolder() != folder)
        runner.reset();
    if (!runner) {
        if (QString who = words(engine::whoRunsQueue(folder)); !who.isEmpty())
            return {{}, {}, who};
        runner = std::make_shared<engine::QueueRunner>(folder, "A window");
    }
    auto run = runner->next();
    if (!run)
        runner.reset(); // who comes next may train what comes next
    return {std::move(runner), std::move(run), {}};
}

void RunController::startNext() {
    if (m_current || m_asking || m_wanted.isEmpty())
        return;
    m_asking = true;
    m_makers.run([runner = std::exchange(m_runner, nullptr),
                  folder = toPath(m_wanted.first())]() mutable { return nextOf(std::move(runner), folder); },
                 [this](Outcome<Next> outcome) { take(std::move(outcome)); });
}

void RunController::take(Outcome<Next> outcome) {
    m_asking = false;
    m_queue.look();
    auto* next = std::get_if<0>(&outcome);
    if (next && next->run && m_wanted.isEmpty()) { // stopped meanwhile
        giveBack(std::move(*next));
    } else if (next && next->run) {
        m_runner = std::move(next->runner);
        begin(*next->run);
        return;
    } else if (!m_wanted.isEmpty()) {
        m_wanted.removeFirst();
    }
    if (const auto* trouble = std::get_if<1>(&outcome))
        Q_EMIT failed(trouble->message, trouble->remedy);
    else if (!next->elsewhere.isEmpty())
        Q_EMIT waitsElsewhere(next->elsewhere);
    startNext();
    Q_EMIT changed();
    if (!active())
        Q_EMIT idle();
}

// At once: the program may be about to end.
void RunController::giveBack(Next next) {
    try {
        next.runner->giveBack();
    } catch (const engine::Error&) {
        const Trouble trouble = currentTrouble();
        Q_EMIT failed(trouble.message, trouble.remedy);
    }
}

void RunController::begin(const engine::QueuedRun& run) {
    const QString folder = words(run.folder);
    m_current = std::make_unique<Job>(Job{words(run.id()), folder, run.changes, std::make_shared<engine::RunControl>(),
                                          std::make_shared<LatestProgress>()});
    m_failures.remove(m_current->id);
    m_trainer.run(
        [job = *m_current] { return engine::train(toPath(job.folder), *job.control, job.progress.get(), job.changes); },
        [this](Outcome<engine::RunSummary> outcome) { finish(outcome); });
    Q_EMIT started(m_current->id, m_current->folder);
    Q_EMIT changed();
}

// Others may train what waits.
void RunController::letGo() {
    m_makers.run(
        [runner = std::exchange(m_runner, nullptr)]() mutable {
            runner.reset();
            return true;
        },
        [this](const Outcome<bool>&) { m_queue.look(); });
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
    if (m_wanted.isEmpty())
        letGo();
    startNext();
    Q_EMIT changed();
    Q_EMIT ended(job->id, summary);
    if (!active())
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
    if (!startNext)
        m_wanted.clear();
    m_current->control->requestStop();
    Q_EMIT changed();
}

void RunController::replaceFreeze(engine::FreezeChange change) {
    if (m_current)
        m_current->control->replaceFreeze(std::move(change));
}

bool RunController::withdrawFreeze() { return m_current && m_current->control->takeFreezeChange().has_value(); }
bool RunController::freezeWaits() const { return m_current && m_current->control->freezeChangeWaits(); }

void RunController::stopAll() {
    m_wanted.clear();
    if (m_current)
        stop(false);
    else if (!m_asking)
        Q_EMIT idle();
}

bool RunController::queueStands() const {
    const bool mine = m_making > 0 || (active() && m_wanted.contains(m_queue.folder()));
    return !m_queue.waiting().empty() && !mine && m_queue.runner().isEmpty();
}

std::optional<double> RunController::secondsToStart(const QString& id) const {
    const int place = m_queue.placeOf(id);
    const auto now = progress();
    if (place < 0 || !now || !std::isfinite(now->leftSeconds) || paused() || !m_wanted.contains(m_queue.folder()))
        return std::nullopt;
    const auto before = m_queue.secondsBefore(place);
    return before ? std::optional(now->leftSeconds + *before) : std::nullopt;
}

bool RunController::stopping() const { return m_current && m_current->control->stopRequested(); }
bool RunController::paused() const { return m_current && m_current->control->paused(); }
QString RunController::currentId() const { return m_current ? m_current->id : QString(); }
QString RunController::currentFolder() const { return m_current ? m_current->folder : QString(); }

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
