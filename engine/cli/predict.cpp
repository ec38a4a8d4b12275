#include "engine/api/predict.h"
#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/export.h"
#include "engine/api/pictures.h"
#include "engine/api/run.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <algorithm>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct PredictOptions {
    std::string backbone, weights, labels, runs;
    std::vector<std::string> words; // [RUN] FILE…
    int top = 5;
};

// Files as given; a folder stands for the files in it.
std::vector<fs::path> filesOf(const std::vector<std::string>& words) {
    std::vector<fs::path> files;
    for (const std::string& word : words) {
        std::error_code code;
        if (!fs::is_directory(word, code)) {
            if (!isPictureThere(word))
                throw Error(ErrorKind::NotFound, fmt::format("{} does not exist.", word), "Check the path.");
            files.emplace_back(word);
            continue;
        }
        std::vector<fs::path> inside;
        for (const auto& entry : fs::directory_iterator(word))
            if (entry.is_regular_file())
                inside.push_back(entry.path());
        std::ranges::sort(inside);
        files.insert(files.end(), inside.begin(), inside.end());
    }
    if (files.empty())
        throw Error(ErrorKind::BadInput, "No picture is given.", "Name at least one file.");
    return files;
}

Predictor load(PredictOptions& options) {
    if (options.backbone.empty()) {
        if (options.words.empty())
            throw Error(ErrorKind::BadInput, "Neither a run nor a backbone is given.",
                        "Name a run, or --backbone NAME --weights FILE.");
        if (const fs::path exported = options.words.front(); isExport(exported)) {
            options.words.erase(options.words.begin());
            return Predictor::fromExport(exported);
        }
        const fs::path run = findRun(options.words.front(), runsFolder(options.runs));
        options.words.erase(options.words.begin());
        return Predictor::fromRun(run);
    }
    return Predictor::fromBackbone(options.backbone, usedWeights(options.backbone, options.weights), options.labels);
}

nlohmann::json asJson(const Prediction& prediction) {
    nlohmann::json top = nlohmann::json::array();
    for (const ClassProbability& one : prediction.top)
        top.push_back(
            {{"index", one.index}, {"label", one.label}, {"probability", one.probability}, {"given", one.given}});
    nlohmann::json result = {{"file", prediction.file.string()}, {"top", top}};
    if (!prediction.problem.empty())
        result["problem"] = prediction.problem;
    return result;
}

void print(const Prediction& prediction, bool exclusive) {
    fmt::print("{}\n", prediction.file.string());
    if (!prediction.problem.empty())
        fmt::print("  {}\n", prediction.problem);
    for (const ClassProbability& one : prediction.top)
        fmt::print("  {:>7}  {}{}\n", percentWords(one.probability), one.label,
                   exclusive || !one.given ? "" : "  (yes)");
}

void runPredict(PredictOptions options, Context& context) {
    Predictor predictor = load(options);
    for (const std::string& note : predictor.notes())
        say("Note: {}", note);
    const std::vector<fs::path> files = filesOf(options.words);
    const std::vector<Prediction> predictions = predictor.predict(files, options.top);
    nlohmann::json all = nlohmann::json::array();
    std::size_t unreadable = 0, notNumbers = 0;
    for (const Prediction& prediction : predictions) {
        notNumbers += prediction.notANumber ? 1 : 0;
        unreadable += prediction.problem.empty() || prediction.notANumber ? 0 : 1;
        if (context.json)
            all.push_back(asJson(prediction));
        else
            print(prediction, predictor.task().exclusive);
    }
    if (context.json)
        printJson(all);
    if (unreadable > 0) {
        say("{} of {} files could not be read.", unreadable, files.size());
        context.exitCode = unreadable == files.size() ? exitCode(ErrorKind::BadInput) : 0;
    }
    if (notNumbers > 0) {
        say("{} of {} files have no answer: the model's values for them are not numbers.", notNumbers, files.size());
        context.exitCode = exitCode(ErrorKind::Diverged);
    }
}

} // namespace

fs::path usedWeights(const std::string& backbone, const std::string& weights) {
    Experiment experiment;
    experiment.model.backbone = backbone;
    if (!weights.empty())
        experiment.model.weights = weights;
    for (const Finding& finding : validate(experiment))
        if (finding.key == "model.weights" && finding.severity == Severity::Problem)
            throw Error(ErrorKind::NotFound, finding.message, finding.detail);
    return experiment.weightsPath();
}

void addPredict(CLI::App& app, Context& context) {
    auto options = std::make_shared<PredictOptions>();
    CLI::App* command = app.add_subcommand("predict", "What a run's model, or pretrained weights, see in pictures");
    command->add_option(
        "run-and-files", options->words,
        "RUN FILE…: run (folder, id or name) or what export wrote of it, then pictures or folders of pictures; with "
        "--backbone only FILE…");
    command->add_option(
        "--backbone", options->backbone,
        "Use this backbone with the weights' own head, whatever its classes; torchscript:FILE for a program of "
        "your own");
    command->add_option("--weights", options->weights, "Weights for --backbone; otherwise the bundled ones");
    command->add_option("--labels", options->labels, "Class names for --backbone, one per line");
    command->add_option("--top", options->top, "How many classes to name")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    command->add_option("--runs", options->runs, "Folder that holds the runs; otherwise ./runs");
    command->callback([options, &context] { runPredict(*options, context); });
}

} // namespace engine::cli
