#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What the name of a checkpoint's folder begins with once the checkpoint was found damaged and passed over.
inline constexpr std::string_view kDamagedPrefix = "damaged-";

// A checkpoint that is whole: its files are there, are read as what they are and are as long as they say.
struct RunCheckpoint {
    std::filesystem::path folder;
    std::int64_t step = 0;
    int epoch = 0;        // completed
    bool best = false;    // its model is the best that the training had come to by then
    double bestValue = 0; // of the metric `monitor`; no number: none was validated
    std::string monitor;
    int bestEpoch = 0;
};

struct DamagedCheckpoint {
    std::filesystem::path folder;
    std::int64_t step = -1; // as its name says; -1: it says none
    std::string reason;     // one sentence
};

// What a run has to go on from.
struct RunCheckpoints {
    std::vector<RunCheckpoint> whole; // newest first; where a copy followed links, those of one step lie side by side
    std::vector<DamagedCheckpoint> damaged;

    [[nodiscard]] bool none() const { return whole.empty() && damaged.empty(); }
    [[nodiscard]] const RunCheckpoint* newest() const { return whole.empty() ? nullptr : &whole.front(); }
    // The best of all epochs, or of those whose checkpoint is still there; null: none was validated.
    [[nodiscard]] const RunCheckpoint* best() const;
};

// Where the checkpoint of a step belongs.
[[nodiscard]] std::filesystem::path checkpointFolder(const std::filesystem::path& runFolder, std::int64_t step);
// By reading `checkpoints/`, and `last` and `best` where a copy made folders of these links. Sizes and headers are
// looked at, not every byte: milliseconds. Any thread.
[[nodiscard]] RunCheckpoints findCheckpoints(const std::filesystem::path& runFolder);
// What is wrong with the checkpoint in `folder`, every byte read and compared with its checksum, where it has one;
// empty: nothing.
[[nodiscard]] std::string checkpointDamage(const std::filesystem::path& folder);

// Writes the checksums of the files in `folder`, so that damage can be told later. Throws Error(DiskFull | BadInput).
void sealCheckpoint(const std::filesystem::path& folder);

// `last` and `best` are links for people and other programs; nothing here depends on them. Does what the disk allows:
// one that has no links gets none, and a folder in a link's place is replaced once `checkpoints/` holds the same.
void linkCheckpoint(const std::filesystem::path& runFolder, const char* link, const std::filesystem::path& checkpoint);

// Marks one that newer ones do not replace. Throws Error(DiskFull | BadInput).
void keepForGood(const std::filesystem::path& checkpoint);

// Removes checkpoints that newer ones replace. Kept are those that are to stay, the newest, the best, what is damaged
// but newer than both, and, with `Spare::Kept`, the one before where newest and best are one.
enum class Spare { Kept, Removed };
void pruneCheckpoints(const std::filesystem::path& runFolder, Spare spare);

} // namespace engine
