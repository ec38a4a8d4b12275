#include "src/runcontroller.h"

#include "engine/api/fork.h"
#include "engine/api/gpus.h"
#include "src/latestprogress.h"
#include "src/values.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <utility>

namespace app {
namespace {

constexpr int kLookAgainMs = 1000;
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
    m_lookAgain.setSingleShot(true);
    m_lookAgain.setInterval(kLookAgainMs);
    connect(&m_lookAgain, &QTimer::timeout, this, &RunController::startNext);
}

RunController::~RunController() {
    m_wanted.clear();
    if (m_current)
        m_current->control->requestStop();
    for (const auto& job : m_beside)
        job->control->requestStop();
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
    if (trains(QFileInfo(runFolder).fileName()))
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
                                          const std::filesystem::path& folder, const QStringList& over) {
    if (runner)
        for (const auto& id : over)
            runner->ended(id.toStdString());
    if (runner && runner->runsFolder() != folder)
        runner.reset();
    Next found;
    if (!runner) {
        found.elsewhere = words(engine::whoRunsQueue(folder));
        if (!found.elsewhere.isEmpty())
            return found;
        runner = std::make_shared<engine::QueueRunner>(folder, "A window");
    }
    const engine::GpuMachine machine = engine::lookAtGpus();
    engine::QueueRunner::Next next = runner->next(machine);
    found.oneLane = machine.gpus.empty();
    found.run = std::move(next.run);
    found.claims = std::make_shared<engine::DeviceClaims>(std::move(next.claims));
    found.waits = next.waits;
    found.runner = std::move(runner);
    return found;
}

void RunController::startNext() {
    if ((m_current && m_oneLane) || m_asking || m_wanted.isEmpty())
        return;
    m_asking = true;
    m_makers.run([runner = std::exchange(m_runner, nullptr), folder = toPath(m_wanted.first()),
                  over = std::exchange(m_over, {})]() mutable { return nextOf(std::move(runner), folder, over); },
                 [this](Outcome<Next> outcome) { take(std::move(outcome)); });
}

void RunController::take(Outcome<Next> outcome) {
    m_asking = false;
    m_queue.look();
    auto* next = std::get_if<0>(&outcome);
    if (next && next->run && m_wanted.isEmpty()) { // stopped meanwhile
        giveBack(*next);
    } else if (next && next->run) {
        m_runner = next->runner;
        m_oneLane = next->oneLane;
        begin(*next);
        startNext(); // others may have devices too
        return;
    } else if (next && next->runner && !m_wanted.isEmpty() && (next->waits || busy())) {
        m_runner = next->runner; // until devices are free, or those that run have ended
        if (next->waits)
            m_lookAgain.start();
        Q_EMIT changed();
        return;
    } else if (!m_wanted.isEmpty()) {
        m_wanted.removeFirst();
    }
    if (next && next->runner && !m_runner) { // whoever comes next may train what comes next
        m_runner = std::move(next->runner);
        letGo();
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
void RunController::giveBack(const Next& next) {
    try {
        next.runner->giveBack(next.run->id());
    } catch (const engine::Error&) {
        const Trouble trouble = currentTrouble();
        Q_EMIT failed(trouble.message, trouble.remedy);
    }
}

void RunController::begin(const Next& next) {
    const engine::QueuedRun& run = *next.run;
    auto job = std::make_unique<Job>(Job{words(run.id()), words(run.folder), run.changes, run.devices, next.claims,
                                         std::make_shared<engine::RunControl>(), std::make_shared<LatestProgress>()});
    m_failures.remove(job->id);
    using In = engine::Placement::In;
    const In in = m_current ? In::ItsOwn : In::ThisProcess;
    (m_current ? m_besides : m_trainer)
        .run(
            [job = *job, in] {
                return engine::trainOn({.devices = job.devices, .claims = std::move(*job.claims), .in = in},
                                       toPath(job.folder), *job.control, job.progress.get(), job.changes);
            },
            [this, id = job->id](Outcome<engine::RunSummary> outcome) { finish(id, outcome); });
    const QString id = job->id, folder = job->folder;
    if (m_current)
        m_beside.push_back(std::move(job));
    else
        m_current = std::move(job);
    Q_EMIT started(id, folder);
    Q_EMIT changed();
}

bool RunController::trains(const QString& id) const {
    return id == currentId() || std::ranges::any_of(m_beside, [&id](const auto& job) { return job->id == id; });
}

std::unique_ptr<RunController::Job> RunController::takeJob(const QString& id) {
    std::unique_ptr<Job> job;
    if (m_current && m_current->id == id)
        job = std::move(m_current);
    for (auto& one : m_beside)
        if (one && one->id == id)
            job = std::move(one);
    std::erase(m_beside, nullptr);
    if (!m_current && !m_beside.empty()) { // one of them is the one that is shown
        m_current = std::move(m_beside.front());
        m_beside.erase(m_beside.begin());
    }
    return job;
}

// Others may train what waits.
void RunController::letGo() {
    m_makers.run(
        [runner = std::exchange(m_runner, nullptr)]() mutable {
            runner.reset(); // nothing is trained any more
            return true;
        },
        [this](const Outcome<bool>&) { m_queue.look(); });
}

void RunController::finish(const QString& id, const Outcome<engine::RunSummary>& outcome) {
    const std::unique_ptr<Job> job = takeJob(id);
    m_over.append(id);
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
    if (m_wanted.isEmpty() && !busy())
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
    m_lookAgain.stop();
    for (const auto& job : m_beside)
        job->control->requestStop();
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
    if (const auto& lanes = m_queue.lanes(); place >= 0 && lanes.devices.size() > 1) {
        const bool known = std::ranges::all_of(lanes.blocks, [](const auto& block) { return block.known; });
        const auto block = std::ranges::find(lanes.blocks, id.toStdString(), &engine::QueueBlock::run);
        return known && block != lanes.blocks.end() ? std::optional(block->start) : std::nullopt;
    }
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
    for (const auto& job : m_beside)
        if (job->id == id)
            return job->progress->latest();
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
