#include "engine/train/batchtensor.h"

namespace engine {

at::Tensor pixelTensor(const Batch& batch) {
    const Field& pixels = batch.field(kPixels);
    const std::int64_t height = pixels.spec.shape[0], width = pixels.spec.shape[1], channels = pixels.spec.shape[2];
    return at::from_blob(
        pixels.bytes.get(), {batch.count, channels, height, width},
        {height * width * channels, 1, width * channels, channels}, [keep = pixels.bytes](void*) {},
        at::TensorOptions(at::kByte));
}

} // namespace engine
