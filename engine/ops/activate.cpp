#include "engine/ops/activate.h"

#include <ATen/ATen.h>

namespace engine {

at::Tensor activateInPlace(at::Tensor value, Activation activation) {
    switch (activation) {
    case Activation::None:
        return value;
    case Activation::Relu:
        return value.relu_();
    case Activation::Relu6:
        return at::hardtanh_(value, 0, 6);
    case Activation::Silu:
        return at::silu_(value);
    case Activation::Hardswish:
        return at::hardswish_(value);
    }
    return value;
}

} // namespace engine
