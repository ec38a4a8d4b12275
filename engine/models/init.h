#pragma once

#include "engine/base/torchheader.h"

#include <cstdint>
#include <string_view>

namespace engine {

// The law from which a layer's parameters are drawn. Biases are uniform in ±biasBound; 0 makes them zero.
struct Init {
    enum class Law { Normal, Uniform };
    Law law = Law::Normal;
    double scale = 0; // standard deviation, or bound of the uniform law
    double biasBound = 0;
};

// Laws for a weight [out, in, …] (He et al. 2015; gain √2).
[[nodiscard]] Init kaimingNormalFanOut(const at::Tensor& weight);
[[nodiscard]] Init kaimingNormalFanIn(const at::Tensor& weight);
[[nodiscard]] Init kaimingUniformFanIn(const at::Tensor& weight);
// What torch's own layers start with: weight and bias uniform in ±1/√fan-in.
[[nodiscard]] Init torchDefault(const at::Tensor& weight);
[[nodiscard]] Init normal(double deviation);
// Glorot and Bengio 2010.
[[nodiscard]] Init xavierUniform(const at::Tensor& weight);

// Draws weight and bias (may be undefined) from a generator of their own, made from the seed and the module's path.
void draw(const Init& init, at::Tensor weight, at::Tensor bias, std::uint64_t seed, std::string_view path);

} // namespace engine
