#include "engine/api/submit.h"

#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct SubmitOptions {
    std::string what, runs, printed;
    std::vector<std::string> settings;
    SubmitSettings submit;
    bool slurm = false, kubernetes = false, keep = false;
};

// A run that is there, or a new one of an experiment file.
fs::path runOf(const SubmitOptions& options) {
    const fs::path file = expandHome(options.what);
    if (!isExperimentFile(options.what, runsFolder(options.runs)))
        return findRun(options.what, runsFolder(options.runs));
    const Experiment experiment = experimentOf(file, options.settings);
    check(experiment, Warnings::Told);
    return createRun(experiment, runsFolderOf(file, options.runs));
}

void handOver(SubmitOptions options, const Context& context) {
    if (options.what.empty() || options.slurm == options.kubernetes)
        throw Error(ErrorKind::BadInput, "Nothing says what is to be submitted, or where.",
                    "Name an experiment or a run, and --slurm or --kubernetes.");
    options.submit.scheduler = options.slurm ? "slurm" : "kubernetes";
    const Submission done = submit(runOf(options), options.submit, options.keep ? Hand::Keep : Hand::Over);
    if (context.json) {
        printJson({{"run", done.script.parent_path().string()},
                   {"scheduler", done.scheduler},
                   {"job", done.job},
                   {"script", done.script.string()}});
        return;
    }
    say("Run: {}", done.script.parent_path().string());
    if (!done.job.empty())
        say("Slurm has it as job {}. thaw queue list says where it stands; scancel {} takes it back.", done.job,
            done.job);
    else
        say("The script is {}. Hand it over with: {} {}", done.script.string(),
            options.slurm ? "sbatch" : "kubectl apply -f", done.script.string());
}

} // namespace

void addSubmit(CLI::App& app, Context& context) {
    auto options = std::make_shared<SubmitOptions>();
    CLI::App* command = app.add_subcommand("submit", "Let a scheduler train an experiment on other machines");
    command->add_option("experiment", options->what,
                        "Experiment file (TOML), or a run that is there: folder, id or name");
    command->add_flag("--slurm", options->slurm, "As a batch job of Slurm");
    command->add_flag("--kubernetes", options->kubernetes, "As an Indexed Job of Kubernetes: writes the file only");
    command->add_option("--nodes", options->submit.nodes, "Machines")->type_name("N")->check(CLI::PositiveNumber);
    command->add_option("--ranks-per-node", options->submit.ranksPerNode, "Ranks on each")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    command->add_option("--gpus-per-node", options->submit.gpusPerNode, "GPUs on each, one a rank; 0: none")
        ->type_name("N");
    command->add_option("--time", options->submit.time, "The longest it may take, as Slurm writes it: 04:00:00");
    command->add_option("--partition", options->submit.partition, "Part of the cluster");
    command
        ->add_option("--script", options->submit.script, "A template of your own; --print-script gives one to change")
        ->check(CLI::ExistingFile);
    command->add_option("--print-script", options->printed, "Print the template of slurm or kubernetes");
    command->add_flag("--keep", options->keep, "Write the script and hand it to nobody");
    command->add_option("--set", options->settings, "Change a setting: section.key=value; may be given several times")
        ->type_name("KEY=VALUE");
    command->add_option("--runs", options->runs, "Folder that holds the runs, which all machines reach");
    command->footer("Each rank trains [train] batch_size pictures a batch. The window and thaw runs follow, pause and "
                    "stop the run through its folder.");
    command->callback([options, &context] {
        if (options->printed.empty())
            handOver(*options, context);
        else
            fmt::print("{}", scriptTemplate(options->printed));
    });
}

} // namespace engine::cli
