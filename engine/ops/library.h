#pragma once

#include "engine/ops/ops.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

namespace engine::ops {

// Schema and reference of BatchNorm in training with what follows it (batchnorm.h).
void defineBatchNorm(torch::Library& library);
// Of zeros around pictures (pad.h).
void definePad(torch::Library& library);

// The operator `name` ("thaw::…"), to be called like a function of the type Signature.
template <typename Signature>
[[nodiscard]] c10::TypedOperatorHandle<Signature> findOperator(const char* name) {
    registerOps();
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

} // namespace engine::ops
