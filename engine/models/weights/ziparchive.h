#pragma once

#include "engine/models/weights/mappedfile.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The directory of a zip archive as torch.save writes it: entries stored, not compressed; zip64 where needed.
class ZipArchive final {
public:
    // Throws Error(BadWeights): the directory is missing (a file cut short) or points outside the file.
    explicit ZipArchive(const MappedFile& file);

    // The bytes of one entry, in the mapping. Throws Error(BadWeights): no such entry, compressed or encrypted, or its
    // range lies outside the file.
    [[nodiscard]] std::string_view entry(std::string_view name) const;
    [[nodiscard]] bool contains(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> names() const;
    // The folder that holds data.pkl ("archive/"); torch names it after the file. Throws where there is none.
    [[nodiscard]] std::string torchFolder() const;

    // For what another library will unpack: every entry lies in `folder`, those outside its code/ are stored within the
    // file, and the others unpack to at most `packedBytes` together. Throws Error(BadWeights).
    void requireSound(std::string_view folder, std::uint64_t packedBytes) const;

private:
    struct Entry {
        std::uint64_t headerAt = 0;
        std::uint64_t bytes = 0;
        bool plain = true; // stored and not encrypted
    };
    void readDirectory(std::uint64_t at, std::uint64_t bytes, std::uint64_t count);

    const MappedFile& m_file;
    std::map<std::string_view, Entry> m_entries; // names point into the mapping
};

} // namespace engine
