#pragma once

#include "engine/api/datakinds.h"
#include "engine/data/imagefolder.h"

#include <functional>

namespace engine {

// The data of an experiment, by whichever of the sources data.kind names (auto: a folder of pictures, or a table).
// Throws Error(NotFound | BadInput) with what to do. Any thread.
[[nodiscard]] ImageFolder openData(const Experiment& experiment);
// All pictures of `data`, a folder or a table (or of its validation part), as `validation`, with these classes.
[[nodiscard]] ImageFolder openDataForEvaluation(const std::filesystem::path& data,
                                                const std::vector<std::string>& classes, bool exclusive);

// One kind of data: how it is told from others and opened. All functions can be called from any thread.
struct DataSource {
    DataKind kind;
    // Whether data.kind = "auto" means this one for data that lie here; the first row that says so is taken.
    std::function<bool(const std::filesystem::path&)> recognises;
    std::function<ImageFolder(const Experiment&)> open;
    std::function<ImageFolder(const std::filesystem::path&, const std::vector<std::string>& classes, bool exclusive)>
        openForEvaluation;
};
// Adds a kind for good, or one in the place of that of the same name, and its row to dataKinds(). Any thread.
void addDataSource(DataSource source);

// Calls for each class or label of a sample.
template <typename Visit>
void forEachClass(const ImageSample& sample, Visit visit) {
    if (sample.label >= 0)
        visit(static_cast<std::size_t>(sample.label));
    for (const int label : sample.labels)
        visit(static_cast<std::size_t>(label));
}

} // namespace engine
