#pragma once

#include "engine/ops/activation.h"

#include <ATen/core/Tensor.h>

namespace engine {

// In place, for what a layer has just made; returns `value`.
[[nodiscard]] at::Tensor activateInPlace(at::Tensor value, Activation activation);

} // namespace engine
