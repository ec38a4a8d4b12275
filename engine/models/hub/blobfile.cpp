#include "engine/models/hub/blobfile.h"

#include "engine/api/error.h"
#include "engine/base/sha256.h"
#include "engine/models/weights/mappedfile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

bool isSha256(const std::string& etag) {
    return etag.size() == 64 && etag.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string sumOf(const fs::path& path) {
    const MappedFile file(path);
    Sha256 sum;
    sum.add(file.bytes());
    return sum.hex();
}

} // namespace

BlobLock::BlobLock(const fs::path& lock, const std::string& file) {
    fs::create_directories(lock.parent_path());
    m_descriptor = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (m_descriptor >= 0 && flock(m_descriptor, LOCK_EX | LOCK_NB) == 0)
        return;
    const bool taken = m_descriptor >= 0 && errno == EWOULDBLOCK;
    if (m_descriptor >= 0)
        close(m_descriptor);
    m_descriptor = -1;
    if (taken)
        throw Error(ErrorKind::Network, fmt::format("Another program is downloading {} just now.", file),
                    "Wait until it is done, then try again.");
}

BlobLock::~BlobLock() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

BlobFile::BlobFile(fs::path incomplete, std::string file) : m_path(std::move(incomplete)), m_file(std::move(file)) {
    fs::create_directories(m_path.parent_path());
    m_descriptor = open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    struct stat facts {};
    if (m_descriptor < 0 || fstat(m_descriptor, &facts) != 0)
        fail(errno);
    m_bytes = static_cast<std::uint64_t>(facts.st_size);
}

BlobFile::~BlobFile() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

void BlobFile::fail(int problem) const {
    throw Error(ErrorKind::DiskFull,
                fmt::format("{} cannot be written into the cache: {}.", m_file, std::strerror(problem)),
                "Make room, or set HF_HUB_CACHE to a folder on another disk.");
}

void BlobFile::makeRoom(std::uint64_t wanted) const {
    std::error_code code;
    const auto space = fs::space(m_path.parent_path(), code);
    if (!code && wanted > m_bytes && space.available < wanted - m_bytes)
        fail(ENOSPC);
}

void BlobFile::append(std::string_view bytes, std::uint64_t wanted) {
    if (wanted > 0 && bytes.size() > wanted - std::min(wanted, m_bytes)) {
        clear();
        throw Error(ErrorKind::Network,
                    fmt::format("More comes than the {} bytes that {} should have.", wanted, m_file),
                    "Try again; a proxy or mirror in between may give another file.");
    }
    while (!bytes.empty()) {
        const ssize_t written = write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            fail(errno);
        m_bytes += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void BlobFile::clear() {
    if (ftruncate(m_descriptor, 0) != 0)
        fail(errno);
    m_bytes = 0;
}

void BlobFile::finish(const fs::path& place, std::uint64_t wanted, const std::string& etag) {
    const bool whole = wanted == 0 || m_bytes == wanted;
    if (!whole || (isSha256(etag) && (m_bytes == 0 || sumOf(m_path) != etag))) {
        std::error_code ignored;
        fs::remove(m_path, ignored);
        throw Error(ErrorKind::BadWeights,
                    fmt::format("The download of {} is damaged: {}.", m_file,
                                whole ? "its checksum is not the one that was announced"
                                      : "its size is not the one that was announced"),
                    "Try again; a proxy or mirror in between may give another file.");
    }
    if (fsync(m_descriptor) != 0 || rename(m_path.c_str(), place.c_str()) != 0)
        fail(errno);
}

} // namespace engine
