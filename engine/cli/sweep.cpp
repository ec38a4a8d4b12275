#include "engine/api/sweep.h"

#include "engine/api/error.h"
#include "engine/api/queue.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct SweepOptions {
    std::string experiment;
    std::string runs;
    std::string group;
    std::vector<std::string> vary;
    std::vector<std::string> settings;
    bool yes = false;
};

std::vector<SweepAxis> axesOf(const SweepOptions& options) {
    std::vector<SweepAxis> axes;
    for (const std::string& text : options.vary)
        axes.push_back(parseSweepAxis(text));
    return axes;
}

// Each of them is found by the group's name.
std::vector<QueuedRun> makeRuns(const std::vector<Experiment>& experiments, const fs::path& folder,
                                const std::string& group) {
    std::vector<QueuedRun> made;
    for (const Experiment& experiment : experiments) {
        made.push_back({.folder = createRun(experiment, folder)});
        editRunNotes(made.back().folder, [&group](RunNotes& notes) { notes.tags = {group}; });
    }
    return made;
}

void runSweep(const SweepOptions& options, const Context& context) {
    const Experiment base = experimentOf(options.experiment, options.settings);
    const std::vector<Experiment> experiments = sweep(base, axesOf(options));
    check(experiments.front(), Warnings::Told);
    const std::string group = options.group.empty() ? "sweep of " + base.name : options.group;
    for (const Experiment& experiment : experiments)
        say("{}", experiment.name);
    if (!options.yes) {
        say("These are {} runs. Add --yes to put them in the queue.", experiments.size());
        return;
    }
    const auto made = makeRuns(experiments, runsFolderOf(options.experiment, options.runs), group);
    addToQueue(made);
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const QueuedRun& run : made)
            all.push_back(run.folder.string());
        printJson({{"group", group}, {"runs", all}});
    }
    say("{} runs are in the queue. Train them with: thaw queue run --runs {}", made.size(),
        made.front().folder.parent_path().string());
}

} // namespace

void addSweep(CLI::App& app, Context& context) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand("sweep", "Queue a run for every combination of values");
    command->add_option("experiment", options->experiment, "Experiment file (TOML)")->required();
    command
        ->add_option("--vary", options->vary,
                     "A setting and its values: train.learning_rate=1e-3,3e-3 or experiment.seed=7..9; several times")
        ->required()
        ->type_name("KEY=VALUES");
    command->add_option("--set", options->settings, "Change a setting in all of them: section.key=value")
        ->type_name("KEY=VALUE");
    command->add_option("--group", options->group, "Tag that all get; otherwise “sweep of” and the experiment's name");
    command->add_option("--runs", options->runs, "Folder that holds the runs");
    command->add_flag("--yes", options->yes, "Do it; otherwise only say which runs there would be");
    command->callback([options, &context] { runSweep(*options, context); });
}

} // namespace engine::cli
