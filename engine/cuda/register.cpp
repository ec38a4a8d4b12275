// Hands the kernels to torch when the module is opened; the schemas come from engine/ops.
#include "engine/cuda/normalize.h"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

namespace engine::cuda {
namespace {

at::Tensor normalize(const at::Tensor& images, const at::Tensor& mean, const at::Tensor& deviation,
                     at::ScalarType dtype) {
    TORCH_CHECK(images.dim() == 4 && images.size(3) == 3 && images.scalar_type() == at::kByte,
                "normalize_u8 takes uint8 images [N, H, W, 3]");
    TORCH_CHECK(mean.numel() == 3 && deviation.numel() == 3 && mean.scalar_type() == at::kFloat &&
                    deviation.scalar_type() == at::kFloat,
                "normalize_u8 takes float32 mean and deviation of three channels");
    TORCH_CHECK(mean.device() == images.device() && deviation.device() == images.device(),
                "normalize_u8 takes tensors of one device");
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "normalize_u8 gives float32 or bfloat16");
    const c10::cuda::CUDAGuard guard(images.device());
    // A slice may start anywhere; the kernel reads four bytes at a time.
    const bool aligned = reinterpret_cast<std::uintptr_t>(images.const_data_ptr()) % 4 == 0;
    const at::Tensor input = aligned ? images.contiguous() : images.clone(at::MemoryFormat::Contiguous),
                     means = mean.contiguous(), deviations = deviation.contiguous();
    const at::Tensor output = at::empty({input.size(0), 3, input.size(1), input.size(2)}, input.options().dtype(dtype),
                                        at::MemoryFormat::ChannelsLast);
    const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
    const auto* bytes = input.const_data_ptr<std::uint8_t>();
    const auto *m = means.const_data_ptr<float>(), *d = deviations.const_data_ptr<float>();
    if (dtype == at::kFloat)
        normalizeU8(bytes, m, d, input.numel(), output.mutable_data_ptr<float>(), stream);
    else
        normalizeU8ToBfloat16(bytes, m, d, input.numel(), output.mutable_data_ptr(), stream);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return output;
}

} // namespace
} // namespace engine::cuda

TORCH_LIBRARY_IMPL(thaw, CUDA, library) { library.impl("normalize_u8", TORCH_FN(engine::cuda::normalize)); }
