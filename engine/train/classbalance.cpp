#include "engine/train/classbalance.h"

#include "engine/api/classweights.h"
#include "engine/api/tasks.h"
#include "engine/data/dataset.h"

#include <algorithm>
#include <fmt/format.h>

namespace engine {

std::vector<double> weightsOfClasses(const Experiment& experiment, const ImageFolder& data) {
    if (experiment.train.classWeights == "none")
        return {};
    std::vector<std::int64_t> counts(data.classes.size());
    for (const ImageSample& sample : data.train)
        forEachClass(sample, [&](std::size_t label) { ++counts[label]; });
    return classWeights(experiment.train.classWeights,
                        {.samples = counts,
                         .all = static_cast<std::int64_t>(data.train.size()),
                         .kind = findTask(experiment.data.task).exclusive ? ClassCounts::Kind::Exclusive
                                                                          : ClassCounts::Kind::SeveralLabels});
}

std::string weightWords(const std::vector<double>& weights, const std::vector<std::string>& classes) {
    const auto [least, most] = std::ranges::minmax_element(weights);
    const auto nameOf = [&](auto place) { return classes[static_cast<std::size_t>(place - weights.begin())]; };
    return fmt::format("In the loss a picture counts {:.2g} ({}) to {:.2g} times ({}), by the size of its class.",
                       *least, nameOf(least), *most, nameOf(most));
}

} // namespace engine
