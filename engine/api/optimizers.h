#pragma once

#include "engine/api/catalog.h"
#include "engine/api/parameter.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What there is to know of an optimizer before it is made: an experiment's train.optimizer.
struct OptimizerInfo {
    NamedChoice choice;
    int stateValues = 0;             // kept for each trained parameter
    double usualRates = 1;           // its usual learning rates, as a multiple of AdamW's
    std::vector<Parameter> settings; // numbers of its own, in TrainSettings::options; "train.<name>", shared by name
};

// All that are known, the usual one first. The reference stays valid for the life of the program. Any thread.
[[nodiscard]] std::span<const OptimizerInfo> optimizerInfos();
// Throws Error(BadInput) that names the known ones. Any thread.
[[nodiscard]] const OptimizerInfo& findOptimizer(std::string_view name);
// A setting of its own: what the experiment says, else its default. Throws Error(Internal) where it has none such.
[[nodiscard]] double optimizerSetting(const TrainSettings& train, std::string_view key);

} // namespace engine
