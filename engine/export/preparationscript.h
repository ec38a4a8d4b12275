#pragma once

#include "engine/data/preprocess.h"
#include "engine/task/task.h"

#include <torch/csrc/jit/api/module.h>

namespace engine {

// forward(pictures [N, H, W, 3], bytes) → probabilities [N, classes] around forward(pixels) of `network`: pictures
// resized, cut and normalised as Thaw does it. Throws Error(BadInput) where that cannot be written down.
[[nodiscard]] torch::jit::Module withPreparation(const torch::jit::Module& network, const Preprocess& preprocess,
                                                 const TaskInfo& task);
// The same demands, asked of before anything is traced.
void requirePreparation(const Preprocess& preprocess);

} // namespace engine
