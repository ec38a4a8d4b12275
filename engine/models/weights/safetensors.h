#pragma once

#include "engine/models/weights/mappedfile.h"
#include "engine/models/weights/weightsfile.h"

namespace engine {

// What one format's reader found; names as in the file.
struct WeightsContent {
    std::string format;
    std::vector<StoredTensor> tensors;
    std::vector<std::string> wrappers;
    std::map<std::string, std::string> metadata;
};

// Format: 8 bytes length, that many bytes of JSON, then the data. Throws Error(BadWeights).
[[nodiscard]] WeightsContent readSafetensors(const MappedFile& file);
// True where the file starts like one; says nothing about the rest.
[[nodiscard]] bool looksLikeSafetensors(std::string_view bytes);

} // namespace engine
