// Hands the kernels to torch when the module is opened; the schemas come from engine/ops.
#include "engine/cuda/batchnorm.h"
#include "engine/cuda/normalize.h"
#include "engine/cuda/pad.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

namespace engine::cuda {
namespace {

at::Tensor normalize(const at::Tensor& images, const at::Tensor& table, at::ScalarType dtype) {
    TORCH_CHECK(images.dim() == 4 && images.size(3) == 3 && images.scalar_type() == at::kByte,
                "normalize_u8 takes uint8 images [N, H, W, 3]");
    TORCH_CHECK(table.sizes() == at::IntArrayRef({3, 256}) && table.scalar_type() == at::kFloat,
                "normalize_u8 takes a float32 table [3, 256]");
    TORCH_CHECK(table.device() == images.device(), "normalize_u8 takes tensors of one device");
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "normalize_u8 gives float32 or bfloat16");
    const c10::cuda::CUDAGuard guard(images.device());
    // A slice may start anywhere; the kernel reads four bytes at a time.
    const bool aligned = reinterpret_cast<std::uintptr_t>(images.const_data_ptr()) % 4 == 0;
    const at::Tensor input = aligned ? images.contiguous() : images.clone(at::MemoryFormat::Contiguous),
                     values = table.contiguous();
    const at::Tensor output = at::empty({input.size(0), 3, input.size(1), input.size(2)}, input.options().dtype(dtype),
                                        at::MemoryFormat::ChannelsLast);
    const cudaStream_t stream = c10::cuda::getCurrentCUDAStream();
    const auto* bytes = input.const_data_ptr<std::uint8_t>();
    const auto* entries = values.const_data_ptr<float>();
    if (dtype == at::kFloat)
        normalizeU8(bytes, entries, input.numel(), output.mutable_data_ptr<float>(), stream);
    else
        normalizeU8ToBfloat16(bytes, entries, input.numel(), output.mutable_data_ptr(), stream);
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return output;
}

template <typename T>
const T* start(const at::Tensor& tensor) {
    return tensor.const_data_ptr<T>();
}

// Values [N, C, H, W] in channels_last, as the kernels see them, and the scratch they need.
struct BatchNormCall {
    Element element;
    BatchNormLayout layout;
    at::Tensor scratch;

    explicit BatchNormCall(std::initializer_list<const at::Tensor*> arrays) {
        const at::Tensor& first = **arrays.begin();
        TORCH_CHECK(first.scalar_type() == at::kFloat || first.scalar_type() == at::kBFloat16,
                    "batch_norm_activate takes float32 or bfloat16");
        bool aligned = true;
        for (const at::Tensor* array : arrays) {
            if (!array->defined())
                continue;
            TORCH_CHECK(array->sizes() == first.sizes() && array->scalar_type() == first.scalar_type() &&
                            array->device() == first.device() && array->is_contiguous(at::MemoryFormat::ChannelsLast),
                        "batch_norm_activate takes arrays of one shape and type, in channels_last, on one device");
            aligned = aligned && reinterpret_cast<std::uintptr_t>(array->const_data_ptr()) % 16 == 0;
        }
        element = first.scalar_type() == at::kFloat ? Element::Float : Element::Bfloat16;
        layout = batchNormLayout(first.numel() / first.size(1), static_cast<int>(first.size(1)), aligned,
                                 at::cuda::getCurrentDeviceProperties()->multiProcessorCount);
        scratch = at::empty({batchNormScratch(layout)}, first.options().dtype(at::kFloat));
    }
};

std::tuple<at::Tensor, at::Tensor, at::Tensor>
normAndActivate(const at::Tensor& input, const std::optional<at::Tensor>& added, const at::Tensor& weight,
                const at::Tensor& bias, const at::Tensor& runningMean, const at::Tensor& runningVar,
                const at::Tensor& batches, double momentum, double epsilon, std::int64_t activation) {
    const c10::cuda::CUDAGuard guard(input.device());
    const at::Tensor other = added.value_or(at::Tensor());
    const BatchNormCall call({&input, &other});
    const at::Tensor output = at::empty_like(input), mean = at::empty_like(weight), inverse = at::empty_like(weight);
    batchNormActivate({.input = input.const_data_ptr(),
                       .added = other.defined() ? other.const_data_ptr() : nullptr,
                       .weight = start<float>(weight),
                       .bias = start<float>(bias),
                       .runningMean = runningMean.mutable_data_ptr<float>(),
                       .runningVar = runningVar.mutable_data_ptr<float>(),
                       .batches = batches.mutable_data_ptr<std::int64_t>(),
                       .momentum = momentum,
                       .epsilon = epsilon,
                       .output = output.mutable_data_ptr(),
                       .mean = mean.mutable_data_ptr<float>(),
                       .inverse = inverse.mutable_data_ptr<float>(),
                       .scratch = call.scratch.mutable_data_ptr<float>()},
                      call.element, static_cast<Activation>(activation), call.layout,
                      c10::cuda::getCurrentCUDAStream());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return {output, mean, inverse};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>
normAndActivateBackward(const at::Tensor& grad, const at::Tensor& input, const std::optional<at::Tensor>& output,
                        const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& mean,
                        const at::Tensor& inverse, std::int64_t activation, bool inputWanted) {
    const c10::cuda::CUDAGuard guard(input.device());
    const at::Tensor behind = output.value_or(at::Tensor());
    const BatchNormCall call({&input, &grad, &behind});
    const at::Tensor ofInput = inputWanted ? at::empty_like(input) : at::Tensor(),
                     ofAdded = behind.defined() ? at::empty_like(input) : at::Tensor();
    const at::Tensor ofWeight = at::empty_like(weight), ofBias = at::empty_like(weight);
    batchNormActivateBackward({.grad = grad.const_data_ptr(),
                               .input = input.const_data_ptr(),
                               .output = behind.defined() ? behind.const_data_ptr() : nullptr,
                               .weight = start<float>(weight),
                               .bias = start<float>(bias),
                               .mean = start<float>(mean),
                               .inverse = start<float>(inverse),
                               .gradInput = inputWanted ? ofInput.mutable_data_ptr() : nullptr,
                               .gradAdded = behind.defined() ? ofAdded.mutable_data_ptr() : nullptr,
                               .gradWeight = ofWeight.mutable_data_ptr<float>(),
                               .gradBias = ofBias.mutable_data_ptr<float>(),
                               .scratch = call.scratch.mutable_data_ptr<float>()},
                              call.element, static_cast<Activation>(activation), call.layout,
                              c10::cuda::getCurrentCUDAStream());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return {ofInput, ofAdded, ofWeight, ofBias};
}

at::Tensor pad(const at::Tensor& input, std::int64_t left, std::int64_t right, std::int64_t top, std::int64_t bottom) {
    const std::int64_t height = input.size(2) + top + bottom, width = input.size(3) + left + right;
    const auto pixel = static_cast<std::int64_t>(input.element_size()) * input.size(1);
    const auto start = reinterpret_cast<std::uintptr_t>(input.const_data_ptr());
    const int unit = padUnit(pixel, start);
    const bool channelsLast = input.suggest_memory_format() == at::MemoryFormat::ChannelsLast &&
                              input.is_contiguous(at::MemoryFormat::ChannelsLast);
    if (unit == 0 || height <= 0 || width <= 0 || !channelsLast)
        return at::constant_pad_nd(input, {left, right, top, bottom}, 0); // with its own words for what is wrong
    const c10::cuda::CUDAGuard guard(input.device());
    const at::Tensor output =
        at::empty({input.size(0), input.size(1), height, width}, input.options(), at::MemoryFormat::ChannelsLast);
    padZeros({.input = input.const_data_ptr(),
              .output = output.mutable_data_ptr(),
              .pictures = input.size(0),
              .height = input.size(2),
              .outputHeight = height,
              .top = top,
              .row = input.size(3) * pixel / unit,
              .outputRow = width * pixel / unit,
              .left = left * pixel / unit},
             unit, c10::cuda::getCurrentCUDAStream());
    C10_CUDA_KERNEL_LAUNCH_CHECK();
    return output;
}

} // namespace
} // namespace engine::cuda

TORCH_LIBRARY_IMPL(thaw, CUDA, library) {
    library.impl("normalize_u8", TORCH_FN(engine::cuda::normalize));
    library.impl("batch_norm_activate", TORCH_FN(engine::cuda::normAndActivate));
    library.impl("batch_norm_activate_backward", TORCH_FN(engine::cuda::normAndActivateBackward));
    library.impl("pad_zeros", TORCH_FN(engine::cuda::pad));
}
