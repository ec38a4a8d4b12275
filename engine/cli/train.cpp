#include "engine/api/train.h"
#include "engine/api/error.h"
#include "engine/api/export.h"
#include "engine/api/freezefile.h"
#include "engine/api/knobs.h"
#include "engine/api/metrics.h"
#include "engine/api/tasks.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct TrainOptions {
    std::string experiment;
    std::string runDir;
    std::string resume;
    std::string runs;
    std::string freeze;
    std::vector<std::string> settings;
    bool strict = false;
};

void takePlan(Experiment& experiment, const std::string& file) {
    const ImportedFreeze read = importFreezeSchedule(file, experiment);
    experiment.freeze = read.settings;
    sayNotes(read.notes);
}

fs::path prepareResume(const TrainOptions& options, std::vector<ChangedSetting>& changes) {
    if (!options.freeze.empty())
        throw Error(ErrorKind::BadInput, "A resumed run keeps its freeze plan.", "Leave --freeze out.");
    const fs::path folder = findRun(options.resume, runsFolder(options.runs));
    changes = changesOf(options.settings);
    sayNotes(planResume(folder, changes).notes);
    return folder;
}

fs::path prepareRun(const TrainOptions& options) {
    if (options.experiment.empty())
        throw Error(ErrorKind::BadInput, "No experiment is given.", "Name an experiment file or --resume RUN.");
    Experiment experiment = experimentOf(options.experiment, options.settings);
    if (!options.freeze.empty())
        takePlan(experiment, options.freeze);
    if (!options.runDir.empty())
        (void)requireFree(options.runDir);
    check(experiment, options.strict ? Warnings::Errors : Warnings::Told);
    const fs::path run = options.runDir.empty() ? createRun(experiment, runsFolderOf(options.experiment, options.runs))
                                                : createRunAt(experiment, options.runDir);
    repeatKnobs(experiment.directory, run); // of a run whose file it is
    return run;
}

void runTrain(const TrainOptions& options, Context& context) {
    std::vector<ChangedSetting> changes;
    const fs::path folder = options.resume.empty() ? prepareRun(options) : prepareResume(options, changes);
    say("Run: {}", folder.string());
    RunControl control;
    const StopSignals signals(control);
    const RunSummary summary = trainWithBar({}, folder, control, changes);
    if (context.json)
        printJson(summaryJson(summary));
    sayOutcome(summary);
    if (summary.state == RunState::Stopped)
        context.exitCode = ::engine::exitCode(ErrorKind::Stopped);
}

nlohmann::json evaluationJson(const Evaluation& result) {
    nlohmann::json answer = {{"task", result.task},       {"samples", result.samples},  {"confusion", result.confusion},
                             {"classes", result.classes}, {"left_out", result.leftOut}, {"notes", result.notes},
                             {"seconds", result.seconds}};
    for (const auto& [metric, value] : result.values)
        answer[metric] = value;
    for (const auto& [metric, values] : result.perClass) {
        nlohmann::json& perClass = answer["per_class_" + metric] = nlohmann::json::object();
        for (std::size_t i = 0; i < result.classes.size(); ++i)
            perClass[result.classes[i]] = values[i];
    }
    return answer;
}

// "Accuracy 91.3 %, loss 0.2134, 51 pictures, 0.4 s", then a row a class.
void print(const Evaluation& result) {
    const TaskInfo task = findTask(result.task);
    std::string all;
    for (const std::string& name : task.metrics)
        if (const auto value = result.values.find(name); value != result.values.end() && name != "loss")
            all += fmt::format("{} {}, ", findMetric(name).label, metricWords(findMetric(name), value->second));
    fmt::print("{}loss {:.4f}, {} {}{}, {:.1f} s\n", all, result.values.at("loss"), result.samples, task.samples,
               result.leftOut > 0 ? fmt::format(" ({} left out)", result.leftOut) : "", result.seconds);
    std::vector<std::vector<std::string>> rows = {{"Class"}};
    std::vector<bool> numbers = {false};
    for (const auto& [metric, values] : result.perClass) {
        rows.front().push_back(findMetric(metric).label);
        numbers.push_back(true);
    }
    for (std::size_t i = 0; i < result.classes.size(); ++i) {
        rows.push_back({result.classes[i]});
        for (const auto& [metric, values] : result.perClass)
            rows.back().push_back(metricWords(findMetric(metric), values[i]));
    }
    printTable(rows, numbers);
}

} // namespace

void addTrain(CLI::App& app, Context& context) {
    auto options = std::make_shared<TrainOptions>();
    CLI::App* command = app.add_subcommand("train", "Train an experiment, or go on with a run");
    command->add_option("experiment", options->experiment, "Experiment file (TOML)");
    command->add_option("--run-dir", options->runDir,
                        "Folder of the new run; otherwise <experiment's folder>/runs/<time>-<name>");
    command->add_option("--set", options->settings, "Change a setting: section.key=value; may be given several times")
        ->type_name("KEY=VALUE");
    command->add_option("--resume", options->resume, "Go on with this run: folder, id or name");
    command->add_option("--runs", options->runs, "Folder that holds the runs");
    command->add_option("--freeze", options->freeze, "Freeze plan from a schedule of Finetuning-Scheduler (YAML)");
    command->add_flag("--strict", options->strict, "A warning before the first step is an error (exit code 2)");
    command->footer(
        "Ctrl-C stops in a state that --resume continues exactly. With --resume, --set changes what a run under way "
        "can "
        "follow: train.epochs=N trains longer, train.learning_rate=X begins a new schedule, data.path=FOLDER names the "
        "place of the pictures.");
    command->callback([options, &context] { runTrain(*options, context); });
}

void addEvaluate(CLI::App& app, Context& context) {
    struct TrainOptions {
        std::string run, data, runs, backbone, weights, labels;
    };
    auto options = std::make_shared<TrainOptions>();
    CLI::App* command =
        app.add_subcommand("evaluate", "Validate a run's best checkpoint, or weights with their own head");
    command->add_option("run", options->run,
                        "Folder, id or name of the run, or what export wrote of it; none with --backbone");
    command->add_option("--backbone", options->backbone, "Validate weights of this backbone on --data");
    command->add_option("--weights", options->weights, "Weights for --backbone; otherwise the usual ones");
    command->add_option("--labels", options->labels, "Class names for --backbone, one per line");
    command->add_option("--data", options->data,
                        "Folder of class folders; otherwise the run's own validation pictures");
    command->add_option("--runs", options->runs, "Folder that holds the runs");
    command->callback([options, &context] {
        RunControl control;
        const StopSignals signals(control);
        const bool run = options->backbone.empty();
        if (run == options->run.empty() || (!run && options->data.empty()))
            throw Error(ErrorKind::BadInput, "Neither a run nor a backbone with data is given, or both are.",
                        "Name a run, or --backbone NAME --weights FILE --data DIR.");
        const bool exported = run && isExport(options->run);
        const fs::path folder = exported ? fs::path(options->run)
                                : run    ? findRun(options->run, runsFolder(options->runs))
                                         : usedWeights(options->backbone, options->weights);
        const Evaluation result =
            exported ? evaluateExport(folder, options->data, control)
            : run    ? evaluate(folder, options->data, control)
                     : evaluateWeights(options->backbone, folder, options->labels, options->data, control);
        for (const std::string& note : result.notes)
            say("Note: {}", note);
        if (context.json) {
            nlohmann::json answer = evaluationJson(result);
            answer[run ? "run" : "weights"] = folder.string();
            printJson(answer);
        } else {
            print(result);
        }
    });
}

} // namespace engine::cli
