#pragma once

#include "engine/base/torchheader.h"
#include "engine/models/backbone.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

// The numbers of reference_logits.py: parameters and pictures filled by a formula.

[[nodiscard]] std::uint32_t crc32(std::string_view text);
// float64, uniform in -1..1
[[nodiscard]] at::Tensor noise(std::int64_t count, std::uint32_t seed);
[[nodiscard]] at::Tensor pictures(int size);                                                // [2, 3, size, size]
[[nodiscard]] at::Tensor filled(std::string_view name, at::IntArrayRef shape, double gain); // a tensor of that name
void fill(torch::nn::Module& model, double gain);
// Running statistics of normalisation as a trained network has them: activations neither vanish nor explode. The model
// is in training mode.
void useStatisticsOf(const at::Tensor& pictures, engine::Backbone& model);
// Names and shapes in the order of the state dict, as one number.
[[nodiscard]] std::uint32_t namesDigest(engine::Backbone& model);

} // namespace tests
