#include "engine/models/layers.h"

#include "engine/models/dropout.h"
#include "engine/ops/batchnorm.h"
#include "engine/ops/pad.h"
#include "engine/ops/syncbatchnorm.h"

#include <algorithm>

namespace engine {
namespace {

thread_local const LayerTrace::Report* t_report = nullptr;

std::int64_t samePadding(std::int64_t size, std::int64_t kernel, std::int64_t stride) {
    const std::int64_t output = (size + stride - 1) / stride;
    return std::max<std::int64_t>((output - 1) * stride + kernel - size, 0);
}

} // namespace

at::Tensor finished(at::Tensor value, const Tail& tail) {
    if (tail.norm) {
        BatchNorm norm = tail.norm;
        if (norm->is_training() && norm->options.momentum()) {
            const ops::BatchNormState state{.weight = norm->weight,
                                            .bias = norm->bias,
                                            .runningMean = norm->running_mean,
                                            .runningVar = norm->running_var,
                                            .batches = norm->num_batches_tracked,
                                            .momentum = *norm->options.momentum(),
                                            .epsilon = norm->options.eps()};
            if (ops::BatchNormOfAll::applies())
                value = ops::syncBatchNorm(value, state);
            else if (ops::fusesBatchNorm(value, tail.added, state, tail.activation))
                return ops::batchNormActivate(value, tail.added, state, tail.activation);
            else
                value = norm(value);
        } else {
            value = norm(value);
        }
    }
    if (tail.added.defined())
        value.add_(tail.added);
    return activateInPlace(value, tail.activation);
}

LayerTrace::LayerTrace(Report report) : m_report(std::move(report)), m_outer(t_report) { t_report = &m_report; }
LayerTrace::~LayerTrace() { t_report = m_outer; }

void reportLayer(const torch::nn::Module* module, const at::Tensor& output, double flops) {
    if (t_report)
        (*t_report)(module, output, flops);
}

Conv2dImpl::Conv2dImpl(const ConvOptions& options, Bias withBias) : m_options(options) {
    weight = register_parameter(
        "weight", at::empty({options.out, options.in / options.groups, options.kernel, options.kernel}, at::kFloat));
    bias = withBias == Bias::Learned ? register_parameter("bias", at::empty({options.out}, at::kFloat))
                                     : register_parameter("bias", {}, false);
}

Conv2dImpl::Padded Conv2dImpl::padded(const at::Tensor& input) const {
    const ConvOptions& o = m_options;
    if (o.kind == Padding::Fixed)
        return {input, o.padding};
    const std::int64_t high = samePadding(input.size(2), o.kernel, o.stride);
    const std::int64_t wide = samePadding(input.size(3), o.kernel, o.stride);
    if (high == wide && high % 2 == 0)
        return {input, high / 2}; // symmetric: the convolution pads without a copy
    const ops::Padding2d padding{
        .left = wide / 2, .right = wide - wide / 2, .top = high / 2, .bottom = high - high / 2};
    return {ops::padZeros(input, padding), 0};
}

at::Tensor Conv2dImpl::forward(const at::Tensor& input) { return forwardWith(input, {}); }

at::Tensor Conv2dImpl::forwardWith(const at::Tensor& input, const Tail& tail) {
    if (folds())
        return forwardFolded(input, tail);
    const ConvOptions& o = m_options;
    const auto [all, padding] = padded(input);
    at::Tensor output = at::conv2d(all, weight, bias, {o.stride, o.stride}, {padding, padding}, {1, 1}, o.groups);
    report(output);
    return finished(std::move(output), tail);
}

at::Tensor Conv2dImpl::forwardDropped(const at::Tensor& input, double p, bool training, const Tail& tail) {
    const ConvOptions& o = m_options;
    if (!training || folds() || o.kernel != 1 || o.stride != 1 || o.padding != 0 || o.groups != 1)
        return forwardWith(dropoutOf(input, p, training), tail);
    at::Tensor output = dropoutThenPointwise(input, weight, bias, p);
    report(output);
    return finished(std::move(output), tail);
}

void Conv2dImpl::report(const at::Tensor& output) const {
    reportLayer(this, output, 2.0 * static_cast<double>(output.numel()) * static_cast<double>(weight[0].numel()));
}

at::Tensor AdaptableLayer::addAdapter(std::int64_t rank, double scale) {
    const at::Tensor w = matrix();
    const auto options = w.options().requires_grad(false);
    m_a = group(self(), "lora_A")->register_parameter("weight", at::empty({rank, w.size(1)}, options));
    m_b = group(self(), "lora_B")->register_parameter("weight", at::zeros({w.size(0), rank}, options));
    m_scale = scale;
    return m_a;
}

void AdaptableLayer::mergeAdapter() {
    if (!m_a.defined())
        return;
    const torch::NoGradGuard noGrad;
    matrix().add_(at::mm(m_b, m_a), m_scale);
    self().unregister_module("lora_A");
    self().unregister_module("lora_B");
    m_a = m_b = at::Tensor();
}

at::Tensor AdaptableLayer::adapted(const at::Tensor& output, const at::Tensor& input) const {
    if (!m_a.defined())
        return output;
    return at::add(output, at::linear(at::linear(input, m_a), m_b), m_scale);
}

LinearImpl::LinearImpl(std::int64_t in, std::int64_t out, Bias withBias) {
    weight = register_parameter("weight", at::empty({out, in}, at::kFloat));
    bias = withBias == Bias::Learned ? register_parameter("bias", at::empty({out}, at::kFloat))
                                     : register_parameter("bias", {}, false);
}

at::Tensor LinearImpl::forward(const at::Tensor& input) {
    at::Tensor output = adapted(at::linear(input, weight, bias), input);
    reportLayer(this, output, 2.0 * static_cast<double>(output.numel()) * static_cast<double>(weight.size(1)));
    return output;
}

BatchNorm batchNorm(std::int64_t channels, double epsilon, double momentum) {
    return BatchNorm(torch::nn::BatchNorm2dOptions(channels).eps(epsilon).momentum(momentum));
}

torch::nn::LayerNorm layerNorm(std::int64_t channels, double epsilon) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(epsilon));
}

at::Tensor dropPath(const at::Tensor& branch, double probability) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(branch.dim()), 1);
    shape.front() = branch.size(0);
    const double kept = 1 - probability;
    return branch * at::empty(shape, branch.options()).bernoulli_(kept).div_(kept);
}

std::shared_ptr<torch::nn::Module> group(torch::nn::Module& parent, const std::string& name) {
    return parent.register_module(name, std::make_shared<torch::nn::Module>());
}

} // namespace engine
