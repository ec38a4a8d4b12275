#include "engine/api/parameter.h"
#include "engine/api/ranks.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {

void addWorker(CLI::App& app, Context& context) {
    struct WorkerOptions {
        std::string run;
        std::vector<std::string> settings, devices;
    };
    auto options = std::make_shared<WorkerOptions>();
    CLI::App* command =
        app.add_subcommand("worker", "Train as one rank of several, as torchrun, mpirun or srun start it");
    command->add_option("run", options->run, "Folder of the run, on a disk that all ranks reach")->required();
    command->add_option("--set", options->settings, "Change a setting when a run goes on: section.key=value")
        ->type_name("KEY=VALUE");
    command
        ->add_option("--devices", options->devices,
                     "Devices of this machine's ranks, in place of those that the experiment names: cuda:1,cuda:3")
        ->delimiter(',')
        ->type_name("LIST");
    command->footer("torchrun --no-python --nproc-per-node 4 thaw worker RUN, or mpirun -np 4 thaw worker RUN, or srun "
                    "thaw worker RUN. thaw train starts the ranks of one machine by itself.");
    command->callback([options, &context] {
        RunControl control;
        const StopSignals signals(control);
        const RunSummary summary =
            trainRank(options->run, control, nullptr, changesOf(options->settings), options->devices);
        if (summary.state == RunState::Stopped)
            context.exitCode = ::engine::exitCode(ErrorKind::Stopped);
    });
}

} // namespace engine::cli
