#include "engine/freeze/featurecache.h"

#include "engine/base/hash.h"
#include "engine/freeze/featurefile.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

bool writeAll(int descriptor, const void* data, std::size_t bytes, std::size_t at) {
    const char* from = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = pwrite(descriptor, from, bytes, static_cast<off_t>(at));
        if (written <= 0)
            return false;
        from += written;
        at += static_cast<std::size_t>(written);
        bytes -= static_cast<std::size_t>(written);
    }
    return true;
}

bool readAll(int descriptor, void* data, std::size_t bytes, std::size_t at) {
    return pread(descriptor, data, bytes, static_cast<off_t>(at)) == static_cast<ssize_t>(bytes);
}

} // namespace

FeatureShape FeatureShape::of(const at::Tensor& output) {
    FeatureShape shape{.sizes = output.sizes().slice(1).vec(), .type = output.scalar_type()};
    shape.channelsLast = output.dim() == 4 && !output.is_contiguous();
    return shape;
}

std::int64_t FeatureShape::elements() const {
    std::int64_t product = 1;
    for (const std::int64_t size : sizes)
        product *= size;
    return product;
}

std::uint64_t FeatureShape::bytes() const { return static_cast<std::uint64_t>(elements()) * at::elementSize(type); }

at::Tensor FeatureShape::batchOf(const at::Tensor& rows) const {
    std::vector<std::int64_t> batch{rows.size(0)};
    if (!channelsLast) {
        batch.insert(batch.end(), sizes.begin(), sizes.end());
        return rows.view(batch);
    }
    batch.insert(batch.end(), {sizes[1], sizes[2], sizes[0]});
    return rows.view(batch).permute({0, 3, 1, 2});
}

FeatureCache::FeatureCache(FeatureShape shape, std::int64_t rows)
    : m_shape(std::move(shape)), m_rowCount(rows), m_hashes(static_cast<std::size_t>(rows)) {}

FeatureCache::~FeatureCache() {
    m_rows = at::Tensor();
    if (m_map != nullptr)
        munmap(m_map, m_mapBytes);
    if (m_descriptor >= 0)
        close(m_descriptor); // and with it the lock
}

std::unique_ptr<FeatureCache> FeatureCache::open(const FeaturePlace& place, std::int64_t rows,
                                                 const FeatureShape& shape, std::string& warning) {
    std::unique_ptr<FeatureCache> cache(new FeatureCache(shape, rows));
    if (cache->mapFile(place, warning))
        return cache;
    if (cache->bytes() > place.memoryBytes)
        return nullptr;
    cache->useMemory();
    return cache;
}

// False where the file cannot be had; `warning` then says why, unless another run is just writing it.
bool FeatureCache::mapFile(const FeaturePlace& place, std::string& warning) {
    std::error_code code;
    std::filesystem::create_directories(place.folder, code);
    const std::filesystem::path path = featureFilePath(place.folder, place.key);
    const std::uint64_t total = FeatureFile::totalBytes(m_rowCount, m_shape);
    const std::string header = FeatureFile::header(place.key, m_rowCount, m_shape);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    const auto refuse = [&](const std::string& sentence) {
        warning = sentence;
        if (descriptor >= 0)
            close(descriptor);
        return false;
    };
    if (descriptor < 0)
        return refuse(fmt::format("{} cannot be written to: {}.", path.string(), std::strerror(errno)));
    m_writes = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (!m_writes && flock(descriptor, LOCK_SH | LOCK_NB) != 0)
        return refuse({});
    std::string found(header.size(), '\0');
    struct stat status {};
    const bool fits = fstat(descriptor, &status) == 0 && static_cast<std::uint64_t>(status.st_size) == total &&
                      readAll(descriptor, found.data(), found.size(), 0) && found == header;
    if (!fits && !m_writes)
        return refuse({});
    if (!fits) {
        // Room is taken before anything is mapped: a full disk then is an answer, not a signal.
        const auto drop = [&](const std::string& sentence) {
            std::filesystem::remove(path, code);
            return refuse(sentence);
        };
        if (ftruncate(descriptor, 0) != 0 || !makeRoom(place.folder, total, place.mostBytes))
            return drop(fmt::format("The outputs of the frozen blocks take {:.1f} GB, more than {} may hold.",
                                    double(total) / 1e9, place.folder.string()));
        if (const int problem = posix_fallocate(descriptor, 0, static_cast<off_t>(total)); problem != 0)
            return drop(fmt::format("{} has no room for the outputs of the frozen blocks ({:.1f} GB): {}.",
                                    place.folder.string(), double(total) / 1e9, std::strerror(problem)));
        if (!writeAll(descriptor, header.data(), header.size(), 0))
            return drop(fmt::format("{} cannot be written to.", path.string()));
    }
    m_mapBytes = static_cast<std::size_t>(total);
    // A reader's own rows, of pictures that could not be read before, stay its own.
    void* map = mmap(nullptr, m_mapBytes, PROT_READ | PROT_WRITE, m_writes ? MAP_SHARED : MAP_PRIVATE, descriptor, 0);
    if (map == MAP_FAILED)
        return refuse(fmt::format("{} cannot be mapped: {}.", path.string(), std::strerror(errno)));
    m_map = map;
    m_descriptor = descriptor;
    futimens(descriptor, nullptr); // used now
    madvise(m_map, m_mapBytes, MADV_WILLNEED);
    m_rows = at::from_blob(static_cast<char*>(m_map) + FeatureFile::rowsBegin(m_rowCount),
                           {m_rowCount, m_shape.elements()}, m_shape.type);
    std::memcpy(m_hashes.data(), static_cast<char*>(m_map) + FeatureFile::kHashesBegin,
                m_hashes.size() * sizeof(std::uint64_t));
    if (fits)
        verify();
    return true;
}

void FeatureCache::useMemory() { m_rows = at::empty({m_rowCount, m_shape.elements()}, m_shape.type); }

// A row whose bytes are not the ones that were hashed is missing.
void FeatureCache::verify() {
    at::parallel_for(0, m_rowCount, 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            if (auto& hash = m_hashes[static_cast<std::size_t>(row)]; hash != 0 && hash != hashOf(row))
                hash = 0;
    });
}

std::uint64_t FeatureCache::hashOf(std::int64_t row) const {
    const auto bytes = static_cast<std::size_t>(m_shape.bytes());
    const auto* from = static_cast<const char*>(m_rows.const_data_ptr()) + static_cast<std::size_t>(row) * bytes;
    return std::max<std::uint64_t>(1, hashBytes(from, bytes, static_cast<std::uint64_t>(row)));
}

std::int64_t FeatureCache::missing() const { return std::ranges::count(m_hashes, 0U); }

void FeatureCache::put(std::int64_t row, const at::Tensor& values, std::int64_t from) {
    at::Tensor one = values[from];
    if (m_shape.channelsLast)
        one = one.permute({1, 2, 0});
    m_rows[row].view(one.sizes()).copy_(one);
    m_hashes[static_cast<std::size_t>(row)] = hashOf(row);
}

void FeatureCache::save() {
    if (m_map == nullptr || !m_writes)
        return;
    std::memcpy(static_cast<char*>(m_map) + FeatureFile::kHashesBegin, m_hashes.data(),
                m_hashes.size() * sizeof(std::uint64_t));
    msync(m_map, m_mapBytes, MS_ASYNC);
}

void FeatureCache::complete() {
    save();
    if (m_descriptor >= 0 && m_writes)
        flock(m_descriptor, LOCK_SH);
}

std::uint64_t FeatureCache::bytes() const { return static_cast<std::uint64_t>(m_rowCount) * m_shape.bytes(); }

} // namespace engine
