#pragma once

#include "engine/api/datareport.h"
#include "engine/api/progress.h"
#include "engine/data/sample.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

// What is said of a data set's pictures beyond whether they can be read.
namespace engine {

// A readable picture as its file was found.
struct CheckedPicture {
    ImageSample sample;
    bool training = true;
    std::uint64_t bytes = 0;
    int width = 0, height = 0;
};

// Warnings about pictures whose files are equal byte by byte: in several classes, in both parts, or more than once in a
// part. Files of one size are read. Throws Error(Stopped).
[[nodiscard]] std::vector<Finding> copyFindings(const std::filesystem::path& root,
                                                std::span<const CheckedPicture> pictures, std::stop_token stop,
                                                ProgressSink* progress);
// Warnings about pictures that are tiny beside the others.
[[nodiscard]] std::vector<Finding> sizeFindings(std::span<const CheckedPicture> pictures);
// A warning where a class has many times the training pictures of another.
[[nodiscard]] std::vector<Finding> balanceFindings(std::span<const ClassCount> classes);

} // namespace engine
