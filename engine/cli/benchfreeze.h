#pragma once

#include "engine/cli/commands.h"

namespace engine::cli {

// thaw bench freeze: trainings with frozen blocks, with and without the cache of their outputs.
void addBenchFreeze(CLI::App& bench, Context& context);

} // namespace engine::cli
