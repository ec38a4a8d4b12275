#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

// Writes scalars as TensorBoard reads them: TFRecord frames around Event messages (tensorflow/core/util/event.proto).
class TensorBoardWriter final {
public:
    // Begins a new event file in `folder` and tells TensorBoard to drop what older files there hold past `resumedAfter`
    // (−1: all of it). `time`: the wall time of this beginning, not before any that is recorded.
    TensorBoardWriter(const std::filesystem::path& folder, std::int64_t resumedAfter, double time);
    ~TensorBoardWriter();
    TensorBoardWriter(const TensorBoardWriter&) = delete;
    TensorBoardWriter& operator=(const TensorBoardWriter&) = delete;

    void scalar(std::string_view tag, std::int64_t step, float value, double time); // buffered
    void flush();                                                                   // throws Error(DiskFull)

private:
    void record(const std::string& event);

    std::filesystem::path m_file;
    std::string m_pending;
    int m_descriptor = -1;
};

// CRC-32C (Castagnoli) with TFRecord's masking.
[[nodiscard]] std::uint32_t maskedCrc32c(std::string_view data) noexcept;

} // namespace engine
