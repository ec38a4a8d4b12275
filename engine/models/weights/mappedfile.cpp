#include "engine/models/weights/mappedfile.h"

#include "engine/api/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace engine {

MappedFile::MappedFile(std::filesystem::path file) : m_path(std::move(file)) {
    const int descriptor = open(m_path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT)
        throw Error(ErrorKind::NotFound, fmt::format("There is no file {}.", m_path.string()),
                    "Choose another file of weights.");
    struct stat facts {};
    const bool usable =
        descriptor >= 0 && fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0;
    void* address = MAP_FAILED;
    if (usable)
        address = mmap(nullptr, static_cast<std::size_t>(facts.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int problem = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (address != MAP_FAILED) {
        m_bytes = {static_cast<const char*>(address), static_cast<std::size_t>(facts.st_size)};
        return;
    }
    std::string reason = std::strerror(problem);
    if (descriptor >= 0 && S_ISDIR(facts.st_mode))
        reason = "it is a folder";
    else if (descriptor >= 0 && facts.st_size == 0)
        reason = "it is empty";
    throw Error(ErrorKind::BadWeights, fmt::format("{} cannot be read: {}.", m_path.string(), reason),
                "Choose another file of weights.");
}

MappedFile::MappedFile(std::string_view bytes, std::filesystem::path name)
    : m_path(std::move(name)), m_bytes(bytes), m_mapped(false) {}

MappedFile::~MappedFile() {
    if (m_mapped && !m_bytes.empty())
        munmap(const_cast<char*>(m_bytes.data()), m_bytes.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_bytes(std::exchange(other.m_bytes, {})), m_mapped(other.m_mapped) {}

} // namespace engine
