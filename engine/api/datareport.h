#pragma once

#include "engine/api/experiment.h"
#include "engine/api/progress.h"

#include <cstdint>
#include <filesystem>
#include <limits>
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

// Files of one kind that are not used.
struct PassedOver {
    std::string what; // ".tif", "text", "unreadable", "without a class to train" …
    std::int64_t count = 0;
};

struct ClassCount {
    std::string name;
    std::int64_t train = 0;
    std::int64_t validation = 0;
    std::vector<PassedOver> passedOver; // in the class's folders
};

// A folder with pictures in it that are used for nothing.
struct UnusedFolder {
    std::string folder; // relative to the data folder
    std::int64_t pictures = 0;
    std::string reason; // "“val” validates"
};

// What was taken for what in a data folder, and what of it is not used.
struct DataNotes {
    std::vector<ClassCount> noClasses; // folders beside the classes whose pictures cannot be used, or that have none
    std::vector<UnusedFolder> unused;
    std::vector<std::string> facts; // sentences that ask for nothing
    std::vector<Finding> findings;
    std::int64_t validationLeftOut = 0; // pictures of the validation part that belong to no class
};

struct BadFile {
    std::string file; // relative to the data folder
    std::string reason;
};

struct DataReport {
    std::vector<ClassCount> classes; // in label order (sorted by name)
    std::int64_t trainSamples = 0;
    std::int64_t validationSamples = 0;
    std::string trainFolder;      // relative to the data folder; empty where the classes lie in it
    std::string validationFolder; // likewise; empty where it is a seeded split
    bool seededSplit = false;
    DataNotes notes;
    std::int64_t lookedAt = 0;       // pictures whose file was opened; the others count as readable
    std::vector<BadFile> unreadable; // not pictures, broken, empty: named, counted and skipped in training
    int smallestSide = 0;            // pixels, over all readable pictures
    int largestSide = 0;
    std::uint64_t bytes = 0;
    std::uint64_t fingerprint = 0; // of names and sizes: another one, other data
};

// What files of pictures end in, lower case and with their dot; and what formats are read: "JPEG, PNG, … and AVIF".
[[nodiscard]] const std::vector<std::string>& pictureEndings();
[[nodiscard]] const std::string& formatNames();
// The data set by names alone: no file is opened, so that every picture counts as readable and pixels and bytes stay 0.
// Throws as checkData(). Any thread.
[[nodiscard]] DataReport listData(const Experiment& experiment);

// Looks at every file of the data set (headers only, in threads), or at `most` of them, evenly drawn from the whole.
// Throws Error(NotFound | BadInput | Stopped): no such folder, no class folders, no picture at all, only one class.
// Blocks; any thread.
[[nodiscard]] DataReport checkData(const Experiment& experiment, std::stop_token stop = {},
                                   ProgressSink* progress = nullptr,
                                   std::size_t most = std::numeric_limits<std::size_t>::max());

// The report as a table for a terminal, a line each without a line break: class, train, validation, passed over; then
// what is not used. At most `mostClasses` classes, those with something to say first.
[[nodiscard]] std::vector<std::string> dataTable(const DataReport& report, int mostClasses = 20);
// What is not used, and the facts: a sentence each.
[[nodiscard]] std::vector<std::string> dataSentences(const DataNotes& notes);
// "8 .tif, 1 text"; empty for nothing.
[[nodiscard]] std::string passedOverWords(const std::vector<PassedOver>& passedOver);

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
