#pragma once

#include "engine/data/imagefolder.h"

#include <functional>

namespace engine {

// The data of an experiment, by whichever of the sources data.kind names (auto: a folder of pictures, or a table).
// Throws Error(NotFound | BadInput) with what to do. Any thread.
[[nodiscard]] ImageFolder openData(const Experiment& experiment);
// All pictures of `data`, a folder or a table (or of its validation part), as `validation`, with these classes.
[[nodiscard]] ImageFolder openDataForEvaluation(const std::filesystem::path& data,
                                                const std::vector<std::string>& classes, bool exclusive);

// Whether this is taken for a table of pictures.
[[nodiscard]] bool isManifest(const std::filesystem::path& data);

// Calls for each class or label of a sample.
template <typename Visit>
void forEachClass(const ImageSample& sample, Visit visit) {
    if (sample.label >= 0)
        visit(static_cast<std::size_t>(sample.label));
    for (const int label : sample.labels)
        visit(static_cast<std::size_t>(label));
}

} // namespace engine
