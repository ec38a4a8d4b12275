#pragma once

#include "engine/api/datareport.h"
#include "engine/api/run.h"
#include "engine/data/imagefolder.h"
#include "engine/data/preprocess.h"
#include "engine/models/backbone.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace engine {

struct ValidationOptions {
    int batchSize = 32;
    int workers = 0; // decoding threads; 0: one per core
    bool bf16 = false;
    Preprocess preprocess;
};

// What a model says about every picture of a set.
struct ValidationResult {
    double loss = 0;                                  // mean cross-entropy, without label smoothing
    double accuracy = 0;                              // 0..1
    std::vector<double> perClassAccuracy;             // NaN where a class has no sample
    std::vector<std::vector<std::int64_t>> confusion; // [true][predicted]
    std::vector<SampleResult> samples;
    std::vector<BadFile> skipped;
};

// Puts the backbone into evaluation mode and leaves it there. `progress` hears how many samples are done. Nothing where
// it was stopped. The backbone's thread.
[[nodiscard]] std::optional<ValidationResult> validateSamples(Backbone& backbone, const ImageFolder& folder,
                                                              std::span<const ImageSample> samples,
                                                              const ValidationOptions& options, std::stop_token stop,
                                                              const std::function<void(std::int64_t)>& progress);

} // namespace engine
