#pragma once

#include "engine/models/backbone.h"

namespace engine {

// The TorchScript program that info.name names, as a backbone: its outermost modules with parameters are the blocks, in
// the order in which they compute. `classes` 0: its own output.
[[nodiscard]] std::shared_ptr<Backbone> makeScriptBackbone(const BackboneInfo& info, int classes);

} // namespace engine
