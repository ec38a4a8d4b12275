#pragma once

#include "engine/base/torchheader.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// One row of a cache: what the frozen stages make of one view of one picture.
struct FeatureShape {
    std::vector<std::int64_t> sizes; // without the batch
    at::ScalarType type = at::kFloat;
    bool channelsLast = false; // [C, H, W] that lies as [H, W, C]

    // Of `output` [N, …], with N left out.
    [[nodiscard]] static FeatureShape of(const at::Tensor& output);
    [[nodiscard]] std::int64_t elements() const;
    [[nodiscard]] std::uint64_t bytes() const;
    // The same memory, [N, elements], as the stage behind the cut takes it: [N, …].
    [[nodiscard]] at::Tensor batchOf(const at::Tensor& rows) const;
    bool operator==(const FeatureShape&) const = default;
};

struct FeaturePlace {
    std::filesystem::path folder;
    std::uint64_t key = 0;         // of all that decides the rows
    std::uint64_t mostBytes = 0;   // of all caches in the folder; the ones unused longest make room
    std::uint64_t memoryBytes = 0; // what may be held without a file where the folder cannot take it
};

// Rows of features under a key, in a mapped file that later runs with the same key find. Every row carries a hash, so
// that whatever a crash left half-written is simply missing. A file that another process is writing is left to it and
// the rows are held in memory. One thread at a time.
class FeatureCache final {
public:
    // Finds or begins the cache; null where there is no room for it at all. `warning` says what went wrong, if
    // anything.
    [[nodiscard]] static std::unique_ptr<FeatureCache> open(const FeaturePlace& place, std::int64_t rows,
                                                            const FeatureShape& shape, std::string& warning);
    ~FeatureCache();
    FeatureCache(const FeatureCache&) = delete;
    FeatureCache& operator=(const FeatureCache&) = delete;

    [[nodiscard]] bool has(std::int64_t row) const { return m_hashes[static_cast<std::size_t>(row)] != 0; }
    [[nodiscard]] std::int64_t missing() const;
    // Row `row` of the cache becomes row `from` of `values` [N, …].
    void put(std::int64_t row, const at::Tensor& values, std::int64_t from);
    // Everything put so far reaches the disk, for other processes too once the building is over.
    void save();
    // No row comes any more: others may read the file.
    void complete();

    [[nodiscard]] const FeatureShape& shape() const { return m_shape; }
    [[nodiscard]] const at::Tensor& rows() const { return m_rows; } // [rows, elements]; missing ones undefined
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] bool onDisk() const { return m_descriptor >= 0; }

private:
    explicit FeatureCache(FeatureShape shape, std::int64_t rows);
    [[nodiscard]] bool mapFile(const FeaturePlace& place, std::string& warning);
    void useMemory();
    void verify();
    [[nodiscard]] std::uint64_t hashOf(std::int64_t row) const;

    FeatureShape m_shape;
    std::int64_t m_rowCount = 0;
    at::Tensor m_rows;
    std::vector<std::uint64_t> m_hashes; // 0: missing
    int m_descriptor = -1;               // of the file; holds its lock
    bool m_writes = false;
    void* m_map = nullptr;
    std::size_t m_mapBytes = 0;
};

} // namespace engine
