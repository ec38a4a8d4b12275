#include "engine/api/queue.h"

#include "engine/api/error.h"
#include "engine/api/submit.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct QueueOptions {
    std::string runs;
    std::vector<std::string> what;
    std::vector<std::string> settings;
    std::string moved;
    std::size_t place = 1;

    [[nodiscard]] fs::path folder() const { return runsFolder(runs); }
};

nlohmann::json toJson(const QueuedRun& run) {
    nlohmann::json changes = nlohmann::json::object();
    for (const ChangedSetting& change : run.changes)
        changes[change.key] = change.value;
    return {{"run", run.folder.string()}, {"changes", changes}, {"about_seconds", run.aboutSeconds}};
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

void list(const QueueOptions& options, const Context& context) {
    const std::vector<QueuedRun> waiting = queuedRuns(options.folder());
    const std::string who = whoRunsQueue(options.folder());
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const QueuedRun& run : waiting)
            all.push_back(toJson(run));
        nlohmann::json submitted = nlohmann::json::object();
        for (const auto& [run, state] : submittedRuns(options.folder()))
            submitted[run] = state;
        printJson({{"waiting", all}, {"trained_by", who}, {"submitted", submitted}});
        return;
    }
    std::vector<std::vector<std::string>> rows = {{"Place", "Run", "Name", "About"}};
    for (std::size_t i = 0; i < waiting.size(); ++i)
        rows.push_back({std::to_string(i + 1), waiting[i].id(), RunReader(waiting[i].folder).summary().name,
                        waiting[i].aboutSeconds > 0 ? timeWords(waiting[i].aboutSeconds) : "–"});
    if (!waiting.empty())
        printTable(rows, {true, false, false, true});
    const auto submitted = submittedRuns(options.folder());
    for (const auto& [run, state] : submitted)
        say("{}: {}", run, state);
    if (!who.empty())
        say("{} trains what waits.", who);
    else if (waiting.empty() && submitted.empty())
        say("No run waits in {}.", options.folder().string());
    else if (!waiting.empty())
        say("Nobody trains what waits. Begin with: thaw queue run");
}

// A run that is there, or a new one of an experiment file.
QueuedRun queuedOf(const std::string& what, const QueueOptions& options) {
    std::error_code code;
    if (const fs::path file = expandHome(what); fs::is_regular_file(file, code)) {
        const Experiment experiment = experimentOf(file, options.settings);
        check(experiment, Warnings::Told);
        return {.folder = createRun(experiment, runsFolderOf(file, options.runs)), .changes = {}, .aboutSeconds = 0};
    }
    const QueuedRun run{.folder = findRun(what, options.folder()), .changes = changesOf(options.settings)};
    sayNotes(planResume(run.folder, run.changes).notes);
    return run;
}

void add(const QueueOptions& options) {
    for (const std::string& what : options.what) {
        const QueuedRun run = queuedOf(what, options);
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

// Of a run that fails it is said why, and the next one begins.
bool trainQueued(const QueuedRun& run, RunControl& control) {
    say("Run: {}", run.folder.string());
    try {
        sayOutcome(trainWithBar(run.folder, control, run.changes));
        return true;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Stopped)
            return true;
        say("{} failed: {} {}", run.id(), error.what(), error.remedy());
        return false;
    }
}

void trainAll(const QueueOptions& options, Context& context) {
    QueueRunner runner(options.folder(), "A command line");
    RunControl control;
    const StopSignals signals(control);
    int trained = 0;
    int failed = 0;
    while (!control.stopRequested())
        if (const auto run = runner.next())
            ++(trainQueued(*run, control) ? trained : failed);
        else
            break;
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
    adding->callback([options] { add(*options); });
    CLI::App* removing = command->add_subcommand("remove", "Take runs out; they stay and can be put in again");
    removing->add_option("run", options->what, "Folders, ids or names")->required();
    removing->callback([options] { remove(*options); });
    CLI::App* moving = command->add_subcommand("move", "Give a run another place");
    moving->add_option("run", options->moved, "Folder, id or name")->required();
    moving->add_option("place", options->place, "1 is the next to start")->required()->check(CLI::PositiveNumber);
    moving->callback([options] { move(*options); });
    CLI::App* training = command->add_subcommand("run", "Train what waits, one after the other, until none does");
    training->footer("Ctrl-C stops the run that is trained, saved, and leaves the others in the queue.");
    training->callback([options, &context] { trainAll(*options, context); });
}

} // namespace engine::cli
