#include "engine/data/shards/shard.h"

#include "engine/api/error.h"
#include "engine/base/url.h"
#include "engine/data/shards/remotefile.h"
#include "engine/data/shards/shardcache.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

constexpr int kMostTries = 20;

[[noreturn]] void failToOpen(const std::filesystem::path& file, int problem) {
    throw Error(ErrorKind::DataGone,
                fmt::format("The shard {} cannot be read: {}.", file.string(), std::strerror(problem)),
                "Check that it is there and that you may read it.");
}

ShardStamp stampFrom(const struct stat& status) {
    return {.bytes = static_cast<std::uint64_t>(status.st_size),
            .seconds = status.st_mtim.tv_sec,
            .nanoseconds = status.st_mtim.tv_nsec};
}

FileDescriptor opened(const std::filesystem::path& file, ShardStamp& stamp) {
    FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || fstat(descriptor.number(), &status) != 0)
        failToOpen(file, errno);
    if (!S_ISREG(status.st_mode))
        failToOpen(file, EISDIR);
    stamp = stampFrom(status);
    return descriptor;
}

} // namespace

Shard::Shard(std::filesystem::path file, std::string sha256) : m_file(std::move(file)), m_sha256(std::move(sha256)) {
    if (isUrl(m_file)) {
        m_stamp = remoteStamp(m_file.native());
        return;
    }
    (void)opened(m_file, m_stamp);
    m_packing = packingOf(m_file);
}

FileDescriptor Shard::open(const std::stop_token& stop) const {
    ShardStamp now;
    if (m_packing == Packing::None && !isUrl(m_file)) {
        FileDescriptor descriptor = opened(m_file, now);
        if (now != m_stamp)
            throw Error(ErrorKind::DataGone,
                        fmt::format("The shard {} is another than it was when the run began.", m_file.string()),
                        "Start the run again.");
        return descriptor;
    }
    // Another process may take its room before it is opened.
    for (int tries = 1;; ++tries) {
        const std::filesystem::path copy = cachedCopy(*this, stop);
        if (FileDescriptor descriptor(::open(copy.c_str(), O_RDONLY | O_CLOEXEC)); descriptor)
            return descriptor;
        if (tries == kMostTries)
            failToOpen(copy, errno);
    }
}

std::size_t readAt(int descriptor, std::uint64_t place, char* to, std::size_t bytes) {
    std::size_t done = 0;
    while (done < bytes) {
        const ssize_t got = pread(descriptor, to + done, bytes - done, static_cast<off_t>(place + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw Error(ErrorKind::DataGone, fmt::format("cannot be read ({})", std::strerror(errno)),
                        "Check the disk.");
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

} // namespace engine
