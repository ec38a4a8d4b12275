#pragma once

#include "engine/api/datareport.h"
#include "engine/api/run.h"
#include "engine/data/imagefolder.h"
#include "engine/device/computedevice.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/backbone.h"
#include "engine/train/batchsource.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace engine {

// What a model says about every picture of a set.
struct ValidationResult {
    double loss = 0;                                  // mean cross-entropy, without label smoothing
    double accuracy = 0;                              // 0..1
    std::vector<double> perClassAccuracy;             // NaN where a class has no sample
    std::vector<std::vector<std::int64_t>> confusion; // [true][predicted]
    std::vector<SampleResult> samples;
    std::vector<BadFile> skipped;
};

// Puts the backbone, which lies on `device`, into evaluation mode and leaves it there. `batches` gives the samples as
// validation sees them; `prefix`, if any, computes the first stages. `progress` hears how many samples are done.
// Nothing where it was stopped. The backbone's thread.
[[nodiscard]] std::optional<ValidationResult> validateSamples(ComputeDevice& device, Backbone& backbone,
                                                              const FrozenPrefix* prefix, BatchSource& batches,
                                                              std::span<const ImageSample> samples, bool bf16,
                                                              std::stop_token stop,
                                                              const std::function<void(std::int64_t)>& progress);

} // namespace engine
