#include "engine/api/queue.h"

#include "engine/api/error.h"
#include "engine/api/gpus.h"
#include "engine/api/liverun.h"
#include "engine/api/submit.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct QueueOptions {
    std::string runs;
    std::vector<std::string> what;
    std::vector<std::string> settings;
    std::string moved;
    std::size_t place = 1;
    std::string notBefore;

    [[nodiscard]] fs::path folder() const { return runsFolder(runs); }
};

nlohmann::json toJson(const QueuedRun& run) {
    nlohmann::json changes = nlohmann::json::object();
    for (const ChangedSetting& change : run.changes)
        changes[change.key] = change.value;
    nlohmann::json object = {{"run", run.folder.string()}, {"changes", changes}, {"about_seconds", run.aboutSeconds}};
    if (run.notBefore > 0)
        object["not_before"] = run.notBefore;
    if (!run.devices.empty())
        object["devices"] = run.devices;
    return object;
}

// Runs that a scheduler has, and where each stands there.
std::vector<std::pair<std::string, std::string>> submittedRuns(const fs::path& folder) {
    std::vector<std::pair<std::string, std::string>> result;
    for (const RunSummary& run : listRuns(folder))
        if (const auto submission = submissionOf(folder / run.id); submission && run.state != RunState::Finished)
            if (const std::string state = submissionState(*submission); !state.empty())
                result.emplace_back(run.id,
                                    fmt::format("{} job {}, {}", submission->scheduler, submission->job, state));
    return result;
}

double clockNow() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::map<std::string, double> secondsLeft(const QueueState& queue) {
    std::map<std::string, double> left;
    for (const QueuedRun& run : queue.running)
        if (const auto progress = readProgress(run.folder); progress && std::isfinite(progress->leftSeconds))
            left[run.id()] = progress->leftSeconds;
    return left;
}

nlohmann::json toJson(const QueueLanes& lanes) {
    nlohmann::json all = nlohmann::json::object();
    for (const std::string& device : lanes.devices) {
        all[device] = nlohmann::json::array();
        for (const QueueBlock& block : lanes.blocks)
            if (std::ranges::find(block.devices, device) != block.devices.end())
                all[device].push_back({{"run", block.run},
                                       {"used_by", block.who},
                                       {"from_s", block.start},
                                       {"to_s", block.end},
                                       {"known", block.known}});
    }
    return all;
}

void listAsJson(const QueueOptions& options, const QueueState& queue, const QueueLanes& lanes) {
    nlohmann::json waiting = nlohmann::json::array(), running = nlohmann::json::array();
    for (const QueuedRun& run : queue.waiting)
        waiting.push_back(toJson(run));
    for (const QueuedRun& run : queue.running)
        running.push_back(toJson(run));
    nlohmann::json submitted = nlohmann::json::object();
    for (const auto& [run, state] : submittedRuns(options.folder()))
        submitted[run] = state;
    printJson({{"waiting", waiting},
               {"running", running},
               {"held", queue.held},
               {"devices", toJson(lanes)},
               {"trained_by", whoRunsQueue(options.folder())},
               {"submitted", submitted}});
}

// Of a run whose record or experiment cannot be read its training says so.
std::string nameOf(const QueuedRun& run) {
    try {
        return RunReader(run.folder).summary().name;
    } catch (const Error&) {
        return run.id();
    }
}

std::string devicesOf(const QueuedRun& run) {
    try {
        return fmt::format("{}", fmt::join(readExperiment(run.folder / "experiment.toml").devices.use, ","));
    } catch (const Error&) {
        return "–";
    }
}

// "parts, 1:30 left, then parts 2"
std::string laneWords(const QueueLanes& lanes, const std::string& device, const fs::path& folder) {
    std::string words;
    for (const QueueBlock& block : lanes.blocks) {
        if (std::ranges::find(block.devices, device) == block.devices.end())
            continue;
        const std::string name = block.run.empty() ? block.who : nameOf({.folder = folder / block.run});
        const bool now = block.running || block.run.empty();
        const std::string left = now && block.known ? fmt::format(", {} left", timeWords(block.end)) : std::string();
        words += words.empty() ? (now ? "" : "free, then ") : ", then ";
        words += name + left;
    }
    return words.empty() ? "free" : words;
}

void list(const QueueOptions& options, const Context& context) {
    const fs::path folder = options.folder();
    const QueueState queue = queueState(folder);
    const QueueLanes lanes = queueLanes(queue, lookAtGpus(), secondsLeft(queue));
    if (context.json) {
        listAsJson(options, queue, lanes);
        return;
    }
    const std::vector<QueuedRun>& waiting = queue.waiting;
    if (lanes.devices.size() > 1 || !queue.running.empty()) {
        std::vector<std::vector<std::string>> rows = {{"Device", "Now and next"}};
        for (const std::string& device : lanes.devices)
            rows.push_back({device, laneWords(lanes, device, folder)});
        printTable(rows, {false, false});
    }
    std::vector<std::vector<std::string>> rows = {{"Place", "Run", "Name", "Devices", "About", "Not before"}};
    for (std::size_t i = 0; i < waiting.size(); ++i)
        rows.push_back({std::to_string(i + 1), waiting[i].id(), nameOf(waiting[i]), devicesOf(waiting[i]),
                        waiting[i].aboutSeconds > 0 ? timeWords(waiting[i].aboutSeconds) : "–",
                        waiting[i].notBefore > 0 ? dateWords(waiting[i].notBefore) : "–"});
    if (!waiting.empty())
        printTable(rows, {true, false, false, false, true, false});
    const auto submitted = submittedRuns(folder);
    for (const auto& [run, state] : submitted)
        say("{}: {}", run, state);
    const std::string who = whoRunsQueue(folder);
    if (queue.held)
        say("The queue is held: nothing begins. Let it go on with: thaw queue go-on");
    if (!who.empty())
        say("{} trains what waits.", who);
    else if (waiting.empty() && submitted.empty())
        say("No run waits in {}.", folder.string());
    else if (!waiting.empty())
        say("Nobody trains what waits. Begin with: thaw queue run");
}

// A run that is there, or a new one of an experiment file.
QueuedRun queuedOf(const std::string& what, const QueueOptions& options) {
    if (const fs::path file = expandHome(what); isExperimentFile(what, options.folder())) {
        const Experiment experiment = experimentOf(file, options.settings);
        check(experiment, Warnings::Told);
        return {.folder = createRun(experiment, runsFolderOf(file, options.runs)), .changes = {}, .aboutSeconds = 0};
    }
    const QueuedRun run{.folder = findRun(what, options.folder()), .changes = changesOf(options.settings)};
    sayNotes(planResume(run.folder, run.changes).notes);
    return run;
}

void add(const QueueOptions& options) {
    const double notBefore = startTimeOf(options.notBefore, clockNow()); // before a run is made
    for (const std::string& what : options.what) {
        QueuedRun run = queuedOf(what, options);
        run.notBefore = notBefore;
        addToQueue(run);
        say("In the queue: {}", run.folder.string());
    }
}

[[noreturn]] void sayNotWaiting(const std::string& id) {
    throw Error(ErrorKind::NotFound, fmt::format("{} does not wait.", id), "thaw queue list names those that do.");
}

void remove(const QueueOptions& options) {
    for (const std::string& what : options.what)
        if (const fs::path run = findRun(what, options.folder());
            !takeOutOfQueue(run.parent_path(), run.filename().string()))
            sayNotWaiting(what);
}

void move(const QueueOptions& options) {
    const fs::path run = findRun(options.moved, options.folder());
    if (!moveInQueue(run.parent_path(), run.filename().string(), options.place - 1))
        sayNotWaiting(options.moved);
}

void setTime(const QueueOptions& options) {
    const fs::path run = findRun(options.moved, options.folder());
    const double time = startTimeOf(options.notBefore, clockNow());
    if (!setStartTime(run.parent_path(), run.filename().string(), time))
        sayNotWaiting(options.moved);
    say("{} begins {}.", run.filename().string(),
        time > 0 ? fmt::format("at {} or later", dateWords(time)) : std::string("as soon as its devices are free"));
}

// Trains what waits, several runs at once where they ask for different devices. One thread; each training has its own.
class QueueTrainer final {
public:
    QueueTrainer(const QueueOptions& options, RunControl& stop)
        : m_runner(options.folder(), "A command line"), m_stop(stop), m_several(!lookAtGpus().gpus.empty()) {}

    ~QueueTrainer() {
        for (const auto& job : m_jobs)
            job->control.requestStop();
    }
    QueueTrainer(const QueueTrainer&) = delete;
    QueueTrainer& operator=(const QueueTrainer&) = delete;

    // Until nothing waits, or it is stopped.
    void run() {
        std::unique_lock lock(m_mutex);
        for (;;) {
            takeEnded();
            if (m_stop.stopRequested())
                for (const auto& job : m_jobs)
                    job->control.requestStop();
            const bool waits = !m_stop.stopRequested() && startAll();
            if (m_jobs.empty() && !waits)
                return;
            m_changed.wait_for(lock, kLook);
        }
    }
    [[nodiscard]] int trained() const { return m_trained; }
    [[nodiscard]] int failed() const { return m_failed; }

private:
    static constexpr auto kLook = std::chrono::milliseconds(500);
    struct Job {
        QueuedRun run;
        RunControl control;
        bool over = false, good = false; // under m_mutex
        std::jthread thread;
    };

    // True: something waits that cannot begin now.
    bool startAll() {
        for (;;) {
            QueueRunner::Next next = m_runner.next(m_several ? lookAtGpus() : GpuMachine());
            if (!next.run) {
                if (next.waits && m_jobs.empty() && !std::exchange(m_toldWaiting, true))
                    say("What waits begins when its devices are free, and its time has come.");
                return next.waits;
            }
            m_toldWaiting = false;
            m_jobs.push_back(std::make_unique<Job>());
            Job& job = *m_jobs.back();
            job.run = *next.run;
            say("Run: {}{}", job.run.folder.string(),
                m_several && !job.run.devices.empty() ? fmt::format(" on {}", fmt::join(job.run.devices, ", "))
                                                      : std::string());
            job.thread = std::jthread([this, &job, claims = std::move(next.claims)]() mutable {
                const bool good = train(job, std::move(claims));
                const std::lock_guard lock(m_mutex);
                job.good = good;
                job.over = true;
                m_changed.notify_all();
            });
        }
    }
    void takeEnded() {
        std::erase_if(m_jobs, [this](const std::unique_ptr<Job>& job) {
            if (!job->over)
                return false;
            m_runner.ended(job->run.id());
            ++(job->good ? m_trained : m_failed);
            return true;
        });
    }
    // Of a run that fails it is said why, and the others go on.
    [[nodiscard]] bool train(Job& job, DeviceClaims claims) const {
        Placement placement{.devices = job.run.devices,
                            .claims = std::move(claims),
                            .in = m_several ? Placement::In::ItsOwn : Placement::In::ThisProcess};
        try {
            const RunSummary summary = trainWithBar(std::move(placement), job.run.folder, job.control, job.run.changes,
                                                    m_several ? Bar::None : Bar::Shown);
            if (m_several)
                say("{} {}.", summary.name, summary.state == RunState::Stopped ? "is stopped" : "has ended");
            sayOutcome(summary);
            return true;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::Stopped)
                return true;
            say("{} failed: {} {}", job.run.id(), error.what(), error.remedy());
            return false;
        }
    }

    QueueRunner m_runner;
    RunControl& m_stop;
    bool m_several;
    bool m_toldWaiting = false;
    int m_trained = 0, m_failed = 0;
    std::mutex m_mutex; // guards what a job says of its end
    std::condition_variable m_changed;
    std::vector<std::unique_ptr<Job>> m_jobs;
};

void trainAll(const QueueOptions& options, Context& context) {
    RunControl control;
    const StopSignals signals(control);
    QueueTrainer trainer(options, control);
    trainer.run();
    const int trained = trainer.trained(), failed = trainer.failed();
    if (context.json)
        printJson({{"trained", trained}, {"failed", failed}});
    if (control.stopRequested())
        context.exitCode = ::engine::exitCode(ErrorKind::Stopped);
    else if (failed > 0)
        context.exitCode = ::engine::exitCode(ErrorKind::Internal);
    if (trained + failed == 0)
        say("No run waits in {}.", options.folder().string());
}

} // namespace

void addQueue(CLI::App& app, Context& context) {
    auto options = std::make_shared<QueueOptions>();
    CLI::App* command = app.add_subcommand("queue", "The runs of a project that wait: see, change and train them");
    command->require_subcommand(1);
    command->add_option("--runs", options->runs, "Folder that holds the runs; otherwise ./runs");
    command->footer("A window on the same project shows the same queue; whoever trains it does so alone.");
    command->add_subcommand("list", "Those that wait, the next first")->callback([options, &context] {
        list(*options, context);
    });
    CLI::App* adding = command->add_subcommand("add", "Put runs at the end: new ones of experiment files, or old ones");
    adding->add_option("what", options->what, "Experiment files; folders, ids or names of runs")->required();
    adding->add_option("--set", options->settings, "Change a setting: section.key=value; may be given several times")
        ->type_name("KEY=VALUE");
    adding->add_option("--not-before", options->notBefore, "Earliest start: 08:30, \"2026-12-01 08:30\", +90m or +2h")
        ->type_name("TIME");
    adding->callback([options] { add(*options); });
    CLI::App* removing = command->add_subcommand("remove", "Take runs out; they stay and can be put in again");
    removing->add_option("run", options->what, "Folders, ids or names")->required();
    removing->callback([options] { remove(*options); });
    CLI::App* moving = command->add_subcommand("move", "Give a run another place");
    moving->add_option("run", options->moved, "Folder, id or name")->required();
    moving->add_option("place", options->place, "1 is the next to start")->required()->check(CLI::PositiveNumber);
    moving->callback([options] { move(*options); });
    CLI::App* timing = command->add_subcommand("at", "Give a run the earliest time at which it starts");
    timing->add_option("run", options->moved, "Folder, id or name")->required();
    timing->add_option("time", options->notBefore, "08:30, \"2026-12-01 08:30\", +90m, +2h, or now")->required();
    timing->callback([options] { setTime(*options); });
    command->add_subcommand("pause", "Let nothing begin any more; what is trained goes on")->callback([options] {
        pauseQueue(options->folder(), QueuePause::Held);
    });
    command->add_subcommand("go-on", "Let it go on after a pause")->callback([options] {
        pauseQueue(options->folder(), QueuePause::GoesOn);
    });
    CLI::App* training = command->add_subcommand(
        "run", "Train what waits until none does; on GPUs several at once, where they ask for different ones");
    training->footer(
        "Runs begin in their order, as soon as their devices are free. One that waits keeps what is free for it: a "
        "later one begins only on devices that no earlier one waits for. A run that fails never stops the queue.\n"
        "Ctrl-C stops what is trained, saved, and leaves the others in the queue.");
    training->callback([options, &context] { trainAll(*options, context); });
}

} // namespace engine::cli
