#pragma once

#include "engine/api/experiment.h"
#include "engine/data/batching.h"
#include "engine/freeze/freezeplan.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace engine {

// The least side of a picture of which the backbone can compute anything; a program of one's own says none but its own.
// Found by trying small ones, once for each backbone. Any thread.
[[nodiscard]] int smallestPicture(std::string_view backbone);

// Whether one such picture alone is too little for a BatchNorm layer that follows the data in some phase of the plan:
// it would see one value a channel, which has no variance. Found by trying, once for each question. Any thread.
[[nodiscard]] bool oneIsTooFew(const FreezePlan& plan, std::string_view backbone, int imageSize);

// A training as far as pictures and batches are concerned.
struct BatchQuestion {
    const FreezePlan& plan;
    std::string_view backbone;
    int imageSize = 0;
    int batchSize = 1;
    std::int64_t pictures = 0; // to train on
};

// What stands in the way of the first step, each with its remedy.
[[nodiscard]] std::vector<Finding> batchFindings(const BatchQuestion& question);
// The batches of such a training: a single picture that is left over joins the last of them where it cannot be trained
// alone.
[[nodiscard]] Batching batchingOf(const BatchQuestion& question);

} // namespace engine
