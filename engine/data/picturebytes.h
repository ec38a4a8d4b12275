#pragma once

#include "engine/base/filedescriptor.h"
#include "engine/data/sample.h"
#include "engine/data/shards/shard.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace engine {

// The bytes of a picture where they lie: a file, or a piece of a shard. All that opens pictures by their path goes
// through it, so that "set/shard.tar/name.jpg" is a path as any other. Sentences leave out the picture's name; Error is
// DataGone where it may be there again later, BadInput where its name or kind is wrong. One thread.
class PictureBytes final {
public:
    explicit PictureBytes(const std::filesystem::path& file);
    // `stop` ends a wait for a server: Error(Stopped).
    PictureBytes(const std::filesystem::path& root, const ImageSample& sample, const std::stop_token& stop = {});

    [[nodiscard]] std::uint64_t size() const { return m_bytes; }
    // Another one, another picture; of one in a shard its size, and the shard's time with its place.
    [[nodiscard]] const ShardStamp& stamp() const { return m_stamp; }
    // From a place on; fewer at the end only.
    [[nodiscard]] std::size_t read(std::uint64_t from, std::span<char> room) const;
    [[nodiscard]] std::vector<std::uint8_t> all() const; // throws Error(BadInput) beyond 1 GB
    // Of the last `most` bytes.
    [[nodiscard]] std::uint64_t hashOfEnd(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const;

private:
    void openFile(const std::filesystem::path& file);
    [[nodiscard]] bool openInShard(const std::filesystem::path& file);
    void openMember(const Shard& shard, std::uint64_t offset, std::uint64_t bytes, const std::stop_token& stop);

    FileDescriptor m_file;
    std::uint64_t m_begin = 0, m_bytes = 0;
    ShardStamp m_stamp;
};

// Without opening it; nothing where it is not there. Any thread.
[[nodiscard]] std::optional<ShardStamp> pictureStamp(const std::filesystem::path& root, const ImageSample& sample);

} // namespace engine
