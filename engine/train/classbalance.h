#pragma once

#include "engine/api/experiment.h"
#include "engine/data/imagefolder.h"

#include <string>
#include <vector>

namespace engine {

// How much a training sample of each class counts, by train.class_weights; empty: all the same.
[[nodiscard]] std::vector<double> weightsOfClasses(const Experiment& experiment, const ImageFolder& data);
// "In the loss a picture counts 0.28 (good) to 2.5 times (bent), by the size of its class."
[[nodiscard]] std::string weightWords(const std::vector<double>& weights, const std::vector<std::string>& classes);

} // namespace engine
