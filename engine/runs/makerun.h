#pragma once

#include "engine/api/experiment.h"

#include <filesystem>
#include <functional>

namespace engine {

// createRun(), with more in the run than an experiment: `fill` writes it into the folder before anybody sees that.
[[nodiscard]] std::filesystem::path makeRun(const Experiment& experiment, const std::filesystem::path& runsFolder,
                                            const std::function<void(const std::filesystem::path& staging)>& fill);

} // namespace engine
