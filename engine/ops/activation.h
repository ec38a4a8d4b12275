#pragma once

namespace engine {

// Functions of one value that follow a layer; their numbers are part of the operators' schemas.
enum class Activation { None, Relu, Relu6, Silu, Hardswish };

} // namespace engine
