#include "engine/data/storedsamples.h"

#include "engine/api/error.h"
#include "engine/base/filedescriptor.h"
#include "engine/data/shards/shard.h"
#include "engine/data/shards/shardcache.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>

namespace engine {
namespace {

using SharedShards = std::vector<std::shared_ptr<const Shard>>;
constexpr std::size_t kStoredPiece = std::size_t{1} << 18;

struct StoredRow {
    std::uint64_t textEnd = 0; // in the other file, where labels and name of a sample follow each other
    std::uint64_t offset = 0, bytes = 0;
    std::uint32_t shard = 0, labels = 0;
    std::int32_t label = -1;
    std::int32_t unused = 0;
};

[[noreturn]] void failToWrite(const std::filesystem::path& folder, int problem) {
    const bool full = problem == ENOSPC || problem == EDQUOT;
    throw Error(
        full ? ErrorKind::DiskFull : ErrorKind::BadInput,
        fmt::format("The list of the samples cannot be written in {}: {}.", folder.string(), std::strerror(problem)),
        full ? "Free some space." : "Set THAW_CACHE to a folder that can be written to.");
}

// What is written one behind the other.
class Growing final {
public:
    Growing() : m_folder(shardCacheFolder()) {
        std::error_code code;
        std::filesystem::create_directories(m_folder, code);
        m_file = FileDescriptor(open(m_folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (m_file)
            return;
        std::string name = (m_folder / "samples-XXXXXX").string(); // a file system without files that have no name
        m_file = FileDescriptor(mkostemp(name.data(), O_CLOEXEC));
        if (!m_file)
            failToWrite(m_folder, errno);
        unlink(name.c_str());
    }
    void add(const void* bytes, std::size_t count) {
        if (count == 0)
            return;
        m_waiting.append(static_cast<const char*>(bytes), count);
        m_bytes += count;
        if (m_waiting.size() >= kStoredPiece)
            flush();
    }
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    [[nodiscard]] FileDescriptor finish() {
        flush();
        return std::move(m_file);
    }

private:
    void flush() {
        for (std::size_t done = 0; done < m_waiting.size();) {
            const ssize_t count = write(m_file.number(), m_waiting.data() + done, m_waiting.size() - done);
            if (count < 0 && errno != EINTR)
                failToWrite(m_folder, errno);
            done += static_cast<std::size_t>(std::max<ssize_t>(0, count));
        }
        m_waiting.clear();
    }

    std::filesystem::path m_folder;
    FileDescriptor m_file;
    std::string m_waiting;
    std::uint64_t m_bytes = 0;
};

class StoredSamples final : public SampleSource {
public:
    StoredSamples(FileDescriptor rows, FileDescriptor texts, SharedShards shards, ShuffleGroups groups)
        : m_rows(std::move(rows)),
          m_texts(std::move(texts)),
          m_shards(std::move(shards)),
          m_groups(std::move(groups)) {}

    [[nodiscard]] std::int64_t count() const override { return m_groups.ends.back(); }
    [[nodiscard]] const ShuffleGroups& groups() const override { return m_groups; }

    [[nodiscard]] ImageSample at(std::int64_t index) const override {
        std::array<StoredRow, 2> rows{}; // the one before says where its texts begin
        const std::size_t first = index == 0 ? 1 : 0;
        const auto place = static_cast<std::uint64_t>(index) - 1 + first;
        read(m_rows, place * sizeof(StoredRow), &rows[first], sizeof(StoredRow) * (2 - first));
        const StoredRow& row = rows[1];
        ImageSample sample{.file = {},
                           .label = row.label,
                           .labels = std::vector<int>(row.labels),
                           .place = {m_shards[row.shard], row.offset, row.bytes}};
        const std::size_t labelBytes = row.labels * sizeof(int);
        std::string text(static_cast<std::size_t>(row.textEnd - rows[0].textEnd), '\0');
        read(m_texts, rows[0].textEnd, text.data(), text.size());
        if (labelBytes > 0)
            std::memcpy(sample.labels.data(), text.data(), labelBytes);
        sample.file = labelBytes == 0 ? std::move(text) : text.substr(labelBytes);
        return sample;
    }

private:
    static void read(const FileDescriptor& file, std::uint64_t place, void* to, std::size_t bytes) {
        if (readAt(file.number(), place, static_cast<char*>(to), bytes) != bytes)
            throw Error(ErrorKind::DataGone, "The list of the samples cannot be read any more.", "Check the disk.");
    }

    FileDescriptor m_rows, m_texts;
    SharedShards m_shards;
    ShuffleGroups m_groups;
};

} // namespace

struct StoredSamplesWriter::Impl {
    Growing rows, texts;
    SharedShards shards;
    ShuffleGroups groups;
    std::int64_t count = 0;
};

StoredSamplesWriter::StoredSamplesWriter() : m_impl(std::make_unique<Impl>()) {}

StoredSamplesWriter::~StoredSamplesWriter() = default;

std::int64_t StoredSamplesWriter::count() const { return m_impl->count; }

void StoredSamplesWriter::add(const ImageSample& sample) {
    Impl& made = *m_impl;
    if (made.shards.empty() || made.shards.back() != sample.place.shard) {
        made.shards.push_back(sample.place.shard);
        made.groups.ends.push_back(made.count);
    }
    made.texts.add(sample.labels.data(), sample.labels.size() * sizeof(int));
    made.texts.add(sample.file.data(), sample.file.size());
    const StoredRow row{.textEnd = made.texts.bytes(),
                        .offset = sample.place.offset,
                        .bytes = sample.place.bytes,
                        .shard = static_cast<std::uint32_t>(made.shards.size() - 1),
                        .labels = static_cast<std::uint32_t>(sample.labels.size()),
                        .label = sample.label};
    made.rows.add(&row, sizeof row);
    made.groups.ends.back() = ++made.count;
}

SampleList StoredSamplesWriter::list(std::int64_t window) {
    Impl& made = *m_impl;
    if (made.count == 0)
        return {};
    made.groups.window = window;
    return SampleList(std::make_shared<const StoredSamples>(made.rows.finish(), made.texts.finish(),
                                                            std::move(made.shards), std::move(made.groups)));
}

} // namespace engine
