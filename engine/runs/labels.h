#pragma once

#include "engine/api/experiment.h"
#include "engine/api/labels.h"

namespace engine {

// Absolute, without points, and without a slash at its end.
[[nodiscard]] std::filesystem::path normalFolder(const std::filesystem::path& path);
// Writes what the experiment's project says of its own data into a run's folder: what is said later is for other runs.
void copyLabelChanges(const Experiment& experiment, const std::filesystem::path& runFolder);

} // namespace engine
