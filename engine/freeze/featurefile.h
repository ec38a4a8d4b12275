#pragma once

#include "engine/freeze/featurecache.h"

#include <cstdint>
#include <filesystem>

namespace engine {

// How a cache lies in its file: header, one hash a row, rows. Numbers as this machine has them: a cache is no document.
struct FeatureFile {
    static constexpr std::size_t kAlignment = 4096;

    [[nodiscard]] static std::size_t rowsBegin(std::int64_t rows);
    [[nodiscard]] static std::uint64_t totalBytes(std::int64_t rows, const FeatureShape& shape);
    [[nodiscard]] static std::string header(std::uint64_t key, std::int64_t rows, const FeatureShape& shape);
    static constexpr std::size_t kHashesBegin = kAlignment;
};

[[nodiscard]] std::filesystem::path featureFilePath(const std::filesystem::path& folder, std::uint64_t key);

// Removes the caches unused longest, none that a process holds, until `needed` more bytes fit under `mostBytes`.
// False where they do not.
[[nodiscard]] bool makeRoom(const std::filesystem::path& folder, std::uint64_t needed, std::uint64_t mostBytes);

} // namespace engine
