#include "engine/runs/tensorboard.h"

#include "engine/api/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace engine {
namespace {

constexpr std::array<std::uint32_t, 256> makeCrcTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
        table[i] = crc;
    }
    return table;
}
constexpr auto kCrcTable = makeCrcTable();

template <typename T>
void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Protocol buffers' wire format: as much of it as Event needs.
void varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}
void bytesField(std::string& out, int field, std::string_view value) {
    varint(out, static_cast<std::uint64_t>(field) << 3 | 2);
    varint(out, value.size());
    out += value;
}
void doubleField(std::string& out, int field, double value) {
    varint(out, static_cast<std::uint64_t>(field) << 3 | 1);
    put(out, value);
}
void floatField(std::string& out, int field, float value) {
    varint(out, static_cast<std::uint64_t>(field) << 3 | 5);
    put(out, value);
}
void integerField(std::string& out, int field, std::int64_t value) {
    varint(out, static_cast<std::uint64_t>(field) << 3);
    varint(out, static_cast<std::uint64_t>(value));
}

enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };

// When the latest event file of the folder began, by its name; −1: there is none.
std::int64_t latestStamp(const std::filesystem::path& folder) {
    constexpr std::string_view kBegin = "events.out.tfevents.";
    std::int64_t latest = -1;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        std::int64_t stamp = 0;
        if (name.starts_with(kBegin) &&
            std::from_chars(name.data() + kBegin.size(), name.data() + name.size(), stamp).ec == std::errc{})
            latest = std::max(latest, stamp);
    }
    return latest;
}

// TensorBoard reads a run's files in the order of their names, so a later part needs a later name, whatever the clock
// says.
std::filesystem::path newEventFile(const std::filesystem::path& folder, std::int64_t latest, double time) {
    char host[64] = "localhost";
    gethostname(host, sizeof host - 1);
    const auto stamp = std::max(static_cast<std::int64_t>(time), latest + 1);
    return folder / fmt::format("events.out.tfevents.{}.{}.0", stamp, host);
}

} // namespace

std::uint32_t maskedCrc32c(std::string_view data) noexcept {
    std::uint32_t crc = ~0u;
    for (const char c : data)
        crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder, std::int64_t resumedAfter, double time) {
    const std::int64_t latest = latestStamp(folder);
    m_file = newEventFile(folder, latest, time);
    m_descriptor = open(m_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        throw Error(errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                    fmt::format("{} could not be created: {}.", m_file.string(), std::strerror(errno)),
                    "Check the disk and the folder's permissions.");
    std::string version;
    doubleField(version, kWallTime, time);
    bytesField(version, kFileVersion, "brain.Event:2");
    record(version);
    if (resumedAfter >= 0 || latest >= 0) {
        std::string session;
        integerField(session, 1, 1); // SessionLog.START
        std::string event;
        doubleField(event, kWallTime, time);
        integerField(event, kStep, resumedAfter + 1);
        bytesField(event, kSessionLog, session);
        record(event);
    }
    flush();
}

TensorBoardWriter::~TensorBoardWriter() {
    if (m_descriptor >= 0)
        close(m_descriptor);
}

void TensorBoardWriter::record(const std::string& event) {
    std::string length;
    put(length, static_cast<std::uint64_t>(event.size()));
    m_pending += length;
    put(m_pending, maskedCrc32c(length));
    m_pending += event;
    put(m_pending, maskedCrc32c(event));
}

void TensorBoardWriter::scalar(std::string_view tag, std::int64_t step, float value, double time) {
    std::string point;
    bytesField(point, 1, tag);
    floatField(point, 2, value);
    std::string summary;
    bytesField(summary, 1, point);
    std::string event;
    doubleField(event, kWallTime, time);
    integerField(event, kStep, step);
    bytesField(event, kSummary, summary);
    record(event);
}

void TensorBoardWriter::flush() {
    std::size_t done = 0;
    while (done < m_pending.size()) {
        const ssize_t written = ::write(m_descriptor, m_pending.data() + done, m_pending.size() - done);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            throw Error(errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                        fmt::format("{} could not be written: {}.", m_file.string(), std::strerror(errno)),
                        "Free some space on this disk; the run can be resumed.");
        }
        done += static_cast<std::size_t>(written);
    }
    m_pending.clear();
}

} // namespace engine
