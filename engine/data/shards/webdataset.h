#pragma once

#include "engine/data/imagefolder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// Pictures and their labels from tar shards as WebDataset writes them: a folder of tars, one tar, or a pattern such as
// "train-{000000..000123}.tar"; plain, or packed by gzip or zstd. Parts are told by data.train and data.validation or
// by the shards' names, else a share is held back by the seed. What is of no use is in the notes. Throws Error(NotFound
// | BadInput | DataGone | DiskFull) with what to do. Any thread.
[[nodiscard]] ImageFolder openWebDataset(const Experiment& experiment);
// All samples of the shards (or of their validation part) as `validation`, with these classes.
[[nodiscard]] ImageFolder openWebDatasetForEvaluation(const std::filesystem::path& data,
                                                      const std::vector<std::string>& classes, bool exclusive);

} // namespace engine
