#include "engine/data/dataset.h"

#include "engine/api/error.h"
#include "engine/data/labelchanges.h"
#include "engine/data/manifest.h"
#include "engine/data/shards/shardfiles.h"
#include "engine/data/shards/webdataset.h"
#include "engine/data/tablefile.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <mutex>

namespace engine {
namespace fs = std::filesystem;

namespace {

bool isFile(const fs::path& data) {
    std::error_code code;
    return fs::is_regular_file(data, code);
}

DataKind rowOf(std::string_view name) {
    const std::vector<DataKind> rows = dataKinds();
    return *std::ranges::find(rows, name, &DataKind::name);
}

struct Table {
    std::mutex mutex;
    std::deque<DataSource> sources{
        // those that are added lie before them
        {.kind = rowOf("webdataset"),
         .recognises = areShards,
         .open = openWebDataset,
         .openForEvaluation = openWebDatasetForEvaluation},
        {.kind = rowOf("manifest"),
         .recognises = isFile,
         .open = openManifest,
         .openForEvaluation = openManifestForEvaluation},
        {.kind = rowOf("image-folder"),
         .recognises = [](const fs::path&) { return true; }, // or says what is wrong with it
         .open = openImageFolder,
         .openForEvaluation = [](const fs::path& data, const std::vector<std::string>& classes,
                                 bool) { return openForEvaluation(data, classes); }},
    };
};

Table& table() {
    static Table table;
    return table;
}

DataSource sourceOf(const std::string& kind, const fs::path& data) {
    const std::lock_guard lock(table().mutex);
    const auto found = std::ranges::find_if(table().sources, [&](const DataSource& source) {
        return kind == "auto" ? source.recognises(data) : source.kind.name == kind;
    });
    if (found == table().sources.end())
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is no kind of data.", kind), "Set data.kind to auto.");
    return *found;
}

} // namespace

void addDataSource(DataSource source) {
    addDataKindInfo(source.kind);
    const std::lock_guard lock(table().mutex);
    table().sources.push_front(std::move(source));
}

ImageFolder openData(const Experiment& experiment) {
    std::error_code code;
    const fs::path path = experiment.dataPath();
    if (isTableName(path) && !fs::exists(path, code))
        throw Error(ErrorKind::NotFound, fmt::format("The table {} does not exist.", path.string()), "Check the path.");
    ImageFolder folder = sourceOf(experiment.data.kind, path).open(experiment);
    if (!experiment.directory.empty())
        applyLabelChanges(folder, readLabelChanges(experiment.directory));
    return folder;
}

ImageFolder openDataForEvaluation(const fs::path& data, const std::vector<std::string>& classes, bool exclusive) {
    return sourceOf("auto", data).openForEvaluation(data, classes, exclusive);
}

} // namespace engine
