#pragma once

#include "engine/api/datareport.h"
#include "engine/device/computedevice.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/backbone.h"
#include "engine/task/task.h"
#include "engine/train/batchsource.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace engine {

// What a model says about every sample of a set that can be read; values are no numbers where none can.
struct ValidationResult {
    Judgement judgement;
    std::vector<BadFile> skipped;
    double awaySeconds = 0; // for which pictures were away that came back

    [[nodiscard]] double loss() const { return judgement.values.at("loss"); }
};

// Puts the backbone, which lies on `device`, into evaluation mode and leaves it there. `batches` gives the samples of
// `targets` as validation sees them, and `meter` hears every answer; `prefix`, if any, computes the first stages.
// `progress` hears how many samples are done. Nothing where it was stopped. Throws Error(DataGone) where the pictures
// stay away. The backbone's thread.
[[nodiscard]] std::optional<ValidationResult> validateSamples(ComputeDevice& device, Backbone& backbone,
                                                              const FrozenPrefix* prefix, BatchSource& batches,
                                                              const Targets& targets, Meter& meter, bool bf16,
                                                              std::stop_token stop,
                                                              const std::function<void(std::int64_t)>& progress);

} // namespace engine
