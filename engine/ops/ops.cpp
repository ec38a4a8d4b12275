#include "engine/ops/ops.h"

#include "engine/ops/library.h"

#include <ATen/ATen.h>
#include <array>

namespace engine::ops {
namespace {

at::Tensor normalizeReference(const at::Tensor& images, const at::Tensor& mean, const at::Tensor& deviation,
                              at::ScalarType dtype) {
    TORCH_CHECK(images.dim() == 4 && images.size(3) == 3 && images.scalar_type() == at::kByte,
                "normalize_u8 takes uint8 images [N, H, W, 3]");
    TORCH_CHECK(mean.numel() == 3 && deviation.numel() == 3, "normalize_u8 takes mean and deviation of three channels");
    // In [N, H, W, 3] the channel is the last dimension, so both broadcast; the permuted view is channels_last.
    const at::Tensor scale = deviation.reciprocal();
    return images.to(at::kFloat).mul_(scale / 255).sub_(mean * scale).to(dtype).permute({0, 3, 1, 2});
}

torch::Library makeLibrary() {
    torch::Library library(torch::Library::DEF, "thaw", std::nullopt, __FILE__, __LINE__);
    library.def("normalize_u8(Tensor images, Tensor mean, Tensor deviation, ScalarType dtype) -> Tensor");
    library.impl("normalize_u8",
                 torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, TORCH_FN(normalizeReference)));
    defineBatchNorm(library);
    definePad(library);
    return library;
}

} // namespace

void registerOps() {
    // Never destroyed: tensors of other static objects may outlive main().
    alignas(torch::Library) static std::array<std::byte, sizeof(torch::Library)> place;
    [[maybe_unused]] static const auto* const library = new (place.data()) torch::Library(makeLibrary());
}

at::Tensor normalizeU8(const at::Tensor& images, const at::Tensor& mean, const at::Tensor& deviation,
                       at::ScalarType dtype) {
    static const auto op = findOperator<decltype(normalizeReference)>("thaw::normalize_u8");
    return op.call(images, mean, deviation, dtype);
}

} // namespace engine::ops
