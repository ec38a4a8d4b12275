#pragma once

#include "engine/base/torchheader.h"

namespace engine {

// Mean cross-entropy of logits [N, C] in fp32 against labels [N], with label smoothing as torch.nn.CrossEntropyLoss.
[[nodiscard]] at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& labels, double labelSmoothing);

} // namespace engine
