#pragma once

#include "engine/runs/seriesfile.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

inline constexpr const char* kClassesFile = ".classes";

// The values of all classes of one metric on disk, in the order of the labels: one block a validation. NaN stands for a
// class without a sample.
class ClassFileWriter final {
public:
    explicit ClassFileWriter(const std::filesystem::path& file) : m_blocks(file) {} // throws Error(DiskFull | BadInput)

    void append(std::int64_t step, double time, std::span<const double> values);
    void rewind(std::int64_t lastStep) { m_blocks.rewind(lastStep); }
    [[nodiscard]] double latestTime() const { return m_blocks.latestTime(); }

private:
    BlockWriter m_blocks;
};

// Follows such a file.
class ClassFileFollower final {
public:
    explicit ClassFileFollower(std::filesystem::path file) : m_blocks(std::move(file)) {}

    // Reads what was appended since the last call into one series a class, by label; NaN is no point of them.
    SeriesGrowth read(std::vector<Series>& classes);

private:
    BlockFollower m_blocks;
};

[[nodiscard]] std::string classSeries(std::string_view metricSeries, std::string_view className); // "validation/f1/cat"

} // namespace engine
