#pragma once

#include "engine/api/tasks.h"
#include "engine/data/preprocess.h"
#include "engine/export/onnxmodel.h"

namespace engine {

// Puts before a model of pixels and logits what makes these pixels of bytes [N, H, W, 3] of any size, and behind it the
// task's probabilities. Operator set 17 resizes without antialiasing only; a resize is linear in each direction, so it
// is written as products with two matrices of the filter's weights, which the file makes from H and W.
void addPreparation(OnnxModel& model, const Preprocess& preprocess, const TaskInfo& task);

} // namespace engine
