#include "engine/api/optimizers.h"

#include "engine/api/error.h"
#include "engine/api/experiment.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

const std::vector<Parameter>& momentsOfAdam() {
    static const std::vector<Parameter> settings{
        {.key = "train.beta1",
         .label = "Beta 1",
         .type = ParameterType::Real,
         .defaultValue = "0.9",
         .minimum = 0.0,
         .maximum = 0.9999,
         .help = "Share of the gradients' running mean that Adam keeps in each step.",
         .usual = "0.9"},
        {.key = "train.beta2",
         .label = "Beta 2",
         .type = ParameterType::Real,
         .defaultValue = "0.999",
         .minimum = 0.0,
         .maximum = 0.99999,
         .help = "Share of the squared gradients' running mean that Adam keeps in each step.",
         .usual = "0.999; 0.98 or 0.95 for transformers and large batches"},
        {.key = "train.epsilon",
         .label = "Epsilon",
         .type = ParameterType::Real,
         .defaultValue = "1e-08",
         .minimum = 1e-12,
         .maximum = 1.0,
         .help = "Keeps Adam's step finite where gradients are nearly zero.",
         .usual = "1e-8; larger where training is restless"},
    };
    return settings;
}

} // namespace

std::span<const OptimizerInfo> optimizerInfos() {
    static const std::vector<OptimizerInfo> rows{
        {.choice = {"adamw", "AdamW",
                    "Adapts the step of each parameter; weight decay apart from the gradient. Needs two values per "
                    "trained parameter."},
         .stateValues = 2,
         .settings = momentsOfAdam()},
        {.choice = {"adam", "Adam",
                    "Adapts the step of each parameter; weight decay is part of the gradient. Needs two values per "
                    "trained parameter."},
         .stateValues = 2,
         .settings = momentsOfAdam()},
        {.choice = {"sgd", "SGD",
                    "Momentum on the plain gradient. Needs one value per trained parameter and more care with the "
                    "learning rate."},
         .stateValues = 1,
         .usualRates = 10},
    };
    return rows;
}

const OptimizerInfo& findOptimizer(std::string_view name) {
    const auto rows = optimizerInfos();
    const auto row = std::ranges::find(rows, name, [](const OptimizerInfo& info) { return info.choice.name; });
    if (row != rows.end())
        return *row;
    std::vector<std::string> names;
    for (const OptimizerInfo& info : rows)
        names.push_back(info.choice.name);
    throw Error(ErrorKind::BadInput, fmt::format("There is no optimizer called “{}”.", name),
                fmt::format("Choose {}.", fmt::join(names, ", ")));
}

double optimizerSetting(const TrainSettings& train, std::string_view key) {
    if (const auto said = train.options.find(key); said != train.options.end())
        return said->second;
    for (const Parameter& setting : findOptimizer(train.optimizer).settings)
        if (setting.key == key)
            return std::strtod(setting.defaultValue.c_str(), nullptr);
    throw Error(ErrorKind::Internal, fmt::format("{} has no setting {}.", train.optimizer, key));
}

} // namespace engine
