#include "engine/cli/commands.h"

#include "engine/cli/benchfreeze.h"

namespace engine::cli {

void addBench(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("bench", "Measure this machine");
    command->require_subcommand(1);
    addBenchFreeze(*command, context);
}

} // namespace engine::cli
