#pragma once

#include "engine/models/weights/pickle.h"
#include "engine/models/weights/safetensors.h"

#include <functional>

namespace engine {

// The bytes of a storage; throws Error(BadWeights) where they are not in the file.
using StorageBytes = std::function<std::string_view(const PickledStorage&)>;

// Every tensor in what a pickle built, under the path that leads to it, checked to lie within its storage; and what
// names classes. Throws Error(BadWeights), also where there is no tensor.
[[nodiscard]] WeightsContent collectTensors(const PickleValue& root, const StorageBytes& storageBytes,
                                            const std::string& file);

// Throws Error(BadWeights) where the tensor, called `name` in the sentence, reaches outside its storage.
void requireInside(const PickledTensor& tensor, const StorageBytes& storageBytes, std::string_view name,
                   const std::string& file);

} // namespace engine
