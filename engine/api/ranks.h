#pragma once

#include "engine/api/experiment.h"
#include "engine/api/train.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace engine {

// One rank of a training that several processes make together, as torchrun, Open MPI, Slurm or train() itself started
// it: it finds the others by what stands in its environment. The first rank alone writes into the run's folder, and
// obeys what is asked of the run there; the others tell in ranks/ that they live. Blocks; any thread. Throws Error,
// Error(BadInput) where the environment does not say which rank this is. `devices`: of this machine's ranks, by their
// number here; empty: as the experiment says.
RunSummary trainRank(const std::filesystem::path& runFolder, RunControl& control, ProgressSink* progress = nullptr,
                     const std::vector<ChangedSetting>& changes = {}, const std::vector<std::string>& devices = {});

// The device of each rank that [devices] use asks for on a machine with so many GPUs: several GPUs by their names,
// "all" of them, the CPU as often as it is named, or "next:2" twice, of which it is not known yet which they are.
[[nodiscard]] std::vector<std::string> rankDevices(std::span<const std::string> use, std::size_t gpus);
// What the learning rate is multiplied with where so many ranks train together.
[[nodiscard]] double learningRateFactor(const DeviceSettings& settings, int ranks);

} // namespace engine
