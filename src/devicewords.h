#pragma once

#include "engine/api/experiment.h"
#include "engine/api/gpus.h"
#include "src/experimentanalysis.h"
#include "ui/setup/setupdata.h"

namespace app {

// The devices of this machine as Setup shows them: which the experiment uses, and who uses them just now.
[[nodiscard]] QList<ui::DeviceRow> deviceRows(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                                              const engine::GpuMachine& machine);
[[nodiscard]] ui::DeviceLinks deviceLinks(const engine::GpuMachine& machine);
[[nodiscard]] ui::DeviceChoice deviceChoice(const engine::Experiment& experiment, const engine::GpuMachine& machine);
// "Starts when 2 GPUs are free: 1 of 4 is." Empty: there is nothing to say of them.
[[nodiscard]] QString startWords(const engine::Experiment& experiment, const engine::GpuMachine& machine);
// "python of anna", "run ants-and-bees"; empty: nobody.
[[nodiscard]] QString gpuUser(const engine::GpuState& gpu);

} // namespace app
