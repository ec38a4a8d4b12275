#pragma once

#include "engine/models/layers.h"

#include <string>

namespace engine {

// torchvision's convolution "0", normalisation "1" and activation.
class ConvNormImpl final : public torch::nn::Module {
public:
    ConvNormImpl(const ConvOptions& options, Activation activation, double normEpsilon = 1e-5, double momentum = 0.1);
    at::Tensor forward(const at::Tensor& input, const at::Tensor& added = {}); // a shortcut, before the activation

private:
    Conv2d m_convolution;
    BatchNorm m_norm;
    Activation m_activation;
};
TORCH_MODULE(ConvNorm);

struct ExcitationOptions {
    std::int64_t channels = 0;
    std::int64_t narrow = 0;
    std::string reduceName = "fc1"; // torchvision's; timm calls them conv_reduce and conv_expand
    std::string expandName = "fc2";
    Activation activation = Activation::Relu;
    enum class Gate { Sigmoid, Hardsigmoid } gate = Gate::Sigmoid;
};

// Weighs channels by what their mean says (Hu et al. 2018).
class ExcitationImpl final : public torch::nn::Module {
public:
    explicit ExcitationImpl(const ExcitationOptions& options);
    at::Tensor forward(const at::Tensor& input);

private:
    Conv2d m_reduce;
    Conv2d m_expand;
    Activation m_activation;
    ExcitationOptions::Gate m_gate;
};
TORCH_MODULE(Excitation);

// `channels` rounded to a multiple of 8, never more than a tenth below.
[[nodiscard]] std::int64_t roundToEight(double channels);

} // namespace engine
