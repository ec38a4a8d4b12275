#pragma once

#include "engine/data/foldername.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// By its ending: .tar, .tar.gz, .tgz, .tar.zst, .tzst.
[[nodiscard]] bool isShardName(const std::filesystem::path& file);
// A shard that was found; its SHA-256 where an index.json on a server says it.
struct FoundShard {
    std::filesystem::path file;
    std::string sha256 = {};
};
// The tars of a folder and the folders in it, by name; those of a pattern, in its order; those that index.json in a
// folder on a server names. Throws Error(NotFound | BadInput | DataGone) where there are none, or some are missing.
[[nodiscard]] std::vector<FoundShard> findShards(const std::filesystem::path& data);
// What its name, else that of a folder it lies in says of the part; `name` is relative to the root.
[[nodiscard]] Part partOfShard(const std::string& name);
// Whether the shard is one of those that data.train or data.validation means: a name, a pattern (* ? [ ] and braces), a
// folder, or how the names begin.
[[nodiscard]] bool isMeant(const std::string& name, const std::string& setting);

} // namespace engine
