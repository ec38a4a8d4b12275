#pragma once

#include "engine/api/run.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace engine {

// A column on disk: blocks of { magic, count, count × (step int64, value float32, time float64), checksum }, only ever
// appended to. A rewind block (count 0 and a step) takes back all points past that step: a resumed run goes on from
// there.
struct SeriesPoint {
    std::int64_t step = 0;
    float value = 0;
    double time = 0;
};

// Appends; one writer a file. A torn block at the end (a crash while writing) is cut off on opening.
class SeriesWriter final {
public:
    explicit SeriesWriter(const std::filesystem::path& file); // throws Error(DiskFull | BadInput)
    ~SeriesWriter();
    SeriesWriter(SeriesWriter&& other) noexcept;
    SeriesWriter& operator=(SeriesWriter&&) = delete;

    void append(std::span<const SeriesPoint> points);
    void rewind(std::int64_t lastStep);
    [[nodiscard]] double latestTime() const { return m_latestTime; } // of what was there on opening

private:
    void writeBlock(const std::string& block);

    std::filesystem::path m_file;
    int m_descriptor = -1;
    double m_latestTime = 0;
};

// Follows a growing column.
class SeriesFollower final {
public:
    explicit SeriesFollower(std::filesystem::path file) : m_file(std::move(file)) {}

    struct Growth {
        std::size_t added = 0;         // points appended to the series
        bool rewound = false;          // points were taken back
        std::size_t damagedBlocks = 0; // stretches skipped: known once an intact block follows
    };
    // Reads what was appended since the last call into `series`. A block that is not whole waits for the next call.
    Growth read(Series& series);

private:
    std::filesystem::path m_file;
    std::uint64_t m_offset = 0;
};

// "train/loss" ⇄ "train%2Floss.col". A name too long for the disk is cut and gets a hash; a file "….name" beside the
// column holds all of it.
[[nodiscard]] std::string seriesFileName(std::string_view series);
[[nodiscard]] std::string seriesNameOf(const std::filesystem::path& file);
// Where the column of a series lies; writes its name beside it where that was cut. Throws Error(DiskFull | BadInput).
[[nodiscard]] std::filesystem::path placeOfSeries(const std::filesystem::path& folder, std::string_view series);

} // namespace engine
