#include "engine/base/filelock.h"

#include "engine/api/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

struct flock wholeFile(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

} // namespace

// Open-file-description locks: unlike flock() they can be asked about without being taken, and unlike classic record
// locks they also hold between threads of one process.
FileLock::FileLock(const fs::path& file) : m_descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (m_descriptor < 0)
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} cannot be written to: {}.", file.parent_path().string(), std::strerror(errno)),
                    "Check the folder's permissions and the disk.");
}

FileLock::~FileLock() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

bool FileLock::tryTake() {
    struct flock lock = wholeFile(F_WRLCK);
    return fcntl(m_descriptor, F_OFD_SETLK, &lock) == 0;
}

void FileLock::take() {
    struct flock lock = wholeFile(F_WRLCK);
    while (fcntl(m_descriptor, F_OFD_SETLKW, &lock) != 0)
        if (errno != EINTR)
            throw Error(ErrorKind::Internal, fmt::format("A lock cannot be had: {}.", std::strerror(errno)));
}

bool FileLock::heldByAnyone(const fs::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    struct flock lock = wholeFile(F_WRLCK);
    const bool held = fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(descriptor);
    return held;
}

} // namespace engine
