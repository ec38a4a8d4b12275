#pragma once

#include <torch/library.h>

namespace engine::ops {

// Schema and reference of BatchNorm in training with what follows it (batchnorm.h).
void defineBatchNorm(torch::Library& library);

} // namespace engine::ops
