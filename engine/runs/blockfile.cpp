#include "engine/runs/blockfile.h"

#include "engine/api/error.h"
#include "engine/base/hash.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace engine {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kPointBytes = 8 + 4 + 8;

std::size_t bodyBytes(BlockKind kind, std::uint32_t count) {
    switch (kind) {
    case BlockKind::Points:
        return count * kPointBytes;
    case BlockKind::Classes:
        return 8 + 8 + count * sizeof(float);
    case BlockKind::Rewind:
        return 8;
    }
    return 0;
}

// Bytes of the block whose header is at `from`; 0 where it is no header.
std::size_t blockBytes(const char* from) {
    const auto kind = getBytes<BlockKind>(from);
    const auto count = getBytes<std::uint32_t>(from + 4);
    const bool fits = kind == BlockKind::Rewind ? count == 0 : count > 0 && count <= kMostInBlock;
    const std::size_t body = fits ? bodyBytes(kind, count) : 0;
    return body > 0 ? kHeaderBytes + body + kChecksumBytes : 0;
}

bool intact(const char* from, std::size_t bytes) {
    return getBytes<std::uint64_t>(from + bytes - kChecksumBytes) == hashBytes(from, bytes - kChecksumBytes);
}

std::string readFrom(int descriptor, std::uint64_t offset) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) <= offset)
        return {};
    std::string data(static_cast<std::size_t>(status.st_size) - offset, '\0');
    std::size_t done = 0;
    while (done < data.size()) {
        const ssize_t got =
            pread(descriptor, data.data() + done, data.size() - done, static_cast<off_t>(offset + done));
        if (got <= 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    data.resize(done);
    return data;
}

// The next intact block of `data` at or after `at`; `bytes` 0 where there is none: what is left is damaged or still
// being written.
struct Block {
    std::size_t begin = 0, bytes = 0;
    [[nodiscard]] std::size_t end() const { return begin + bytes; }
};

Block nextBlock(const std::string& data, std::size_t at) {
    for (; at + kHeaderBytes <= data.size(); ++at) {
        const std::size_t bytes = blockBytes(data.data() + at);
        if (bytes != 0 && at + bytes <= data.size() && intact(data.data() + at, bytes))
            return {at, bytes};
    }
    return {};
}

// What a file holds up to the end of its last intact block.
struct Intact {
    std::uint64_t bytes = 0;
    double latestTime = 0;
};

Intact intactPart(int descriptor) {
    const std::string data = readFrom(descriptor, 0);
    Intact intact;
    for (Block block = nextBlock(data, 0); block.bytes != 0; block = nextBlock(data, intact.bytes)) {
        intact.bytes = block.end();
        intact.latestTime = std::max(intact.latestTime, BlockView(data.data() + block.begin).latestTime());
    }
    return intact;
}

} // namespace

BlockKind BlockView::kind() const { return getBytes<BlockKind>(m_begin); }
std::uint32_t BlockView::count() const { return getBytes<std::uint32_t>(m_begin + 4); }
const char* BlockView::body() const { return m_begin + kHeaderBytes; }
std::int64_t BlockView::rewoundTo() const { return getBytes<std::int64_t>(body()); }

double BlockView::latestTime() const {
    switch (kind()) {
    case BlockKind::Points:
        return getBytes<double>(body() + count() * kPointBytes - sizeof(double));
    case BlockKind::Classes:
        return getBytes<double>(body() + 8);
    case BlockKind::Rewind:
        return 0;
    }
    return 0;
}

BlockWriter::BlockWriter(const std::filesystem::path& file) : m_file(file) {
    m_descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        throw Error(errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                    fmt::format("{} could not be opened: {}.", file.string(), std::strerror(errno)),
                    "Check the disk and the folder's permissions.");
    const auto [length, latest] = intactPart(m_descriptor);
    m_latestTime = latest;
    struct stat status {};
    const bool torn = fstat(m_descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) > length;
    if (torn && ftruncate(m_descriptor, static_cast<off_t>(length)) != 0) {
        close(m_descriptor);
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be repaired.", file.string()), "Check the disk.");
    }
}

BlockWriter::~BlockWriter() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

BlockWriter::BlockWriter(BlockWriter&& other) noexcept
    : m_file(std::move(other.m_file)),
      m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_latestTime(other.m_latestTime) {}

void BlockWriter::write(BlockKind kind, std::uint32_t count, const std::string& body) {
    std::string block;
    block.reserve(kHeaderBytes + body.size() + kChecksumBytes);
    putBytes(block, kind);
    putBytes(block, count);
    block += body;
    putBytes(block, hashBytes(block.data(), block.size()));
    // One write: readers see all of it or a torn tail, which they leave for the next call.
    const ssize_t written = ::write(m_descriptor, block.data(), block.size());
    if (written == static_cast<ssize_t>(block.size()))
        return;
    const int code = written < 0 ? errno : ENOSPC;
    if (written > 0) {
        struct stat status {};
        if (fstat(m_descriptor, &status) == 0 && ftruncate(m_descriptor, status.st_size - written) != 0)
            throw Error(ErrorKind::DiskFull, fmt::format("{} could not be repaired.", m_file.string()),
                        "Free some space.");
    }
    throw Error(code == ENOSPC || code == EDQUOT ? ErrorKind::DiskFull : ErrorKind::BadInput,
                fmt::format("{} could not be written: {}.", m_file.string(), std::strerror(code)),
                "Free some space on this disk; the run can be resumed.");
}

void BlockWriter::rewind(std::int64_t lastStep) {
    std::string body;
    putBytes(body, lastStep);
    write(BlockKind::Rewind, 0, body);
}

std::size_t BlockFollower::read(const std::function<void(const BlockView&)>& take) {
    struct stat status {};
    if (stat(m_file.c_str(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) == m_offset)
        return 0;
    if (static_cast<std::uint64_t>(status.st_size) < m_offset) {
        // The writer cut off a torn tail that was never taken over; what was read stays.
        m_offset = static_cast<std::uint64_t>(status.st_size);
        return 0;
    }
    const int descriptor = open(m_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    const std::string data = readFrom(descriptor, m_offset);
    close(descriptor);

    std::size_t at = 0, damaged = 0;
    for (Block block = nextBlock(data, at); block.bytes != 0; block = nextBlock(data, at)) {
        if (block.begin > at)
            ++damaged;
        take(BlockView(data.data() + block.begin));
        at = block.end();
    }
    m_offset += at;
    return damaged;
}

} // namespace engine
