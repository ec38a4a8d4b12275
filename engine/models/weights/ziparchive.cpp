#include "engine/models/weights/ziparchive.h"

#include "engine/models/weights/limits.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kEndBytes = 22;       // end of central directory
constexpr std::size_t kEnd64Bytes = 56;     // its zip64 record
constexpr std::size_t kLocator64Bytes = 20; // where that record is
constexpr std::size_t kDirectoryBytes = 46; // one entry of the directory, without its names
constexpr std::size_t kLocalBytes = 30;     // header before an entry's data
constexpr std::size_t kCommentBytes = 65535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr const char* kFetchAgain = "Fetch the file again.";

template <typename Number>
Number numberAt(std::string_view bytes, std::size_t at) {
    Number number{};
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

[[noreturn]] void damaged(const MappedFile& file, std::string_view what) {
    refuseWeights(fmt::format("{} is damaged: {}.", file.name(), what), kFetchAgain);
}

// Sizes of 4 GB and more stand in the zip64 field of an entry, in this order, each only where the short one is full.
void readZip64(std::string_view extra, std::uint64_t& bytes, std::uint64_t& packed, std::uint64_t& headerAt) {
    while (extra.size() >= 4) {
        const auto id = numberAt<std::uint16_t>(extra, 0);
        const std::size_t length = numberAt<std::uint16_t>(extra, 2);
        if (length > extra.size() - 4)
            return;
        std::string_view field = extra.substr(4, length);
        extra = extra.substr(4 + length);
        if (id != kZip64Extra)
            continue;
        for (std::uint64_t* value : {&bytes, &packed, &headerAt}) {
            if (*value != 0xffffffffu || field.size() < 8)
                continue;
            *value = numberAt<std::uint64_t>(field, 0);
            field = field.substr(8);
        }
    }
}

} // namespace

ZipArchive::ZipArchive(const MappedFile& file) : m_file(file) {
    const std::string_view bytes = file.bytes();
    const std::size_t search = std::min(bytes.size(), kEndBytes + kCommentBytes);
    const std::string_view tail = bytes.substr(bytes.size() - search);
    const std::size_t found = tail.rfind("PK\5\6");
    if (found == std::string_view::npos || tail.size() - found < kEndBytes)
        refuseWeights(
            fmt::format("{} is cut short: it ends after {} bytes, before the table of contents that such a file "
                        "ends with.",
                        file.name(), bytes.size()),
            kFetchAgain);
    const std::size_t end = bytes.size() - search + found;
    std::uint64_t count = numberAt<std::uint16_t>(bytes, end + 10);
    std::uint64_t size = numberAt<std::uint32_t>(bytes, end + 12);
    std::uint64_t at = numberAt<std::uint32_t>(bytes, end + 16);
    if (end >= kLocator64Bytes && bytes.substr(end - kLocator64Bytes, 4) == "PK\6\7") {
        const auto end64 = numberAt<std::uint64_t>(bytes, end - kLocator64Bytes + 8);
        if (bytes.size() < kEnd64Bytes || end64 > bytes.size() - kEnd64Bytes || bytes.substr(end64, 4) != "PK\6\6")
            damaged(file, "its table of contents is not where it should be");
        count = numberAt<std::uint64_t>(bytes, end64 + 32);
        size = numberAt<std::uint64_t>(bytes, end64 + 40);
        at = numberAt<std::uint64_t>(bytes, end64 + 48);
    }
    if (at > bytes.size() || size > bytes.size() - at)
        damaged(file, "its table of contents is not where it should be");
    readDirectory(at, size, count);
}

void ZipArchive::readDirectory(std::uint64_t at, std::uint64_t bytes, std::uint64_t count) {
    std::string_view rest = m_file.bytes().substr(at, bytes);
    if (count > limits::kPickleObjects)
        damaged(m_file, "it has too many entries");
    for (std::uint64_t i = 0; i < count; ++i) {
        if (rest.size() < kDirectoryBytes || rest.substr(0, 4) != "PK\1\2")
            damaged(m_file, "its table of contents ends early");
        const std::size_t nameBytes = numberAt<std::uint16_t>(rest, 28);
        const std::size_t extraBytes = numberAt<std::uint16_t>(rest, 30);
        const std::size_t whole = kDirectoryBytes + nameBytes + extraBytes + numberAt<std::uint16_t>(rest, 32);
        if (rest.size() < whole)
            damaged(m_file, "its table of contents ends early");
        Entry entry;
        std::uint64_t packed = numberAt<std::uint32_t>(rest, 20);
        entry.bytes = numberAt<std::uint32_t>(rest, 24);
        entry.headerAt = numberAt<std::uint32_t>(rest, 42);
        readZip64(rest.substr(kDirectoryBytes + nameBytes, extraBytes), entry.bytes, packed, entry.headerAt);
        const bool encrypted = numberAt<std::uint16_t>(rest, 8) & 1;
        const bool stored = numberAt<std::uint16_t>(rest, 10) == 0;
        entry.plain = stored && !encrypted && packed == entry.bytes;
        const std::string_view name = rest.substr(kDirectoryBytes, nameBytes);
        if (!m_entries.emplace(name, entry).second)
            damaged(m_file, fmt::format("it has the entry {} twice", name));
        rest = rest.substr(whole);
    }
}

bool ZipArchive::contains(std::string_view name) const { return m_entries.count(name) > 0; }

std::vector<std::string_view> ZipArchive::names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, entry] : m_entries)
        names.push_back(name);
    return names;
}

std::string_view ZipArchive::entry(std::string_view name) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        damaged(m_file, fmt::format("it lacks the entry {}", name));
    const Entry& entry = found->second;
    if (!entry.plain)
        refuseWeights(fmt::format("The entry {} of {} is compressed or encrypted.", name, m_file.name()),
                      "Save the weights with torch.save or as safetensors; these do not compress.");
    const std::string_view bytes = m_file.bytes();
    if (bytes.size() < kLocalBytes || entry.headerAt > bytes.size() - kLocalBytes ||
        bytes.substr(entry.headerAt, 4) != "PK\3\4")
        damaged(m_file, fmt::format("the entry {} is not where it should be", name));
    // The local header has name and padding of its own length.
    const std::uint64_t start = entry.headerAt + kLocalBytes + numberAt<std::uint16_t>(bytes, entry.headerAt + 26) +
                                numberAt<std::uint16_t>(bytes, entry.headerAt + 28);
    if (start > bytes.size() || entry.bytes > bytes.size() - start)
        damaged(m_file, fmt::format("the entry {} ends outside the file", name));
    return bytes.substr(start, entry.bytes);
}

void ZipArchive::requireSound(std::string_view folder, std::uint64_t packedBytes) const {
    std::uint64_t left = packedBytes;
    for (const auto& [name, found] : m_entries) {
        if (!name.starts_with(folder))
            damaged(m_file, fmt::format("its entry {} does not belong to it", name));
        if (found.plain || !name.substr(folder.size()).starts_with("code/")) {
            static_cast<void>(entry(name));
            continue;
        }
        if (found.bytes > left)
            damaged(m_file, "its code is too long");
        left -= found.bytes;
    }
}

std::string ZipArchive::torchFolder() const {
    for (const auto& [name, entry] : m_entries) {
        if (name.ends_with("/data.pkl"))
            return std::string(name.substr(0, name.size() - 8));
    }
    refuseWeights(
        fmt::format("{} is an archive, but not one that torch.save wrote: it has no data.pkl.", m_file.name()),
        "Choose a .pth, .pt or .safetensors file of weights.");
}

} // namespace engine
