#pragma once

#include "engine/models/weights/mappedfile.h"
#include "engine/models/weights/weightsfile.h"

namespace engine {

// What one format's reader found; names as in the file.
struct WeightsContent {
    std::string format;
    std::vector<StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
    std::vector<std::vector<std::string>> classNames; // lists of what seem to be classes, by index
    std::shared_ptr<const void> owned;                // bytes of tensors that do not stand in the file as they are
};

// Format: 8 bytes length, that many bytes of JSON, then the data. Throws Error(BadWeights).
[[nodiscard]] WeightsContent readSafetensors(const MappedFile& file);
// True where the file starts like one; says nothing about the rest.
[[nodiscard]] bool looksLikeSafetensors(std::string_view bytes);

} // namespace engine
