#pragma once

#include "engine/base/torchheader.h"

#include <string>

namespace engine {

// The first parameter or buffer of the module that holds a value which is no finite number; empty where none does.
[[nodiscard]] std::string notFinite(const torch::nn::Module& module);

} // namespace engine
