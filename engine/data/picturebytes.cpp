#include "engine/data/picturebytes.h"

#include "engine/api/error.h"
#include "engine/api/pictures.h"
#include "engine/base/hash.h"
#include "engine/base/url.h"
#include "engine/data/decode.h"
#include "engine/data/shards/shardfiles.h"
#include "engine/data/shards/shardindex.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::uint64_t kHashPiece = std::uint64_t{1} << 20;

// A file that cannot be reached may be there again later; one whose name or kind is wrong stays so.
[[noreturn]] void failToRead(const char* verb, int problem) {
    const bool forGood = problem == ELOOP || problem == ENAMETOOLONG || problem == EISDIR || problem == EINVAL;
    throw Error(forGood ? ErrorKind::BadInput : ErrorKind::DataGone,
                fmt::format("{} ({})", verb, std::strerror(problem)), "Replace the file or leave it out.");
}

// The part of the path that is a file, where one is; else nothing.
std::string fileWithin(const std::string& path) {
    for (std::size_t slash = path.find('/'); isUrl(path) && slash != std::string::npos;
         slash = path.find('/', slash + 1))
        if (isShardName(path.substr(0, slash)))
            return path.substr(0, slash);
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        struct stat status {};
        const std::string part = path.substr(0, slash);
        if (stat(part.c_str(), &status) != 0)
            return {};
        if (S_ISREG(status.st_mode))
            return part;
    }
    return {};
}

// The place counts: pictures of a shard that changed places are others.
ShardStamp stampWithin(const Shard& shard, std::uint64_t offset, std::uint64_t bytes) {
    return {.bytes = bytes,
            .seconds = shard.stamp().seconds,
            .nanoseconds = shard.stamp().nanoseconds ^ static_cast<std::int64_t>(offset << 30)};
}

} // namespace

PictureBytes::PictureBytes(const fs::path& file) { openFile(file); }

PictureBytes::PictureBytes(const fs::path& root, const ImageSample& sample, const std::stop_token& stop) {
    if (sample.place.shard)
        openMember(*sample.place.shard, sample.place.offset, sample.place.bytes, stop);
    else
        openFile(root / sample.file);
}

void PictureBytes::openFile(const fs::path& file) {
    m_file = FileDescriptor(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)); // a pipe must not block
    if (!m_file && (errno == ENOTDIR || isUrl(file)) && openInShard(file))
        return;
    struct stat status {};
    if (!m_file || fstat(m_file.number(), &status) != 0)
        failToRead("cannot be opened", errno);
    if (!S_ISREG(status.st_mode))
        decode::fail("is no ordinary file");
    m_bytes = static_cast<std::uint64_t>(status.st_size);
    m_stamp = {.bytes = m_bytes, .seconds = status.st_mtim.tv_sec, .nanoseconds = status.st_mtim.tv_nsec};
}

bool PictureBytes::openInShard(const fs::path& file) {
    const std::string shardFile = fileWithin(file.native());
    if (shardFile.empty()) {
        errno = ENOTDIR;
        return false;
    }
    const std::string member = file.native().substr(shardFile.size() + 1);
    const Shard shard(shardFile);
    bool found = false;
    ShardIndex::of(shard, {}).forEach([&](const ShardEntry& entry) {
        if (entry.file != member)
            return true;
        openMember(shard, entry.offset, entry.bytes, {});
        found = true;
        return false;
    });
    errno = ENOENT;
    return found;
}

void PictureBytes::openMember(const Shard& shard, std::uint64_t offset, std::uint64_t bytes,
                              const std::stop_token& stop) {
    m_file = shard.open(stop);
    m_begin = offset;
    m_bytes = bytes;
    m_stamp = stampWithin(shard, offset, bytes);
}

std::size_t PictureBytes::read(std::uint64_t from, std::span<char> room) const {
    if (from >= m_bytes)
        return 0;
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), m_bytes - from));
    return readAt(m_file.number(), m_begin + from, room.data(), most);
}

std::vector<std::uint8_t> PictureBytes::all() const {
    if (m_bytes > kLargestFile)
        decode::fail("is larger than 1 GB");
    std::vector<std::uint8_t> content(static_cast<std::size_t>(m_bytes));
    content.resize(read(0, {reinterpret_cast<char*>(content.data()), content.size()}));
    return content;
}

std::uint64_t PictureBytes::hashOfEnd(std::uint64_t most) const {
    std::uint64_t hash = 0, left = std::min(m_bytes, most);
    std::vector<char> piece(static_cast<std::size_t>(std::clamp<std::uint64_t>(left, 1, kHashPiece)));
    while (left > 0) {
        const std::size_t count =
            read(m_bytes - left, {piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left))});
        if (count == 0)
            failToRead("cannot be read", EIO); // it has become shorter
        hash = hashBytes(piece.data(), count, hash);
        left -= count;
    }
    return hash;
}

bool isPictureThere(const fs::path& file) {
    std::error_code code;
    if (fs::exists(file, code))
        return true;
    try {
        (void)PictureBytes(file);
    } catch (const Error&) {
        return false;
    }
    return true;
}

std::optional<ShardStamp> pictureStamp(const fs::path& root, const ImageSample& sample) {
    if (sample.place.shard)
        return stampWithin(*sample.place.shard, sample.place.offset, sample.place.bytes);
    struct stat status {};
    if (stat((root / sample.file).c_str(), &status) != 0)
        return std::nullopt;
    return ShardStamp{.bytes = static_cast<std::uint64_t>(status.st_size),
                      .seconds = status.st_mtim.tv_sec,
                      .nanoseconds = status.st_mtim.tv_nsec};
}

} // namespace engine
