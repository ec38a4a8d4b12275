#pragma once

#include "engine/models/weights/safetensors.h"

namespace engine {

// What torch.save wrote since 1.6 (a zip archive) and before (pickles, then storages). Throws Error(BadWeights).
[[nodiscard]] WeightsContent readTorchZip(const MappedFile& file);
[[nodiscard]] WeightsContent readTorchLegacy(const MappedFile& file);
// A pickle without storages: what pickle.dump wrote of NumPy's arrays. Throws Error(BadWeights).
[[nodiscard]] WeightsContent readPlainPickle(const MappedFile& file);
[[nodiscard]] bool looksLikePickle(std::string_view bytes);
// For a TorchScript program that torch is to load: every tensor of it lies within the file, nothing but its code is
// compressed, that unpacks to little, and no entry is there twice. Throws Error(BadWeights).
void checkProgramFile(const MappedFile& file);
[[nodiscard]] bool looksLikeTorchLegacy(std::string_view bytes);

} // namespace engine
