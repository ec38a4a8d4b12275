#include "engine/ops/ops.h"

#include "engine/ops/library.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <array>

namespace engine::ops {
namespace {

template <typename Value>
void lookUp(const at::Tensor& images, const at::Tensor& table, at::Tensor& output) {
    const auto* bytes = images.const_data_ptr<std::uint8_t>();
    const auto *red = table.const_data_ptr<Value>(), *green = red + 256, *blue = green + 256;
    auto* out = output.mutable_data_ptr<Value>();
    at::parallel_for(0, images.numel() / 3, 1 << 14, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 3 * begin; i < 3 * end; i += 3) {
            out[i] = red[bytes[i]];
            out[i + 1] = green[bytes[i + 1]];
            out[i + 2] = blue[bytes[i + 2]];
        }
    });
}

at::Tensor normalizeReference(const at::Tensor& images, const at::Tensor& table, at::ScalarType dtype) {
    TORCH_CHECK(images.dim() == 4 && images.size(3) == 3 && images.scalar_type() == at::kByte,
                "normalize_u8 takes uint8 images [N, H, W, 3]");
    TORCH_CHECK(table.sizes() == at::IntArrayRef({3, 256}) && table.scalar_type() == at::kFloat,
                "normalize_u8 takes a float32 table [3, 256]");
    TORCH_CHECK(dtype == at::kFloat || dtype == at::kBFloat16, "normalize_u8 gives float32 or bfloat16");
    TORCH_CHECK(images.is_cpu() && table.is_cpu(), "normalize_u8 takes tensors of one device that has a kernel");
    const at::Tensor input = images.contiguous(), values = table.to(dtype).contiguous();
    at::Tensor output = at::empty({input.size(0), 3, input.size(1), input.size(2)}, input.options().dtype(dtype),
                                  at::MemoryFormat::ChannelsLast);
    if (dtype == at::kFloat)
        lookUp<float>(input, values, output);
    else
        lookUp<at::BFloat16>(input, values, output);
    return output;
}

torch::Library makeLibrary() {
    torch::Library library(torch::Library::DEF, "thaw", std::nullopt, __FILE__, __LINE__);
    library.def("normalize_u8(Tensor images, Tensor table, ScalarType dtype) -> Tensor");
    library.impl("normalize_u8", torch::dispatch(c10::DispatchKey::CPU, TORCH_FN(normalizeReference)));
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

at::Tensor normalizeU8(const at::Tensor& images, const at::Tensor& table, at::ScalarType dtype) {
    static const auto op = findOperator<decltype(normalizeReference)>("thaw::normalize_u8");
    return op.call(images, table, dtype);
}

} // namespace engine::ops
