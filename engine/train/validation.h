#pragma once

#include "engine/api/datareport.h"
#include "engine/device/computedevice.h"
#include "engine/distributed/processgroup.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/backbone.h"
#include "engine/task/task.h"
#include "engine/train/batchsource.h"
#include "engine/train/pixelnormalisation.h"
#include "engine/train/precision.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace engine {

// What a model says about every sample of a set that can be read; values are no numbers where none can.
struct ValidationResult {
    Judgement judgement;
    std::vector<BadFile> skipped; // by this rank
    double awaySeconds = 0;       // for which pictures were away that came back

    [[nodiscard]] double loss() const { return judgement.values.at("loss"); }
};

// A model that answers, where it lies.
struct AnsweringModel {
    ComputeDevice& device;
    Backbone& backbone;
    const FrozenPrefix* prefix = nullptr; // computes the first stages
    PixelNormalisation pixels;
    Precision precision = Precision::Float32;
    ProcessGroup* group = nullptr; // none: a world of one
};

// Puts the backbone into evaluation mode and leaves it there. `batches` gives this rank's samples of `targets` as
// validation sees them, and every rank's `meter` hears all ranks' answers. `progress` hears how many samples are done.
// Nothing where it was stopped. Throws Error(DataGone) where the pictures stay away. The backbone's thread.
[[nodiscard]] std::optional<ValidationResult> validateSamples(const AnsweringModel& model, BatchSource& batches,
                                                              const Targets& targets, Meter& meter,
                                                              std::stop_token stop,
                                                              const std::function<void(std::int64_t)>& progress);

} // namespace engine
