#include "engine/models/vision/convnorm.h"

#include <algorithm>

namespace engine {

ConvNormImpl::ConvNormImpl(const ConvOptions& options, Activation activation, double normEpsilon, double momentum)
    : torch::nn::Module("Conv + BatchNorm"),
      m_convolution(child(*this, "0", Conv2d(options))),
      m_norm(child(*this, "1", batchNorm(options.out, normEpsilon, momentum))),
      m_activation(activation) {}

at::Tensor ConvNormImpl::forward(const at::Tensor& input, const at::Tensor& added) {
    return m_convolution->forwardWith(input, {.norm = m_norm, .added = added, .activation = m_activation});
}

ExcitationImpl::ExcitationImpl(const ExcitationOptions& options)
    : torch::nn::Module("squeeze and excitation"),
      m_reduce(child(*this, options.reduceName,
                     Conv2d(ConvOptions{.in = options.channels, .out = options.narrow}, Conv2dImpl::Bias::Learned))),
      m_expand(child(*this, options.expandName,
                     Conv2d(ConvOptions{.in = options.narrow, .out = options.channels}, Conv2dImpl::Bias::Learned))),
      m_activation(options.activation),
      m_gate(options.gate) {}

at::Tensor ExcitationImpl::forward(const at::Tensor& input) {
    const at::Tensor narrow = m_reduce->forwardWith(input.mean({2, 3}, true), {.activation = m_activation});
    const at::Tensor weights = m_expand(narrow);
    return input * (m_gate == ExcitationOptions::Gate::Sigmoid ? at::sigmoid(weights) : at::hardsigmoid(weights));
}

std::int64_t roundToEight(double channels) {
    const auto rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(channels + 4) / 8 * 8);
    return static_cast<double>(rounded) < 0.9 * channels ? rounded + 8 : rounded;
}

} // namespace engine
