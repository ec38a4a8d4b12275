#include "engine/train/batchtensor.h"

namespace engine {

at::Tensor pixelTensor(const Batch& batch) {
    const std::int64_t n = batch.count, size = batch.size;
    return at::from_blob(
        batch.pixels.get(), {n, 3, size, size}, {size * size * 3, 1, size * 3, 3}, [keep = batch.pixels](void*) {},
        at::TensorOptions(at::kFloat));
}

} // namespace engine
