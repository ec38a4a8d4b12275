// Convolutions that only infer: normalisation folded into the weights, shortcut and activation done by the same
// operator.
#include "engine/models/layers.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <array>

namespace engine {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;

// The activation as oneDNN's operators of torch name it.
struct Attribute {
    std::string_view name;
    Scalars scalars;
};

Attribute attributeOf(Activation activation) {
    switch (activation) {
    case Activation::None:
        break;
    case Activation::Relu:
        return {"relu", Scalars()};
    case Activation::Relu6:
        return {"hardtanh", Scalars({at::Scalar(0.0), at::Scalar(6.0)})};
    case Activation::Silu:
        return {"swish", Scalars()};
    case Activation::Hardswish:
        return {"hardswish", Scalars()};
    }
    return {"none", Scalars()};
}

using Sizes = at::IntArrayRef;
using Unary = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, Sizes, Sizes, Sizes,
                         std::int64_t, std::string_view, Scalars, std::optional<std::string_view>);
using Binary = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                          Sizes, Sizes, Sizes, std::int64_t, std::string_view, std::optional<at::Scalar>,
                          std::optional<std::string_view>, Scalars, std::optional<std::string_view>);

// Torch's own builds have them on x86 and ARM; elsewhere the parts are computed one after the other.
template <typename Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find(const char* overload) {
    const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_convolution_pointwise", overload});
    if (!found || !found->hasKernelForDispatchKey(c10::DispatchKey::CPU))
        return std::nullopt;
    return found->typed<Signature>();
}

} // namespace

void Conv2dImpl::fold(at::ScalarType type) {
    m_foldedType = type;
    m_foldedWeight = at::Tensor();
    m_foldedBias = at::Tensor();
}

void Conv2dImpl::foldOnce(const BatchNorm& norm) {
    if (m_foldedWeight.defined())
        return;
    const torch::NoGradGuard noGrad;
    at::Tensor folded = weight.detach(), shift = bias.defined() ? bias.detach() : bias;
    if (norm) {
        // In double: one rounding, as the separate steps have.
        const at::Tensor scale =
            norm->weight.detach().to(at::kDouble) / (norm->running_var.to(at::kDouble) + norm->options.eps()).sqrt();
        at::Tensor mean = norm->running_mean.to(at::kDouble);
        if (shift.defined())
            mean = mean - shift.to(at::kDouble);
        shift = norm->bias.detach().to(at::kDouble) - mean * scale;
        folded = folded.to(at::kDouble) * scale.view({-1, 1, 1, 1});
    }
    m_foldedWeight = folded.to(*m_foldedType).contiguous(at::MemoryFormat::ChannelsLast);
    m_foldedBias = shift.defined() ? shift.to(*m_foldedType) : shift;
}

at::Tensor Conv2dImpl::forwardFolded(const at::Tensor& input, const Tail& tail) {
    static const auto unary = find<Unary>("");
    static const auto binary = find<Binary>("binary");
    foldOnce(tail.norm);
    const ConvOptions& o = m_options;
    const auto [all, padding] = padded(input.to(*m_foldedType));
    const std::array<std::int64_t, 2> strides{o.stride, o.stride}, paddings{padding, padding}, dilations{1, 1};
    const std::optional<at::Tensor> shift =
        m_foldedBias.defined() ? std::optional<at::Tensor>(m_foldedBias) : std::nullopt;
    // A single pixel lies in every order at once, of which oneDNN's operators make no memory.
    const auto outputSide = [&](std::int64_t side) { return (side + 2 * padding - o.kernel) / o.stride + 1; };
    const bool pixel = all.size(2) * all.size(3) == 1 || outputSide(all.size(2)) * outputSide(all.size(3)) == 1;
    const bool onCpu = all.is_cpu() && unary && binary && !pixel;
    // oneDNN adds before it activates, and knows only ReLU behind a sum.
    const bool plainSum = tail.activation == Activation::None || tail.activation == Activation::Relu;
    at::Tensor output;
    if (onCpu && !tail.added.defined()) {
        const Attribute attribute = attributeOf(tail.activation);
        output = unary->call(all, m_foldedWeight, shift, paddings, strides, dilations, o.groups, attribute.name,
                             attribute.scalars, std::nullopt);
    } else if (onCpu && plainSum && tail.added.scalar_type() == *m_foldedType) {
        const auto then = tail.activation == Activation::Relu ? std::optional<std::string_view>("relu") : std::nullopt;
        output = binary->call(all, tail.added, m_foldedWeight, shift, paddings, strides, dilations, o.groups, "add",
                              std::nullopt, then, Scalars(), std::nullopt);
    } else {
        output = at::conv2d(all, m_foldedWeight, shift, strides, paddings, dilations, o.groups);
        if (tail.added.defined())
            output.add_(tail.added);
        output = activateInPlace(output, tail.activation);
    }
    report(output);
    return output;
}

} // namespace engine
