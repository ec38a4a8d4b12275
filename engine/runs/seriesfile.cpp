#include "engine/runs/seriesfile.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace engine {
namespace {

constexpr std::uint32_t kPointsMagic = 0x31535754; // "TWS1"
constexpr std::uint32_t kRewindMagic = 0x31525754; // "TWR1"
constexpr std::size_t kPointBytes = 8 + 4 + 8;
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::uint32_t kMostPoints = 1u << 20; // of one block; more is damage

// Disks take names of 255 bytes; a file that is being written has some more than its name.
constexpr std::size_t kLongestStem = 230;
constexpr std::size_t kCutStem = 200;

// No plain name holds the sign.
bool isCut(const std::filesystem::path& file) { return file.stem().native().find('~') != std::string::npos; }
std::filesystem::path nameFile(std::filesystem::path file) { return file.replace_extension(".name"); }

template <typename T>
void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename T>
T get(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

void seal(std::string& block) { put(block, hashBytes(block.data(), block.size())); }

// Bytes of the block whose header is at `from`; 0 where it is no header.
std::size_t blockBytes(const char* from) {
    const auto magic = get<std::uint32_t>(from);
    const auto count = get<std::uint32_t>(from + 4);
    if (magic == kPointsMagic && count > 0 && count <= kMostPoints)
        return kHeaderBytes + count * kPointBytes + kChecksumBytes;
    if (magic == kRewindMagic && count == 0)
        return kHeaderBytes + 8 + kChecksumBytes;
    return 0;
}

bool intact(const char* from, std::size_t bytes) {
    return get<std::uint64_t>(from + bytes - kChecksumBytes) == hashBytes(from, bytes - kChecksumBytes);
}

std::string readFrom(int descriptor, std::uint64_t offset) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) <= offset)
        return {};
    std::string data(static_cast<std::size_t>(status.st_size) - offset, '\0');
    std::size_t done = 0;
    while (done < data.size()) {
        const ssize_t got =
            pread(descriptor, data.data() + done, data.size() - done, static_cast<off_t>(offset + done));
        if (got <= 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    data.resize(done);
    return data;
}

// The next intact block of `data` at or after `at`; `bytes` 0 where there is none: what is left is damaged or still
// being written.
struct Block {
    std::size_t begin = 0, bytes = 0;
    [[nodiscard]] std::size_t end() const { return begin + bytes; }
};

Block nextBlock(const std::string& data, std::size_t at) {
    for (; at + kHeaderBytes <= data.size(); ++at) {
        const std::size_t bytes = blockBytes(data.data() + at);
        if (bytes != 0 && at + bytes <= data.size() && intact(data.data() + at, bytes))
            return {at, bytes};
    }
    return {};
}

// What a file holds up to the end of its last intact block.
struct Intact {
    std::uint64_t bytes = 0;
    double latestTime = 0;
};

Intact intactPart(int descriptor) {
    const std::string data = readFrom(descriptor, 0);
    Intact intact;
    for (Block block = nextBlock(data, 0); block.bytes != 0; block = nextBlock(data, intact.bytes)) {
        intact.bytes = block.end();
        if (get<std::uint32_t>(data.data() + block.begin) == kPointsMagic)
            intact.latestTime =
                std::max(intact.latestTime, get<double>(data.data() + block.end() - kChecksumBytes - sizeof(double)));
    }
    return intact;
}

void takeOver(const char* block, Series& series, SeriesFollower::Growth& growth) {
    if (get<std::uint32_t>(block) == kRewindMagic) {
        const auto lastStep = get<std::int64_t>(block + kHeaderBytes);
        const auto keep = static_cast<std::size_t>(std::upper_bound(series.step.begin(), series.step.end(), lastStep) -
                                                   series.step.begin());
        if (keep < series.step.size()) {
            series.step.resize(keep);
            series.value.resize(keep);
            series.time.resize(keep);
            growth.rewound = true;
        }
        return;
    }
    const auto count = get<std::uint32_t>(block + 4);
    for (std::uint32_t i = 0; i < count; ++i) {
        const char* point = block + kHeaderBytes + i * kPointBytes;
        series.step.push_back(get<std::int64_t>(point));
        series.value.push_back(get<float>(point + 8));
        series.time.push_back(get<double>(point + 12));
    }
    growth.added += count;
}

} // namespace

SeriesWriter::SeriesWriter(const std::filesystem::path& file) : m_file(file) {
    m_descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        throw Error(errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                    fmt::format("{} could not be opened: {}.", file.string(), std::strerror(errno)),
                    "Check the disk and the folder's permissions.");
    const auto [length, latest] = intactPart(m_descriptor);
    m_latestTime = latest;
    struct stat status {};
    const bool torn = fstat(m_descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) > length;
    if (torn && ftruncate(m_descriptor, static_cast<off_t>(length)) != 0) {
        close(m_descriptor);
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be repaired.", file.string()), "Check the disk.");
    }
}

SeriesWriter::~SeriesWriter() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

SeriesWriter::SeriesWriter(SeriesWriter&& other) noexcept
    : m_file(std::move(other.m_file)),
      m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_latestTime(other.m_latestTime) {}

void SeriesWriter::writeBlock(const std::string& block) {
    // One write: readers see all of it or a torn tail, which they leave for the next call.
    const ssize_t written = ::write(m_descriptor, block.data(), block.size());
    if (written == static_cast<ssize_t>(block.size()))
        return;
    const int code = written < 0 ? errno : ENOSPC;
    if (written > 0) {
        struct stat status {};
        if (fstat(m_descriptor, &status) == 0 && ftruncate(m_descriptor, status.st_size - written) != 0)
            throw Error(ErrorKind::DiskFull, fmt::format("{} could not be repaired.", m_file.string()),
                        "Free some space.");
    }
    throw Error(code == ENOSPC || code == EDQUOT ? ErrorKind::DiskFull : ErrorKind::BadInput,
                fmt::format("{} could not be written: {}.", m_file.string(), std::strerror(code)),
                "Free some space on this disk; the run can be resumed.");
}

void SeriesWriter::append(std::span<const SeriesPoint> points) {
    while (!points.empty()) {
        const auto part = points.first(std::min<std::size_t>(points.size(), kMostPoints));
        std::string block;
        block.reserve(kHeaderBytes + part.size() * kPointBytes + kChecksumBytes);
        put(block, kPointsMagic);
        put(block, static_cast<std::uint32_t>(part.size()));
        for (const SeriesPoint& point : part) {
            put(block, point.step);
            put(block, point.value);
            put(block, point.time);
        }
        seal(block);
        writeBlock(block);
        points = points.subspan(part.size());
    }
}

void SeriesWriter::rewind(std::int64_t lastStep) {
    std::string block;
    put(block, kRewindMagic);
    put(block, std::uint32_t{0});
    put(block, lastStep);
    seal(block);
    writeBlock(block);
}

SeriesFollower::Growth SeriesFollower::read(Series& series) {
    Growth growth;
    struct stat status {};
    if (stat(m_file.c_str(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) == m_offset)
        return growth;
    if (static_cast<std::uint64_t>(status.st_size) < m_offset) {
        // The writer cut off a torn tail that was never taken over; what was read stays.
        m_offset = static_cast<std::uint64_t>(status.st_size);
        return growth;
    }
    const int descriptor = open(m_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return growth;
    const std::string data = readFrom(descriptor, m_offset);
    close(descriptor);

    std::size_t at = 0;
    for (Block block = nextBlock(data, at); block.bytes != 0; block = nextBlock(data, at)) {
        if (block.begin > at)
            ++growth.damagedBlocks;
        takeOver(data.data() + block.begin, series, growth);
        at = block.end();
    }
    m_offset += at;
    return growth;
}

std::string seriesFileName(std::string_view series) {
    std::string result;
    for (const char c : series) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
        if (plain)
            result += c;
        else
            result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    if (result.size() <= kLongestStem)
        return result + ".col";
    std::size_t cut = kCutStem;
    while (cut > 0 && (result[cut - 1] == '%' || (cut > 1 && result[cut - 2] == '%')))
        --cut; // not inside a %XX
    return fmt::format("{}~{:016x}.col", result.substr(0, cut), hashText(series));
}

std::filesystem::path placeOfSeries(const std::filesystem::path& folder, std::string_view series) {
    std::filesystem::path file = folder / seriesFileName(series);
    if (isCut(file))
        writeFileAtomically(nameFile(file), std::string(series));
    return file;
}

std::string seriesNameOf(const std::filesystem::path& file) {
    if (isCut(file)) {
        try {
            return readFile(nameFile(file));
        } catch (const Error&) { // lost on a copy: what is left of the name tells the series apart
        }
    }
    const std::string text = file.stem().string();
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
            result += static_cast<char>(code);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

} // namespace engine
