#include "engine/data/dataset.h"

#include "engine/api/error.h"
#include "engine/data/manifest.h"
#include "engine/data/tablefile.h"

#include <fmt/format.h>

namespace engine {

bool isManifest(const std::filesystem::path& data) {
    std::error_code code;
    return std::filesystem::is_regular_file(data, code);
}

ImageFolder openData(const Experiment& experiment) {
    const std::string& kind = experiment.data.kind;
    std::error_code code;
    if (const auto path = experiment.dataPath(); isTableName(path) && !std::filesystem::exists(path, code))
        throw Error(ErrorKind::NotFound, fmt::format("The table {} does not exist.", path.string()), "Check the path.");
    const bool table = kind == "manifest" || (kind == "auto" && isManifest(experiment.dataPath()));
    return table ? openManifest(experiment) : openImageFolder(experiment);
}

ImageFolder openDataForEvaluation(const std::filesystem::path& data, const std::vector<std::string>& classes,
                                  bool exclusive) {
    return isManifest(data) ? openManifestForEvaluation(data, classes, exclusive) : openForEvaluation(data, classes);
}

} // namespace engine
