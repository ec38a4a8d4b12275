#pragma once

#include "engine/runs/parameterrow.h"

#include <vector>

namespace engine {

// Settings whose choices or whole rows come from the tables of tasks, kinds of data, augmentations, backbones, metrics
// and optimizers: a new row there needs none here.
[[nodiscard]] ParameterRow taskRow();
[[nodiscard]] ParameterRow dataKindRow();
[[nodiscard]] ParameterRow augmentationRow();
[[nodiscard]] ParameterRow backboneRow();
[[nodiscard]] ParameterRow monitorRow();
// Settings that only some optimizers have, each once.
[[nodiscard]] std::vector<ParameterRow> optimizerRows();
// Those that say something where several ranks train together.
[[nodiscard]] std::vector<ParameterRow> rankRows();

} // namespace engine
