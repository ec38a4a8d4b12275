#pragma once

#include "engine/runs/seriesfile.h"

#include <map>
#include <string>
#include <vector>

namespace engine {

// Under which of our series other tools' scalars are found: "epoch_loss" of a folder "validation" and "val/loss" are
// validation/loss. A name that means none of ours becomes a metric of its own under its own name, and is never lost.
[[nodiscard]] std::map<std::string, std::string>
seriesNamesOf(const std::map<std::string, std::vector<SeriesPoint>>& tags);

} // namespace engine
