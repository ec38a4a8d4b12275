#pragma once

#include "engine/api/run.h"
#include "engine/runs/blockfile.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace engine {

struct SeriesPoint {
    std::int64_t step = 0;
    float value = 0;
    double time = 0;
};

// What a reader got since its last look.
struct SeriesGrowth {
    std::size_t added = 0;         // points appended to the series
    bool rewound = false;          // points were taken back
    std::size_t damagedBlocks = 0; // stretches skipped: known once an intact block follows
};

// A column on disk: blocks of points. A resumed run takes back what lies past its checkpoint and goes on from there.
class SeriesWriter final {
public:
    explicit SeriesWriter(const std::filesystem::path& file) : m_blocks(file) {} // throws Error(DiskFull | BadInput)

    void append(std::span<const SeriesPoint> points);
    void rewind(std::int64_t lastStep) { m_blocks.rewind(lastStep); }
    [[nodiscard]] double latestTime() const { return m_blocks.latestTime(); } // of what was there on opening

private:
    BlockWriter m_blocks;
};

// Follows a growing column.
class SeriesFollower final {
public:
    explicit SeriesFollower(std::filesystem::path file) : m_blocks(std::move(file)) {}

    using Growth = SeriesGrowth;
    // Reads what was appended since the last call into `series`. A block that is not whole waits for the next call.
    Growth read(Series& series);

private:
    BlockFollower m_blocks;
};

// Takes back the points past `lastStep`; true where there were any.
bool takeBack(Series& series, std::int64_t lastStep);

inline constexpr const char* kColumnFile = ".col";

// "train/loss" ⇄ "train%2Floss.col". A name too long for the disk is cut and gets a hash; a file "….name" beside the
// column holds all of it.
[[nodiscard]] std::string seriesFileName(std::string_view series, std::string_view extension = kColumnFile);
[[nodiscard]] std::string seriesNameOf(const std::filesystem::path& file);
// Where the column of a series lies; writes its name beside it where that was cut. Throws Error(DiskFull | BadInput).
[[nodiscard]] std::filesystem::path placeOfSeries(const std::filesystem::path& folder, std::string_view series,
                                                  std::string_view extension = kColumnFile);

} // namespace engine
