#include "engine/data/dataset.h"

#include "engine/data/manifest.h"

namespace engine {

bool isManifest(const std::filesystem::path& data) {
    std::error_code code;
    return std::filesystem::is_regular_file(data, code);
}

ImageFolder openData(const Experiment& experiment) {
    const std::string& kind = experiment.data.kind;
    const bool table = kind == "manifest" || (kind == "auto" && isManifest(experiment.dataPath()));
    return table ? openManifest(experiment) : openImageFolder(experiment);
}

ImageFolder openDataForEvaluation(const std::filesystem::path& data, const std::vector<std::string>& classes,
                                  bool exclusive) {
    return isManifest(data) ? openManifestForEvaluation(data, classes, exclusive) : openForEvaluation(data, classes);
}

} // namespace engine
