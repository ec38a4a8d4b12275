#include "engine/api/datakinds.h"

#include <algorithm>
#include <mutex>

namespace engine {
namespace {

struct Table {
    std::mutex mutex;
    std::vector<DataKind> rows{
        {.name = "image-folder",
         .label = "Image folder",
         .place = DataKind::Place::Folder,
         .misplaced = "This is no folder."},
        {.name = "manifest",
         .label = "Table",
         .place = DataKind::Place::File,
         .misplaced = "This is a folder; a table of pictures is a file."},
        {.name = "webdataset", .label = "Shards", .place = DataKind::Place::Anywhere, .misplaced = {}},
    };
};

Table& table() {
    static Table table;
    return table;
}

} // namespace

std::vector<DataKind> dataKinds() {
    const std::lock_guard lock(table().mutex);
    return table().rows;
}

void addDataKindInfo(const DataKind& kind) {
    const std::lock_guard lock(table().mutex);
    const auto row = std::ranges::find(table().rows, kind.name, &DataKind::name);
    if (row != table().rows.end())
        *row = kind;
    else
        table().rows.push_back(kind);
}

} // namespace engine
