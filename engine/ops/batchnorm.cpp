#include "engine/ops/batchnorm.h"

#include "engine/ops/activate.h"
#include "engine/ops/library.h"
#include "engine/ops/perchannel.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace engine::ops {
namespace {

using Forward = std::tuple<at::Tensor, at::Tensor, at::Tensor>;              // output, mean, 1 / deviation
using Backward = std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor>; // of input, added, weight, bias
using torch::autograd::variable_list;

// The gradient before an activation, of the gradient behind it. ReLU tells from its output as well as from its input.
at::Tensor beforeActivation(const at::Tensor& grad, const at::Tensor& value, Activation activation) {
    switch (activation) {
    case Activation::None:
        return grad;
    case Activation::Relu:
        return at::threshold_backward(grad, value, 0);
    case Activation::Relu6:
        return at::hardtanh_backward(grad, value, 0, 6);
    case Activation::Silu:
        return at::silu_backward(grad, value);
    case Activation::Hardswish:
        return at::hardswish_backward(grad, value);
    }
    return grad;
}

Forward forwardReference(const at::Tensor& input, const std::optional<at::Tensor>& added, const at::Tensor& weight,
                         const at::Tensor& bias, const at::Tensor& runningMean, const at::Tensor& runningVar,
                         const at::Tensor& batches, double momentum, double epsilon, std::int64_t activation) {
    const at::Tensor values = input.to(at::kFloat);
    const auto [variance, mean] = at::var_mean(values, kAllButChannels, 0);
    const at::Tensor inverse = variance.add(epsilon).rsqrt();
    const double count = static_cast<double>(input.numel() / input.size(1));
    runningMean.mul_(1 - momentum).add_(mean, momentum);
    runningVar.mul_(1 - momentum).add_(variance, momentum * count / (count - 1));
    batches.add_(1);
    at::Tensor result = (values - perChannel(mean)) * perChannel(inverse * weight) + perChannel(bias);
    if (added)
        result = result + added->to(at::kFloat);
    result = activateInPlace(result, static_cast<Activation>(activation));
    return {result.to(input.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast), mean, inverse};
}

Backward backwardReference(const at::Tensor& grad, const at::Tensor& input, const std::optional<at::Tensor>& output,
                           const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& mean,
                           const at::Tensor& inverse, std::int64_t activation, bool inputWanted) {
    const at::Tensor centred = input.to(at::kFloat) - perChannel(mean);
    const at::Tensor scale = inverse * weight;
    const at::Tensor before =
        output ? output->to(at::kFloat) : centred * perChannel(scale) + perChannel(bias); // of the activation
    const at::Tensor inner = beforeActivation(grad.to(at::kFloat), before, static_cast<Activation>(activation));
    const at::Tensor sum = inner.sum(kAllButChannels), product = (inner * centred).sum(kAllButChannels);
    const double count = static_cast<double>(input.numel() / input.size(1));
    at::Tensor ofInput;
    if (inputWanted)
        ofInput = ((inner - perChannel(sum / count) - centred * perChannel(inverse * inverse * product / count)) *
                   perChannel(scale))
                      .to(input.scalar_type())
                      .contiguous(at::MemoryFormat::ChannelsLast);
    return {ofInput, output ? inner.to(grad.scalar_type()) : at::Tensor(), product * inverse, sum};
}

class BatchNormActivate final : public torch::autograd::Function<BatchNormActivate> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                              const std::optional<at::Tensor>& added, const at::Tensor& weight, const at::Tensor& bias,
                              const BatchNormState& state, Activation activation) {
        static const auto op = findOperator<decltype(forwardReference)>("thaw::batch_norm_activate");
        const at::AutoDispatchBelowADInplaceOrView below;
        const auto [output, mean, inverse] =
            op.call(input, added, weight, bias, state.runningMean, state.runningVar, state.batches, state.momentum,
                    state.epsilon, static_cast<int>(activation));
        // Without a shortcut the input says all; with one, ReLU's own output does, which the next layer keeps anyway.
        const bool byOutput = added && activation != Activation::None;
        context->save_for_backward({input, byOutput ? output : at::Tensor(), weight, bias, mean, inverse});
        context->saved_data["activation"] = static_cast<std::int64_t>(activation);
        context->saved_data["added"] = added.has_value();
        return output;
    }

    static variable_list backward(torch::autograd::AutogradContext* context, const variable_list& gradients) {
        static const auto op = findOperator<decltype(backwardReference)>("thaw::batch_norm_activate_backward");
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& output = saved[1];
        const auto [ofInput, inner, ofWeight, ofBias] =
            op.call(gradients[0].contiguous(at::MemoryFormat::ChannelsLast), saved[0],
                    output.defined() ? std::optional(output) : std::nullopt, saved[2], saved[3], saved[4], saved[5],
                    context->saved_data["activation"].toInt(), context->needs_input_grad(0));
        // Where nothing follows the sum, its gradient is the shortcut's.
        const at::Tensor ofAdded = !context->saved_data["added"].toBool() ? at::Tensor()
                                   : output.defined()                     ? inner
                                                                          : gradients[0];
        return {ofInput, ofAdded, ofWeight, ofBias, {}, {}};
    }
};

} // namespace

void defineBatchNorm(torch::Library& library) {
    library.def("batch_norm_activate(Tensor input, Tensor? added, Tensor weight, Tensor bias, Tensor(a!) running_mean, "
                "Tensor(b!) running_var, Tensor(c!) batches, float momentum, float epsilon, int activation) -> "
                "(Tensor, Tensor, Tensor)");
    library.impl("batch_norm_activate",
                 torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, TORCH_FN(forwardReference)));
    library.def("batch_norm_activate_backward(Tensor grad, Tensor input, Tensor? output, Tensor weight, Tensor bias, "
                "Tensor mean, Tensor inverse, int activation, bool input_wanted) -> (Tensor, Tensor, Tensor, Tensor)");
    library.impl("batch_norm_activate_backward",
                 torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, TORCH_FN(backwardReference)));
}

at::Tensor batchNormActivate(const at::Tensor& input, const at::Tensor& added, const BatchNormState& state,
                             Activation activation) {
    TORCH_CHECK(input.dim() == 4 && input.is_contiguous(at::MemoryFormat::ChannelsLast),
                "batch_norm_activate takes an input [N, C, H, W] in channels_last");
    TORCH_CHECK(input.numel() > input.size(1), "batch_norm_activate takes more than one value a channel");
    TORCH_CHECK(!added.defined() || (added.sizes() == input.sizes() && added.scalar_type() == input.scalar_type() &&
                                     added.is_contiguous(at::MemoryFormat::ChannelsLast)),
                "batch_norm_activate adds what has the shape, type and order of its input");
    TORCH_CHECK(!added.defined() || activation == Activation::None || activation == Activation::Relu,
                "batch_norm_activate adds before no activation but ReLU");
    for (const at::Tensor& known : {state.weight, state.bias, state.runningMean, state.runningVar})
        TORCH_CHECK(known.scalar_type() == at::kFloat && known.numel() == input.size(1) && known.is_contiguous() &&
                        known.device() == input.device(),
                    "batch_norm_activate takes float32 parameters and statistics [C] beside its input");
    return BatchNormActivate::apply(input, added.defined() ? std::optional(added) : std::nullopt, state.weight,
                                    state.bias, state, activation);
}

bool fusesBatchNorm(const at::Tensor& input, const at::Tensor& added, const BatchNormState& state,
                    Activation activation) {
    const auto takes = [&](const at::Tensor& value) {
        return value.is_cuda() && value.dim() == 4 && value.is_contiguous(at::MemoryFormat::ChannelsLast) &&
               value.scalar_type() == input.scalar_type() && value.sizes() == input.sizes();
    };
    const bool type = input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16;
    const bool follows = !added.defined() || activation == Activation::None || activation == Activation::Relu;
    return type && follows && takes(input) && (!added.defined() || takes(added)) && input.numel() > input.size(1) &&
           state.weight.defined() && state.weight.scalar_type() == at::kFloat && state.runningMean.defined();
}

} // namespace engine::ops
