#include "engine/data/shards/shardcache.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/filelock.h"
#include "engine/base/hash.h"
#include "engine/base/sha256.h"
#include "engine/base/url.h"
#include "engine/data/shards/remotefile.h"
#include "engine/data/shards/unpack.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kUsualLimit = 64'000'000'000;
constexpr unsigned kLocks = 64; // files; shards that share one wait for each other

struct Kept {
    fs::path file;
    std::uint64_t bytes = 0;
    timespec used{};
};

std::vector<Kept> keptIn(const fs::path& folder) {
    std::vector<Kept> kept;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        struct stat status {};
        if (entry.path().extension() == ".tar" && stat(entry.path().c_str(), &status) == 0)
            kept.push_back({entry.path(), static_cast<std::uint64_t>(status.st_size), status.st_atim});
    }
    std::ranges::sort(kept, {}, [](const Kept& one) { return std::pair(one.used.tv_sec, one.used.tv_nsec); });
    return kept;
}

// Whoever has one of them open goes on reading it.
void makeRoom(const fs::path& folder, const fs::path& newest, std::uint64_t limit) {
    FileLock lock(folder / "room.lock");
    lock.take();
    const std::vector<Kept> kept = keptIn(folder);
    std::uint64_t bytes = 0;
    for (const Kept& one : kept)
        bytes += one.bytes;
    std::error_code code;
    for (const Kept& one : kept) {
        if (bytes <= limit)
            return;
        if (one.file == newest)
            continue;
        fs::remove(one.file, code);
        bytes -= one.bytes;
    }
}

// Reading alone does not count as use on every file system.
bool markUsed(const fs::path& file) {
    const timespec times[] = {{.tv_sec = 0, .tv_nsec = UTIME_NOW}, {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
    return utimensat(AT_FDCWD, file.c_str(), times, 0) == 0;
}

void unpackTo(const fs::path& file, Packing packing, const fs::path& plain) {
    removeLeftOvers(plain.parent_path(), [&](const fs::path& path) {
        return path.filename().native().find(plain.filename().native()) != std::string::npos;
    });
    AtomicFile out(plain);
    unpack(file, packing, [&out](std::string_view bytes) { out.write(bytes.data(), bytes.size()); });
    out.commit(Durable::Later);
}

void unpackCopy(const Shard& shard, const fs::path& plain) {
    if (Shard(shard.file()).stamp() != shard.stamp())
        throw Error(ErrorKind::DataGone,
                    fmt::format("The shard {} is another than it was when the run began.", shard.file().string()),
                    "Start the run again.");
    unpackTo(shard.file(), shard.packing(), plain);
}

std::string sha256Of(const fs::path& file) {
    Sha256 sum;
    const FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<char> piece(std::size_t{1} << 20);
    std::uint64_t place = 0;
    while (const std::size_t count = readAt(descriptor.number(), place, piece.data(), piece.size())) {
        sum.add({piece.data(), count});
        place += count;
    }
    return sum.hex();
}

// What came of it before stays beside the copy and is gone on with.
void fetchCopy(const Shard& shard, const fs::path& plain, const std::stop_token& stop) {
    const fs::path partial = fs::path(plain).replace_extension(".part");
    std::error_code code;
    for (int tries = 1;; ++tries) {
        download(shard.file().native(), shard.stamp(), partial, stop);
        if (shard.sha256().empty() || sha256Of(partial) == shard.sha256())
            break;
        fs::remove(partial, code);
        if (tries == 2)
            throw Error(ErrorKind::DataGone,
                        fmt::format("{} has another SHA-256 than its index.json says.", shard.file().native()),
                        "Write the shards, or their index, to the server anew.");
    }
    if (const Packing packing = packingOf(partial); packing != Packing::None) {
        unpackTo(partial, packing, plain);
        fs::remove(partial, code);
    } else {
        fs::rename(partial, plain);
    }
}

} // namespace

fs::path shardCacheFolder() { return cacheFolder() / "shards"; }

std::uint64_t shardCacheLimit() {
    const char* set = std::getenv("THAW_SHARD_CACHE");
    if (set == nullptr || *set == '\0')
        return kUsualLimit;
    const std::string_view text(set);
    double number = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
        {{"", 1e9}, {"G", 1e9}, {"GB", 1e9}, {"M", 1e6}, {"MB", 1e6}, {"T", 1e12}, {"TB", 1e12}}};
    const std::string_view unit(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
    const auto found = std::ranges::find(kUnits, unit, [](const auto& row) { return row.first; });
    if (code != std::errc() || found == kUnits.end() || !(number > 0 && number < 1e9))
        throw Error(ErrorKind::BadInput, fmt::format("THAW_SHARD_CACHE cannot be “{}”.", text),
                    "Give a size such as 20G or 500M.");
    return static_cast<std::uint64_t>(number * found->second);
}

Packing packingOf(const fs::path& file) {
    std::array<unsigned char, 4> first{};
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(first.data()), first.size());
    if (first[0] == 0x1f && first[1] == 0x8b)
        return Packing::Gzip;
    return first == std::array<unsigned char, 4>{0x28, 0xb5, 0x2f, 0xfd} ? Packing::Zstd : Packing::None;
}

fs::path cachedCopy(const Shard& shard, const std::stop_token& stop) {
    const fs::path folder = shardCacheFolder();
    const ShardStamp& stamp = shard.stamp();
    const std::string file = isUrl(shard.file()) ? shard.file().native() : fs::absolute(shard.file()).native();
    const std::uint64_t hash =
        hashText(fmt::format("{} {} {}", stamp.bytes, stamp.seconds, stamp.nanoseconds), hashText(file));
    const fs::path plain = folder / fmt::format("{:016x}.tar", hash);
    if (markUsed(plain))
        return plain;
    std::error_code code;
    fs::create_directories(folder, code);
    {
        FileLock lock(folder / fmt::format("{:02}.lock", hash % kLocks));
        lock.take();
        if (markUsed(plain))
            return plain;
        isUrl(shard.file()) ? fetchCopy(shard, plain, stop) : unpackCopy(shard, plain);
    }
    makeRoom(folder, plain, shardCacheLimit());
    return plain;
}

} // namespace engine
