#pragma once

#include "engine/data/shards/shard.h"
#include "engine/data/shards/shardentry.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace engine {

// The samples of one shard, kept as a file: in a hidden folder beside the shard where that can be written, else in the
// cache. It is made anew when the shard's size or time is another. Holds none of them in memory; any thread.
class ShardIndex final {
public:
    // Reads the shard's headers where there is no index of it yet; `labelKeys` as ShardEntries. Throws Error(DataGone |
    // DiskFull), and Error(BadInput) where the shard is no tar. Blocks.
    [[nodiscard]] static ShardIndex of(const Shard& shard, const std::vector<std::string>& labelKeys);

    [[nodiscard]] std::int64_t samples() const { return m_samples; }
    [[nodiscard]] const ShardTroubles& troubles() const { return m_troubles; }
    // In the order of the tar; ends where the function says false.
    void forEach(const std::function<bool(const ShardEntry&)>& take) const;

private:
    [[nodiscard]] bool load(const std::filesystem::path& file, const std::string& question);
    void make(const Shard& shard, const std::vector<std::string>& labelKeys, const std::filesystem::path& file,
              const std::string& question);

    std::filesystem::path m_file;
    std::uint64_t m_bytes = 0; // of the entries
    std::int64_t m_samples = 0;
    ShardTroubles m_troubles;
};

} // namespace engine
