#pragma once

#include "engine/api/catalog.h"
#include "engine/models/names/table.h"

#include <array>
#include <span>
#include <string_view>

namespace engine {

class WeightsFile;

struct Colours {
    std::array<float, 3> mean;
    std::array<float, 3> deviation;
};

// A backbone of the table as another library has it, with the preparation of that library's usual weights.
struct PublishedNetwork {
    std::string_view backbone;
    Library origin;
    std::string_view architecture; // that library's name for it; transformers: of the kind of model
    int imageSize;
    int resizeSize;
    Interpolation interpolation;
    Colours colours;
};

[[nodiscard]] std::span<const PublishedNetwork> publishedNetworks();
// nullptr where that library has no such network, or is the one whose names the backbone has.
[[nodiscard]] const PublishedNetwork* findPublished(std::string_view backbone, Library library);
// Whose names most of the file's tensors have, as far as they differ from the backbone's own.
[[nodiscard]] Library libraryOf(const WeightsFile& file, const BackboneInfo& backbone);
[[nodiscard]] BackboneInfo preparedAsPublished(BackboneInfo backbone, Library library);

} // namespace engine
