#include "engine/ops/pad.h"

#include "engine/ops/library.h"

#include <ATen/ATen.h>
#include <array>
#include <torch/csrc/autograd/custom_function.h>

namespace engine::ops {
namespace {

using torch::autograd::variable_list;

at::Tensor padReference(const at::Tensor& input, std::int64_t left, std::int64_t right, std::int64_t top,
                        std::int64_t bottom) {
    return at::constant_pad_nd(input, std::array{left, right, top, bottom}, 0);
}

at::Tensor call(const at::Tensor& input, const Padding2d& padding) {
    static const auto op = findOperator<decltype(padReference)>("thaw::pad_zeros");
    return op.call(input, padding.left, padding.right, padding.top, padding.bottom);
}

class PadZeros final : public torch::autograd::Function<PadZeros> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                              const Padding2d& padding) {
        context->saved_data["padding"] = std::vector{padding.left, padding.right, padding.top, padding.bottom};
        const at::AutoDispatchBelowADInplaceOrView below;
        return call(input, padding);
    }

    // Cuts off what forward added.
    static variable_list backward(torch::autograd::AutogradContext* context, const variable_list& gradients) {
        const auto sides = context->saved_data["padding"].toIntVector();
        return {call(gradients[0], {-sides[0], -sides[1], -sides[2], -sides[3]}), {}};
    }
};

} // namespace

void definePad(torch::Library& library) {
    library.def("pad_zeros(Tensor input, int left, int right, int top, int bottom) -> Tensor");
    library.impl("pad_zeros", torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, TORCH_FN(padReference)));
}

at::Tensor padZeros(const at::Tensor& input, const Padding2d& padding) {
    TORCH_CHECK(input.dim() == 4, "pad_zeros takes pictures [N, C, H, W]");
    return PadZeros::apply(input, padding);
}

} // namespace engine::ops
