#pragma once

#include "engine/api/experiment.h"
#include "engine/api/progress.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// 8-bit RGB, rows top down, no padding: width × height × 3 bytes.
struct RgbImage {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;
};

struct ClassCount {
    std::string name;
    std::int64_t train = 0;
    std::int64_t validation = 0;
};

struct BadFile {
    std::string file; // relative to the data folder
    std::string reason;
};

struct DataReport {
    std::vector<ClassCount> classes; // in label order (sorted by name)
    std::int64_t trainSamples = 0;
    std::int64_t validationSamples = 0;
    std::string trainFolder;      // relative to the data folder; empty where it is a seeded split
    std::string validationFolder; // likewise
    bool seededSplit = false;
    std::vector<BadFile> unreadable; // not pictures, broken, empty: named, counted and skipped in training
    int smallestSide = 0;            // pixels, over all readable pictures
    int largestSide = 0;
    std::uint64_t bytes = 0;
};

// What files of pictures end in, lower case and with their dot; and what formats are read: "JPEG, PNG, … and AVIF".
[[nodiscard]] const std::vector<std::string>& pictureEndings();
[[nodiscard]] const std::string& formatNames();

// Looks at every file of the data set (headers only, in threads). Throws Error(NotFound | BadInput | Stopped): no such
// folder, no class folders, no picture at all, only one class. Blocks; any thread.
[[nodiscard]] DataReport checkData(const Experiment& experiment, std::stop_token stop = {},
                                   ProgressSink* progress = nullptr);

struct PreviewPicture {
    RgbImage image; // after augmentation, before normalisation: what the model sees
    int label = -1;
    std::string file;
};
// `count` training pictures drawn by `draw` (another number, another batch), augmented as in training. Blocks; any
// thread.
[[nodiscard]] std::vector<PreviewPicture> previewBatch(const Experiment& experiment, int count, std::uint64_t draw,
                                                       std::stop_token stop = {});

// A file as a small RGB picture whose short side is at least `side` pixels (EXIF rotation applied). Throws
// Error(BadInput).
[[nodiscard]] RgbImage loadThumbnail(const std::filesystem::path& file, int side);

} // namespace engine
