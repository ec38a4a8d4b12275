#include "engine/freeze/featurefile.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "thaw features 1\n"; // another number: other arithmetic, older files are of no use
constexpr std::string_view kSuffix = ".features";

std::size_t aligned(std::size_t bytes) {
    return (bytes + FeatureFile::kAlignment - 1) / FeatureFile::kAlignment * FeatureFile::kAlignment;
}

// Whether no process reads or writes it.
bool unused(const fs::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool free = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    close(descriptor);
    return free;
}

} // namespace

std::size_t FeatureFile::rowsBegin(std::int64_t rows) {
    return kHashesBegin + aligned(static_cast<std::size_t>(rows) * sizeof(std::uint64_t));
}

std::uint64_t FeatureFile::totalBytes(std::int64_t rows, const FeatureShape& shape) {
    return rowsBegin(rows) + static_cast<std::uint64_t>(rows) * shape.bytes();
}

std::string FeatureFile::header(std::uint64_t key, std::int64_t rows, const FeatureShape& shape) {
    std::string text = fmt::format("{}{:016x} {} rows of {} {}, {}\n", kMagic, key, rows, fmt::join(shape.sizes, "x"),
                                   at::toString(shape.type), shape.channelsLast ? "channels last" : "contiguous");
    text.resize(kAlignment, '\0');
    return text;
}

fs::path featureFilePath(const fs::path& folder, std::uint64_t key) {
    return folder / fmt::format("{:016x}{}", key, kSuffix);
}

bool makeRoom(const fs::path& folder, std::uint64_t needed, std::uint64_t mostBytes) {
    struct Kept {
        fs::path file;
        fs::file_time_type used;
        std::uint64_t bytes;
    };
    std::vector<Kept> all;
    std::uint64_t sum = needed;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (entry.path().extension() != kSuffix)
            continue;
        all.push_back({entry.path(), entry.last_write_time(code), entry.file_size(code)});
        sum += all.back().bytes;
    }
    std::ranges::sort(all, {}, &Kept::used);
    for (const Kept& oldest : all) {
        if (sum <= mostBytes)
            break;
        if (unused(oldest.file) && fs::remove(oldest.file, code))
            sum -= oldest.bytes;
    }
    return sum <= mostBytes;
}

} // namespace engine
