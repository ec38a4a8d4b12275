#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/freezefile.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <fstream>

namespace engine::cli {
namespace {

struct FreezeOptions {
    std::string experiment, file, out, prefix;
    int classes = 2;
};

void show(const FreezeOptions& options, const Context& context) {
    const Experiment experiment = readExperiment(options.experiment);
    const int epochs = experiment.train.epochs;
    const std::vector<FreezeOutcome> phases =
        resolveFreeze(experiment.freeze, epochs, experiment.model.backbone, options.classes);
    const std::vector<BlockInfo> tree = blockTree(experiment.model.backbone, options.classes);
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const FreezeOutcome& phase : phases)
            all.push_back({{"from_epoch", phase.fromEpoch},
                           {"trainable_parameters", phase.trainableParameters},
                           {"frozen_parameters", phase.frozenParameters},
                           {"factors", phase.factors},
                           {"frozen", phase.frozenBlocks}});
        printJson(all);
        return;
    }
    std::vector<std::vector<std::string>> rows = {{"Stage", "Parameters"}, {"", "trained"}};
    std::vector<bool> right = {false, true};
    for (const FreezeOutcome& phase : phases) {
        rows[0].push_back(fmt::format("from epoch {}", phase.fromEpoch));
        rows[1].push_back(countWords(double(phase.trainableParameters)));
        right.push_back(true);
    }
    for (const BlockInfo& stage : tree) {
        rows.push_back({stage.name, countWords(double(stage.parameters))});
        for (const FreezeOutcome& phase : phases) {
            const auto factor = phase.factors.find(stage.name);
            rows.back().push_back(factor == phase.factors.end() ? "frozen" : fmt::format("× {:.3g}", factor->second));
        }
    }
    printTable(rows, right);
}

void tellNotes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes)
        say("Note: {}", note);
}

// To a file, or to stdout where none is named.
void put(const std::string& text, const std::string& out) {
    if (out.empty()) {
        fmt::print("{}", text);
        return;
    }
    std::ofstream file(out, std::ios::binary);
    file << text;
    if (!file.flush())
        throw Error(ErrorKind::DiskFull, fmt::format("{} cannot be written.", out), "Choose another place.");
}

void exportPlan(const FreezeOptions& options, const Context& context) {
    const ExportedFreeze made = exportFreezeSchedule(readExperiment(options.experiment), options.prefix);
    if (context.json && options.out.empty())
        printJson({{"yaml", made.yaml}, {"notes", made.notes}});
    else
        put(made.yaml, options.out);
    tellNotes(made.notes);
}

void importPlan(const FreezeOptions& options, const Context& context) {
    Experiment experiment = readExperiment(options.experiment);
    const ImportedFreeze read = importFreezeSchedule(options.file, experiment);
    experiment.freeze = read.settings;
    if (context.json && options.out.empty())
        printJson({{"experiment", toToml(experiment)}, {"notes", read.notes}});
    else if (options.out.empty())
        fmt::print("{}", toToml(experiment));
    else
        writeExperiment(experiment, options.out);
    tellNotes(read.notes);
}

} // namespace

void addFreeze(CLI::App& app, Context& context) {
    auto options = std::make_shared<FreezeOptions>();
    CLI::App* command =
        app.add_subcommand("freeze", "Show an experiment's freeze plan, carry it to other tools and back");
    command->require_subcommand(1);
    const auto experiment = [options](CLI::App* part) {
        part->add_option("experiment", options->experiment, "Experiment file (TOML)")->required();
    };
    CLI::App* showing = command->add_subcommand("show", "Which stages train in each phase, and how fast");
    experiment(showing);
    showing->add_option("--classes", options->classes, "Classes of the head that is counted")
        ->check(CLI::Range(1, 100000));
    showing->callback([options, &context] { show(*options, context); });

    CLI::App* exporting = command->add_subcommand("export", "The plan as a schedule of Finetuning-Scheduler (YAML)");
    experiment(exporting);
    exporting->add_option("--out", options->out, "File to write; otherwise stdout");
    exporting->add_option("--prefix", options->prefix, "Put before every parameter's name, such as model.");
    exporting->callback([options, &context] { exportPlan(*options, context); });

    CLI::App* importing = command->add_subcommand("import", "The experiment with the plan of such a schedule");
    importing->add_option("file", options->file, "Schedule (YAML)")->required();
    experiment(importing);
    importing->add_option("--out", options->out, "Experiment file to write; otherwise stdout");
    importing->callback([options, &context] { importPlan(*options, context); });
}

} // namespace engine::cli
