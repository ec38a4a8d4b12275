#pragma once

#include "engine/models/weights/pickle.h"
#include "engine/models/weights/safetensors.h"

#include <functional>

namespace engine {

// The bytes of a storage; throws Error(BadWeights) where they are not in the file.
using StorageBytes = std::function<std::string_view(const PickledStorage&)>;

// Finds the dictionary of tensors in what a pickle built, names what it was wrapped in, and checks that every tensor
// lies within its storage. Throws Error(BadWeights).
[[nodiscard]] WeightsContent collectTensors(const PickleValue& root, const StorageBytes& storageBytes,
                                            const std::string& file);

// Throws Error(BadWeights) where the tensor, called `name` in the sentence, reaches outside its storage.
void requireInside(const PickledTensor& tensor, const StorageBytes& storageBytes, std::string_view name,
                   const std::string& file);

// Takes off what wrapping a module puts before every name ("module."), and says so in `wrappers`.
void stripPrefixes(WeightsContent& content);

} // namespace engine
