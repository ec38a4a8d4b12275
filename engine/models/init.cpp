#include "engine/models/init.h"

#include "engine/base/hash.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace engine {
namespace {

double fanIn(const at::Tensor& weight) { return static_cast<double>(weight[0].numel()); }
double fanOut(const at::Tensor& weight) {
    return static_cast<double>(weight.size(0)) * static_cast<double>(weight[0][0].numel());
}

} // namespace

Init kaimingNormalFanOut(const at::Tensor& weight) { return {Init::Law::Normal, std::sqrt(2.0 / fanOut(weight)), 0}; }
Init kaimingNormalFanIn(const at::Tensor& weight) { return {Init::Law::Normal, std::sqrt(2.0 / fanIn(weight)), 0}; }
Init kaimingUniformFanIn(const at::Tensor& weight) { return {Init::Law::Uniform, std::sqrt(6.0 / fanIn(weight)), 0}; }
Init torchDefault(const at::Tensor& weight) {
    const double bound = 1.0 / std::sqrt(fanIn(weight));
    return {Init::Law::Uniform, bound, bound};
}
Init normal(double deviation) { return {Init::Law::Normal, deviation, 0}; }
Init xavierUniform(const at::Tensor& weight) {
    return {Init::Law::Uniform, std::sqrt(6.0 / (fanIn(weight) + fanOut(weight))), 0};
}

void draw(const Init& init, at::Tensor weight, at::Tensor bias, std::uint64_t seed, std::string_view path) {
    const torch::NoGradGuard noGrad;
    at::Generator generator = at::detail::createCPUGenerator(deriveSeed(seed, hashText(path)));
    switch (init.law) {
    case Init::Law::Normal:
        weight.normal_(0, init.scale, generator);
        break;
    case Init::Law::Uniform:
        weight.uniform_(-init.scale, init.scale, generator);
        break;
    }
    if (!bias.defined())
        return;
    if (init.biasBound > 0)
        bias.uniform_(-init.biasBound, init.biasBound, generator);
    else
        bias.zero_();
}

} // namespace engine
