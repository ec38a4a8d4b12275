#pragma once

#include "engine/api/run.h"
#include "tests/train/pictures.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace tests {

// A training whose curve does not depend on how its samples lie in batches: without dropout and BatchNorm.
inline engine::Experiment experimentOfRanks(const Project& project, int batchSize) {
    engine::Experiment experiment = project.experiment();
    experiment.model.backbone = "vit_tiny_patch16_224";
    experiment.data.imageSize = 32;
    experiment.train.optimizer = "sgd";
    experiment.train.learningRate = 1e-3;
    experiment.train.batchSize = batchSize;
    experiment.devices.threads = 1;
    return experiment;
}

inline std::vector<float> curve(const std::filesystem::path& run, const std::string& name) {
    engine::RunReader reader(run);
    return reader.series(name).value;
}

// Infinite where they have other lengths, or none.
inline double greatestDifference(const std::vector<float>& one, const std::vector<float>& other) {
    double greatest = one.size() == other.size() && !one.empty() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
        greatest = std::max(greatest, double(std::abs(one[i] - other[i])));
    return greatest;
}

} // namespace tests
