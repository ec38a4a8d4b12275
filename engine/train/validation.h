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

// What a model says about every picture of a set that can be read; loss and accuracy are no numbers where none can.
struct ValidationResult {
    double loss = 0;                                  // mean cross-entropy, without label smoothing; may be no number
    double accuracy = 0;                              // 0..1
    std::vector<double> perClassAccuracy;             // NaN where a class has no sample
    std::vector<std::vector<std::int64_t>> confusion; // [true][predicted]
    std::vector<SampleResult> samples;
    std::vector<BadFile> skipped;
    double awaySeconds = 0; // for which pictures were away that came back
};

// Puts the backbone, which lies on `device`, into evaluation mode and leaves it there. `batches` gives the samples as
// validation sees them; `prefix`, if any, computes the first stages. `progress` hears how many samples are done.
// Nothing where it was stopped. Throws Error(DataGone) where the pictures stay away. The backbone's thread.
[[nodiscard]] std::optional<ValidationResult> validateSamples(ComputeDevice& device, Backbone& backbone,
                                                              const FrozenPrefix* prefix, BatchSource& batches,
                                                              std::span<const ImageSample> samples, bool bf16,
                                                              std::stop_token stop,
                                                              const std::function<void(std::int64_t)>& progress);

} // namespace engine
