#pragma once

#include "engine/data/imagefolder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// Pictures and their classes or labels from a table: CSV, TSV or JSONL, a picture a row (or, for several labels, a
// label a row). Files are relative to the table. Parts come from a column, from a second table (data.validation), or a
// share is held back by the seed. What is not used is in the notes. Throws Error(NotFound | BadInput) with what to do.
// Any thread.
[[nodiscard]] ImageFolder openManifest(const Experiment& experiment);
// All pictures of a table (or of its validation part) as `validation`, with these classes.
[[nodiscard]] ImageFolder openManifestForEvaluation(const std::filesystem::path& table,
                                                    const std::vector<std::string>& classes, bool exclusive);

} // namespace engine
