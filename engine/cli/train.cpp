#include "engine/api/train.h"
#include "engine/api/catalog.h"
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/freezefile.h"
#include "engine/api/metrics.h"
#include "engine/api/parameter.h"
#include "engine/api/tasks.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/progressbar.h"
#include "engine/cli/stopsignals.h"

#include <algorithm>
#include <cmath>

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

// As many files are opened before the first step; more would make a large data set wait for minutes.
constexpr std::size_t kMostOpened = 20'000;

enum class Warnings { Told, Errors };

// What the window shows before Train, in the same words; problems end here.
void check(const Experiment& experiment, Warnings warnings) {
    std::vector<Finding> findings = validate(experiment);
    const auto endAtProblem = [&findings] {
        for (const Finding& finding : findings)
            if (finding.severity == Severity::Problem)
                throw Error(ErrorKind::BadInput, fmt::format("{}: {}", finding.key, finding.message), finding.detail);
    };
    endAtProblem();
    (void)resolveFreeze(experiment.freeze, experiment.train.epochs, experiment.model.backbone, 1);
    const DataReport data = checkData(experiment, {}, nullptr, kMostOpened);
    for (const std::string& line : dataTable(data))
        say("{}", line);
    const auto weights = experiment.weightsPath();
    if (std::error_code code; !weights.empty() && fs::exists(weights, code))
        say("{}: {}", weights.filename().string(),
            weightsWords(inspectWeights(weights, experiment.model.backbone,
                                        std::max(1, static_cast<int>(data.classes.size())))));
    for (Finding& finding : examine(experiment, data))
        findings.push_back(std::move(finding));
    endAtProblem();
    for (const Finding& finding : findings)
        say("Warning: {}", words(finding));
    if (warnings == Warnings::Errors && !findings.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("With --strict a warning ends the training: {}", words(findings.front())),
                    "Mend it, or train without --strict.");
}

void takePlan(Experiment& experiment, const std::string& file) {
    const ImportedFreeze read = importFreezeSchedule(file, experiment);
    experiment.freeze = read.settings;
    for (const std::string& note : read.notes)
        say("Note: {}", note);
}

fs::path prepareResume(const TrainOptions& options, std::vector<ChangedSetting>& changes) {
    if (!options.freeze.empty())
        throw Error(ErrorKind::BadInput, "A resumed run keeps its freeze plan.", "Leave --freeze out.");
    const fs::path folder = findRun(options.resume, runsFolder(options.runs));
    changes = changesOf(options.settings);
    for (const std::string& note : planResume(folder, changes).notes)
        say("Note: {}", note);
    return folder;
}

fs::path prepareRun(const TrainOptions& options) {
    if (options.experiment.empty())
        throw Error(ErrorKind::BadInput, "No experiment is given.", "Name an experiment file or --resume RUN.");
    Experiment experiment = readExperiment(options.experiment);
    for (const auto& [key, value] : changesOf(options.settings))
        setParameterValue(experiment, key, value);
    if (!options.freeze.empty())
        takePlan(experiment, options.freeze);
    if (!options.runDir.empty())
        (void)requireFree(options.runDir);
    check(experiment, options.strict ? Warnings::Errors : Warnings::Told);
    if (!options.runDir.empty())
        return createRunAt(experiment, options.runDir);
    const fs::path project = fs::absolute(expandHome(options.experiment)).parent_path();
    return createRun(experiment, options.runs.empty() ? project / "runs" : runsFolder(options.runs));
}

void runTrain(const TrainOptions& options, Context& context) {
    std::vector<ChangedSetting> changes;
    const fs::path folder = options.resume.empty() ? prepareRun(options) : prepareResume(options, changes);
    say("Run: {}", folder.string());
    RunControl control;
    const StopSignals signals(control);
    RunSummary summary;
    {
        ProgressBar bar;
        summary = train(folder, control, &bar, changes);
    }
    summary = RunReader(folder).summary();
    if (context.json)
        printJson(summaryJson(summary));
    if (summary.state == RunState::Stopped) {
        say("Stopped at step {}. Go on with: thaw train --resume {}", summary.step, folder.string());
        context.exitCode = ::engine::exitCode(ErrorKind::Stopped);
        return;
    }
    if (const double best = bestMonitored(summary); std::isfinite(best))
        say("Best validation {} {} (epoch {}), {} in all.", loweredLabel(monitored(summary)),
            metricWords(monitored(summary), best), summary.bestEpoch, timeWords(summary.seconds));
    const RunReader reader(folder);
    for (const RunEvent& event : reader.events())
        if (event.kind == "warning")
            say("Note: {}", event.text);
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
    struct Options {
        std::string run, data, runs, backbone, weights, labels;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("evaluate", "Validate a run's best checkpoint, or weights with their own head");
    command->add_option("run", options->run, "Folder, id or name of the run; none with --backbone");
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
        const fs::path folder =
            run ? findRun(options->run, runsFolder(options->runs)) : usedWeights(options->backbone, options->weights);
        const Evaluation result =
            run ? evaluate(folder, options->data, control)
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
