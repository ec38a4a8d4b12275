#include "engine/api/error.h"
#include "engine/api/fork.h"
#include "engine/api/importruns.h"
#include "engine/api/knobs.h"
#include "engine/api/liverun.h"
#include "engine/api/metrics.h"
#include "engine/api/run.h"
#include "engine/cli/commands.h"
#include "engine/cli/newevents.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fmt/ranges.h>
#include <limits>
#include <memory>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

double valueOf(const std::map<std::string, double>& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

std::string numberWords(double value) { return std::isfinite(value) ? fmt::format("{:.4g}", value) : "–"; }

// The metrics of which any of these runs has a value, the loss last.
std::vector<MetricInfo> measured(const std::vector<RunSummary>& runs) {
    std::vector<MetricInfo> all = metrics();
    for (const RunSummary& run : runs) // and those of later versions
        if (std::ranges::find(all, run.monitor, &MetricInfo::name) == all.end())
            all.push_back(findMetric(run.monitor));
    std::erase_if(all, [&runs](const MetricInfo& metric) {
        return std::ranges::none_of(
            runs, [&](const RunSummary& run) { return run.last.contains(validationSeries(metric.name)); });
    });
    std::ranges::stable_partition(all, [](const MetricInfo& metric) { return metric.name != "loss"; });
    return all;
}

enum class Archived { Left, Listed };

void list(const fs::path& folder, Archived archived, const Context& context) {
    std::vector<RunSummary> runs = listRuns(folder);
    if (archived == Archived::Left)
        std::erase_if(runs, [](const RunSummary& run) { return run.archived; });
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const RunSummary& run : runs)
            all.push_back(summaryJson(run));
        printJson(all);
        return;
    }
    if (runs.empty()) {
        say("There are no runs in {}. Train one with: thaw train EXPERIMENT.toml", folder.string());
        return;
    }
    std::vector<std::vector<std::string>> rows = {
        {"", "Name", "Run", "State", "Started", "Epochs", "Best", "Loss", "Time", "Tags"}};
    for (const RunSummary& run : runs)
        rows.push_back({run.starred ? "★" : "", run.name, run.id, runStateName(run.state), dateWords(run.startedAt),
                        fmt::format("{}/{}", run.epoch, run.epochs), metricWords(monitored(run), bestMonitored(run)),
                        numberWords(valueOf(run.best, validationSeries("loss"))), timeWords(run.seconds),
                        fmt::format("{}", fmt::join(run.tags, ", "))});
    printTable(rows, {false, false, false, false, false, true, true, true, true, false});
    for (const RunSummary& run : runs)
        if (!run.damage.empty())
            say("Note: {}: {}", run.id, run.damage);
}

void show(const fs::path& folder, const Context& context) {
    RunReader reader(folder);
    const RunSummary& run = reader.summary();
    if (context.json) {
        printJson(summaryJson(run));
        return;
    }
    fmt::print("{}  {}  {}\n", run.name, runStateName(run.state), folder.string());
    if (!run.damage.empty())
        fmt::print("{}\n", run.damage);
    if (!run.failure.empty())
        fmt::print("{} {}\n", run.failure, run.remedy);
    if (const auto lineage = lineageOf(folder))
        fmt::print("Forked from {} at step {}\n", lineage->name, lineage->step);
    fmt::print("Epoch {} of {}, step {} of {}, {} on {}\n", run.epoch, run.epochs, run.step, run.steps,
               timeWords(run.seconds), run.device);
    fmt::print("{} of {} parameters trained\n\n", countWords(double(run.trainableParameters)),
               countWords(double(run.parameters)));
    std::vector<std::vector<std::string>> rows = {{"Series", "Best", "Last", "Points"}};
    for (const std::string& name : reader.seriesNames())
        rows.push_back({name, numberWords(valueOf(run.best, name)), numberWords(valueOf(run.last, name)),
                        std::to_string(reader.series(name).step.size())});
    printTable(rows, {false, true, true, true});
    fmt::print("\n");
    for (const RunEvent& event : reader.events())
        fmt::print("{}  {:<10}  {}\n", dateWords(event.time), eventKindName(event.kind), event.text);
}

void compare(const std::vector<fs::path>& folders, const Context& context) {
    std::vector<Experiment> experiments;
    std::vector<RunSummary> runs;
    for (const fs::path& folder : folders) {
        const RunReader reader(folder);
        experiments.push_back(reader.experiment());
        runs.push_back(reader.summary());
    }
    const std::vector<SettingDifference> different = differences(experiments);
    if (context.json) {
        nlohmann::json summaries = nlohmann::json::array(), settings = nlohmann::json::object();
        for (const RunSummary& run : runs)
            summaries.push_back(summaryJson(run));
        for (const SettingDifference& row : different)
            settings[row.key] = row.values;
        printJson({{"runs", summaries}, {"differences", settings}});
        return;
    }
    std::vector<std::vector<std::string>> rows(1, {""});
    std::vector<bool> right(1, false);
    for (const RunSummary& run : runs) {
        rows[0].push_back(run.name);
        right.push_back(true);
    }
    const auto addRow = [&](const std::string& name, auto value) {
        rows.push_back({name});
        for (const RunSummary& run : runs)
            rows.back().push_back(value(run));
    };
    addRow("State", [](const RunSummary& run) { return std::string(runStateName(run.state)); });
    const std::vector<MetricInfo> shown = measured(runs);
    for (const MetricInfo& metric : shown)
        addRow(fmt::format("Best {}", loweredLabel(metric)), [&metric](const RunSummary& r) {
            return metricWords(metric, valueOf(r.best, validationSeries(metric.name)));
        });
    addRow("at epoch", [](const RunSummary& r) { return r.bestEpoch > 0 ? std::to_string(r.bestEpoch) : "–"; });
    for (const MetricInfo& metric : shown)
        addRow(fmt::format("Last {}", loweredLabel(metric)), [&metric](const RunSummary& r) {
            return metricWords(metric, valueOf(r.last, validationSeries(metric.name)));
        });
    addRow("Time", [](const RunSummary& r) { return timeWords(r.seconds); });
    addRow("Parameters trained", [](const RunSummary& r) { return countWords(double(r.trainableParameters)); });
    for (const SettingDifference& row : different) {
        rows.push_back({row.label});
        rows.back().insert(rows.back().end(), row.values.begin(), row.values.end());
    }
    printTable(rows, right);
}

struct RunsOptions {
    std::string runs;
    std::vector<std::string> names;
    std::string one; // the run before another word: as the only one of several it would take that too
    std::vector<std::string> tags;
    std::string name;
    std::int64_t step = 0;
    bool all = false;
    bool yes = false;

    [[nodiscard]] fs::path found(const std::string& run) const { return findRun(run, runsFolder(runs)); }
    [[nodiscard]] fs::path first() const { return found(names.front()); }
};
using OptionsPointer = std::shared_ptr<RunsOptions>;

// A note that is set or taken away.
struct Mark {
    const char* name;
    const char* words;
    bool RunNotes::*note;
    bool value;
};
constexpr Mark kMarks[] = {{"star", "Give runs a star", &RunNotes::starred, true},
                           {"unstar", "Take it away", &RunNotes::starred, false},
                           {"archive", "Leave runs out of the lists", &RunNotes::archived, true},
                           {"unarchive", "List them again", &RunNotes::archived, false}};

void addLooking(CLI::App& command, const OptionsPointer& options, Context& context) {
    CLI::App* listing = command.add_subcommand("list", "All runs, newest first");
    listing->add_flag("--all", options->all, "Also those that are archived");
    listing->callback([options, &context] {
        list(runsFolder(options->runs), options->all ? Archived::Listed : Archived::Left, context);
    });
    CLI::App* showing = command.add_subcommand("show", "One run: best and last values, events");
    showing->add_option("run", options->names, "Folder, id or name")->required()->expected(1);
    showing->callback([options, &context] { show(options->first(), context); });
    CLI::App* comparing = command.add_subcommand("compare", "Runs side by side: results and the settings that differ");
    comparing->add_option("run", options->names, "Folders, ids or names")->required()->expected(2, 100);
    comparing->callback([options, &context] {
        std::vector<fs::path> folders;
        for (const std::string& name : options->names)
            folders.push_back(options->found(name));
        compare(folders, context);
    });
}

// What is asked of whoever trains the run, a window or a command line.
struct Ask {
    RunCommand command;
    const char* words;
};
constexpr Ask kAsks[] = {{RunCommand::Pause, "Ask whoever trains the run to pause"},
                         {RunCommand::Resume, "… to resume after a pause"},
                         {RunCommand::Stop, "… to stop after the step that is being made"},
                         {RunCommand::StopAfterEpoch, "… to stop after this epoch and its validation"},
                         {RunCommand::GoOnAfterEpoch, "… to go on after it all the same"},
                         {RunCommand::Checkpoint, "… to write a checkpoint now, which is kept"}};

// Sets knobs, and waits until the training has told what came of it.
void set(const fs::path& folder, const std::vector<std::string>& settings) {
    NewEvents events(folder);
    sendKnobs(folder, changesOf(settings));
    const bool told = events.await(std::chrono::seconds(10), {}, [](const RunEvent& event) {
        if (event.kind == EventKind::Knob)
            say("{} after step {}", event.text, event.step);
        return event.kind == EventKind::Knob;
    });
    if (told)
        return;
    say("It is asked for; the run's record will say what came of it. {}",
        events.reader().summary().state == RunState::Paused ? "The run is paused." : "Nothing changed so far.");
}

void addSteering(CLI::App& command, const OptionsPointer& options) {
    for (const Ask& ask : kAsks) {
        CLI::App* asking = command.add_subcommand(runCommandName(ask.command), ask.words);
        asking->add_option("run", options->names, "Folder, id or name")->required()->expected(1);
        asking->callback([options, ask] { sendCommand(options->first(), ask.command); });
    }
    CLI::App* setting = command.add_subcommand("set", "Change settings of a run while it is trained");
    setting->add_option("run", options->one, "Folder, id or name")->required();
    setting->add_option("settings", options->tags, fmt::format("Of {}", fmt::join(knobKeys(), ", ")))
        ->required()
        ->type_name("KEY=VALUE");
    setting->callback([options] { set(options->found(options->one), options->tags); });
}

void addForking(CLI::App& command, const OptionsPointer& options, Context& context) {
    CLI::App* forking = command.add_subcommand(
        "fork", "Make a new run that goes its own way from a step of this one, once it is resumed");
    forking->add_option("run", options->one, "Folder, id or name")->required();
    forking->add_option("--step", options->step, "The newest checkpoint at or before it is taken")->required();
    forking->add_option("--name", options->name, "Of the new run");
    forking->callback([options, &context] {
        const fs::path made = forkRun(options->found(options->one), options->step, options->name);
        const std::int64_t step = lineageOf(made)->step;
        if (context.json)
            printJson({{"run", made.string()}, {"step", step}});
        else
            fmt::print("{}  begins with step {}. Go on with: thaw train --resume {}\n", made.filename().string(), step,
                       made.string());
    });
}

void addNoting(CLI::App& command, const OptionsPointer& options) {
    CLI::App* renaming = command.add_subcommand("rename", "Give a run another name");
    renaming->add_option("run", options->one, "Folder, id or name")->required();
    renaming->add_option("name", options->name, "The new one; empty: the experiment's")->required();
    renaming->callback([options] {
        editRunNotes(options->found(options->one), [options](RunNotes& notes) { notes.name = options->name; });
    });
    CLI::App* tagging = command.add_subcommand("tag", "Give a run these tags in place of those that it has");
    tagging->add_option("run", options->one, "Folder, id or name")->required();
    tagging->add_option("tags", options->tags, "None: it loses them");
    tagging->callback([options] {
        editRunNotes(options->found(options->one), [options](RunNotes& notes) { notes.tags = options->tags; });
    });
    for (const Mark& mark : kMarks) {
        CLI::App* marking = command.add_subcommand(mark.name, mark.words);
        marking->add_option("run", options->names, "Folders, ids or names")->required();
        marking->callback([options, mark] {
            for (const std::string& name : options->names)
                editRunNotes(options->found(name), [mark](RunNotes& notes) { notes.*mark.note = mark.value; });
        });
    }
}

void addImporting(CLI::App& command, const OptionsPointer& options, Context& context) {
    CLI::App* importing =
        command.add_subcommand("import", "Take runs that TensorBoard's event files hold, to be looked at and compared");
    importing->add_option("source", options->one, "Folder of event files, with those below it, or one file")
        ->required();
    importing->callback([options, &context] {
        const std::vector<ImportedRun> made = importRuns(options->one, runsFolder(options->runs));
        if (context.json) {
            nlohmann::json all = nlohmann::json::array();
            for (const ImportedRun& run : made)
                all.push_back({{"run", run.folder.string()},
                               {"name", run.name},
                               {"series", run.series},
                               {"points", run.points},
                               {"notes", run.notes}});
            printJson(all);
            return;
        }
        for (const ImportedRun& run : made) {
            fmt::print("{}  {} series, {} points  {}\n", run.name, run.series, run.points, run.folder.string());
            for (const std::string& note : run.notes)
                say("Note: {}", note);
        }
    });
}

void addDeleting(CLI::App& command, const OptionsPointer& options) {
    CLI::App* deleting = command.add_subcommand("delete", "Delete runs with their checkpoints");
    deleting->add_option("run", options->names, "Folders, ids or names")->required();
    deleting->add_flag("--yes", options->yes, "Do it; otherwise only say what would be deleted");
    deleting->callback([options] {
        for (const std::string& name : options->names) {
            const fs::path folder = options->found(name);
            if (options->yes)
                deleteRun(folder);
            say("{} {}", options->yes ? "Deleted" : "Would delete (add --yes)", folder.string());
        }
    });
}

} // namespace

void addRuns(CLI::App& app, Context& context) {
    auto options = std::make_shared<RunsOptions>();
    CLI::App* command = app.add_subcommand("runs", "List, show, compare, steer, name, import and delete runs");
    command->require_subcommand(1);
    command->add_option("--runs", options->runs, "Folder that holds the runs; otherwise ./runs");
    addLooking(*command, options, context);
    addSteering(*command, options);
    addRankSteering(*command, [options](const std::string& run) { return options->found(run); });
    addForking(*command, options, context);
    addNoting(*command, options);
    addImporting(*command, options, context);
    addDeleting(*command, options);
}

} // namespace engine::cli
