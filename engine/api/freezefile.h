#pragma once

#include "engine/api/experiment.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A freeze plan that came from another tool's file, and sentences for what could not be carried over.
struct ImportedFreeze {
    FreezeSettings settings; // the experiment's own, by hand, with the file's phases
    std::vector<std::string> notes;
};

// Reads a schedule of Finetuning-Scheduler, the Lightning callback (YAML: phase number → params, max_transition_epoch,
// lr). Names that carry the attribute of a LightningModule ("model.") are taken without it; learning rates become
// factors of the experiment's. Throws Error(NotFound | BadInput) that names phase and key. Blocks; any thread.
[[nodiscard]] ImportedFreeze importFreezeSchedule(const std::filesystem::path& file, const Experiment& experiment);
[[nodiscard]] ImportedFreeze parseFreezeSchedule(const std::string& yaml, const Experiment& experiment);

struct ExportedFreeze {
    std::string yaml;
    std::vector<std::string> notes;
};

// The experiment's plan as such a schedule. `prefix` is put before every parameter's name: the attribute that holds the
// backbone in the LightningModule, with its point. Throws Error(BadInput) for a plan that cannot be resolved.
[[nodiscard]] ExportedFreeze exportFreezeSchedule(const Experiment& experiment, std::string_view prefix = {});

} // namespace engine
