#include "engine/train/loss.h"

namespace engine {

at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& labels, double labelSmoothing) {
    return at::cross_entropy_loss(logits.to(at::kFloat), labels, {}, at::Reduction::Mean, -100, labelSmoothing);
}

} // namespace engine
