#pragma once

#include "engine/base/filedescriptor.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

namespace engine {

enum class Packing { None, Gzip, Zstd };

// When and how large a shard was: another stamp, another content.
struct ShardStamp {
    std::uint64_t bytes = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const ShardStamp&, const ShardStamp&) = default;
};

// A tar of samples on a disk or a server, plain or packed. Any thread.
class Shard final {
public:
    // `sha256`: of its bytes, where that is known of one on a server. Throws Error(DataGone) where it cannot be read.
    explicit Shard(std::filesystem::path file, std::string sha256 = {});

    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }
    [[nodiscard]] const ShardStamp& stamp() const { return m_stamp; }
    [[nodiscard]] Packing packing() const { return m_packing; } // of one on a server it is found out on reading
    [[nodiscard]] const std::string& sha256() const { return m_sha256; }
    // Its plain bytes; what is packed or on a server comes into the cache first where it is not there. Throws
    // Error(DataGone) where it is away, or another than it was; Error(Stopped).
    [[nodiscard]] FileDescriptor open(const std::stop_token& stop = {}) const;

private:
    std::filesystem::path m_file;
    ShardStamp m_stamp;
    Packing m_packing = Packing::None;
    std::string m_sha256;
};

// Reads up to `bytes` bytes from a place on; fewer at the end only. Throws Error(DataGone).
[[nodiscard]] std::size_t readAt(int descriptor, std::uint64_t place, char* to, std::size_t bytes);

} // namespace engine
