#pragma once

#include "engine/base/filedescriptor.h"

#include <cstdint>
#include <filesystem>

namespace engine {

enum class Packing { None, Gzip, Zstd };

// When and how large a shard was: another stamp, another content.
struct ShardStamp {
    std::uint64_t bytes = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const ShardStamp&, const ShardStamp&) = default;
};

// A tar of samples on a disk, plain or packed. Any thread.
class Shard final {
public:
    // Throws Error(DataGone) where it cannot be read.
    explicit Shard(std::filesystem::path file);

    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }
    [[nodiscard]] const ShardStamp& stamp() const { return m_stamp; }
    [[nodiscard]] Packing packing() const { return m_packing; }
    // Its plain bytes; what is packed is unpacked first where the cache has it not. Throws Error(DataGone) where it is
    // away, or another than it was.
    [[nodiscard]] FileDescriptor open() const;

private:
    std::filesystem::path m_file;
    ShardStamp m_stamp;
    Packing m_packing;
};

// Reads up to `bytes` bytes from a place on; fewer at the end only. Throws Error(DataGone).
[[nodiscard]] std::size_t readAt(int descriptor, std::uint64_t place, char* to, std::size_t bytes);

} // namespace engine
