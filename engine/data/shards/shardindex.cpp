#include "engine/data/shards/shardindex.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/data/shards/shardcache.h"

#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// Entries, one behind the other; then what the shard is and what it holds besides, as JSON; its length; the mark.
constexpr std::string_view kMark = "THAWIDX1";
constexpr std::size_t kTail = sizeof(std::uint32_t) + kMark.size();
constexpr std::size_t kIndexPiece = std::size_t{1} << 18;
constexpr std::uint32_t kLargestFooter = 1 << 16;

template <typename Number>
void put(std::string& to, Number number) {
    to.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void putText(std::string& to, std::string_view text) {
    put(to, static_cast<std::uint32_t>(text.size()));
    to += text;
}

// Takes numbers and texts from bytes; false where there are too few.
class Taker final {
public:
    explicit Taker(std::string_view bytes) : m_bytes(bytes) {}
    template <typename Number>
    [[nodiscard]] bool take(Number& number) {
        if (m_bytes.size() - m_place < sizeof number)
            return false;
        std::memcpy(&number, m_bytes.data() + m_place, sizeof number);
        m_place += sizeof number;
        return true;
    }
    [[nodiscard]] bool take(std::string& text) {
        std::uint32_t size = 0;
        if (!take(size) || m_bytes.size() - m_place < size)
            return false;
        text = m_bytes.substr(m_place, size);
        m_place += size;
        return true;
    }
    [[nodiscard]] std::size_t place() const { return m_place; }

private:
    std::string_view m_bytes;
    std::size_t m_place = 0;
};

void putEntry(std::string& to, const ShardEntry& entry) {
    put(to, entry.offset);
    put(to, entry.bytes);
    put(to, entry.from);
    putText(to, entry.file);
    put(to, static_cast<std::uint32_t>(entry.labels.size()));
    for (const std::string& label : entry.labels)
        putText(to, label);
}

bool takeEntry(Taker& from, ShardEntry& entry) {
    std::uint32_t labels = 0;
    if (!from.take(entry.offset) || !from.take(entry.bytes) || !from.take(entry.from) || !from.take(entry.file) ||
        !from.take(labels))
        return false;
    entry.labels.clear();
    for (std::uint32_t i = 0; i < labels; ++i)
        if (!from.take(entry.labels.emplace_back()))
            return false;
    return true;
}

// Beside the shard and in the cache.
std::vector<fs::path> placesOf(const fs::path& shard, const std::vector<std::string>& labelKeys) {
    const std::string keys =
        labelKeys.empty() ? "" : fmt::format(".{:08x}", hashText(fmt::format("{}", fmt::join(labelKeys, "\n"))) >> 32);
    if (isUrl(shard))
        return {shardCacheFolder() / "index" / fmt::format("{:016x}{}.index", hashText(shard.native()), keys)};
    const std::string name = shard.filename().string();
    return {shard.parent_path() / ".thaw" / fmt::format("{}{}.index", name, keys),
            shardCacheFolder() / "index" /
                fmt::format("{:016x}{}.index", hashText(fs::absolute(shard).string()), keys)};
}

// What must be equal for an index to hold.
std::string questionOf(const ShardStamp& stamp, const std::vector<std::string>& labelKeys) {
    return fmt::format("{} {} {} {}", stamp.bytes, stamp.seconds, stamp.nanoseconds, fmt::join(labelKeys, "\n"));
}

} // namespace

ShardIndex ShardIndex::of(const Shard& shard, const std::vector<std::string>& labelKeys) {
    const std::string question = questionOf(shard.stamp(), labelKeys);
    const std::vector<fs::path> places = placesOf(shard.file(), labelKeys);
    ShardIndex index;
    for (const fs::path& place : places)
        if (index.load(place, question))
            return index;
    const fs::path& beside = places.front();
    const fs::path folder = shard.file().parent_path();
    std::error_code code;
    const bool writable = !isUrl(shard.file()) && access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0;
    const fs::path& place = writable ? beside : places.back();
    fs::create_directories(place.parent_path(), code);
    index.make(shard, labelKeys, place, question);
    if (!index.load(place, question))
        throw Error(ErrorKind::DataGone, fmt::format("The index {} cannot be read.", place.string()),
                    "Check the disk.");
    return index;
}

void ShardIndex::make(const Shard& shard, const std::vector<std::string>& labelKeys, const fs::path& file,
                      const std::string& question) {
    const FileDescriptor descriptor = shard.open();
    const auto bytes = static_cast<std::uint64_t>(lseek(descriptor.number(), 0, SEEK_END));
    TarReader tar(
        [&descriptor](std::uint64_t place, std::span<char> room) {
            return readAt(descriptor.number(), place, room.data(), room.size());
        },
        bytes);
    AtomicFile out(file);
    std::string buffer;
    std::uint64_t written = 0;
    std::int64_t samples = 0;
    const auto flush = [&] {
        out.write(buffer.data(), buffer.size());
        written += buffer.size();
        buffer.clear();
    };
    ShardEntries entries(labelKeys, [&](const ShardEntry& entry) {
        putEntry(buffer, entry);
        ++samples;
        if (buffer.size() > kIndexPiece)
            flush();
    });
    entries.read(tar);
    if (!tar.isTar())
        throw Error(ErrorKind::BadInput, fmt::format("{} {}.", shard.file().string(), tar.trouble()),
                    "Remove it, or make it anew; shards are plain tars, or packed by gzip or zstd.");
    flush();
    const ShardTroubles& found = entries.troubles();
    const std::string footer = json{{"question", utf8FromBytes(question)},
                                    {"entries", written},
                                    {"samples", samples},
                                    {"without_picture", found.withoutPicture},
                                    {"first_without_picture", utf8FromBytes(found.firstWithoutPicture)},
                                    {"two_labels", found.twoLabels},
                                    {"first_with_two_labels", utf8FromBytes(found.firstWithTwoLabels)},
                                    {"trouble", utf8FromBytes(found.trouble)}}
                                   .dump();
    buffer = footer;
    put(buffer, static_cast<std::uint32_t>(footer.size()));
    buffer += kMark;
    flush();
    out.commit(Durable::Later);
}

bool ShardIndex::load(const fs::path& file, const std::string& question) {
    const FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor)
        return false;
    const auto bytes = static_cast<std::uint64_t>(lseek(descriptor.number(), 0, SEEK_END));
    std::array<char, kTail> tail{};
    if (bytes < kTail || readAt(descriptor.number(), bytes - kTail, tail.data(), kTail) != kTail ||
        std::string_view(tail.data() + sizeof(std::uint32_t), kMark.size()) != kMark)
        return false;
    std::uint32_t length = 0;
    std::memcpy(&length, tail.data(), sizeof length);
    if (length > kLargestFooter || length + kTail > bytes)
        return false;
    std::string footer(length, '\0');
    if (readAt(descriptor.number(), bytes - kTail - length, footer.data(), length) != length)
        return false;
    const json object = json::parse(footer, nullptr, false);
    try {
        if (!object.is_object() || bytesFromUtf8(object.at("question").get<std::string>()) != question)
            return false;
        m_bytes = object.at("entries").get<std::uint64_t>();
        m_samples = object.at("samples").get<std::int64_t>();
        const auto text = [&object](const char* key) { return bytesFromUtf8(object.at(key).get<std::string>()); };
        m_troubles = {.withoutPicture = object.at("without_picture").get<std::int64_t>(),
                      .twoLabels = object.at("two_labels").get<std::int64_t>(),
                      .firstWithoutPicture = text("first_without_picture"),
                      .firstWithTwoLabels = text("first_with_two_labels"),
                      .trouble = text("trouble")};
    } catch (const json::exception&) {
        return false;
    }
    m_file = file;
    return m_bytes == bytes - kTail - length;
}

void ShardIndex::forEach(const std::function<bool(const ShardEntry&)>& take) const {
    const auto fail = [this] {
        throw Error(ErrorKind::DataGone, fmt::format("The index {} cannot be read.", m_file.string()),
                    "Remove it; it is made anew.");
    };
    const FileDescriptor descriptor(open(m_file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor)
        fail();
    std::string bytes;
    std::uint64_t place = 0; // behind what was read
    ShardEntry entry;
    for (std::int64_t left = m_samples; left > 0;) {
        const std::size_t kept = bytes.size();
        const auto more =
            static_cast<std::size_t>(std::min<std::uint64_t>(std::max(kIndexPiece, kept), m_bytes - place));
        bytes.resize(kept + more);
        if (more == 0 || readAt(descriptor.number(), place, bytes.data() + kept, more) != more)
            fail();
        place += more;
        Taker taker(bytes);
        std::size_t done = 0;
        for (; left > 0 && takeEntry(taker, entry); --left, done = taker.place())
            if (!take(entry))
                return;
        bytes.erase(0, done);
    }
}

} // namespace engine
