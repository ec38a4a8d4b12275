#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace engine {

// Where a run came from that began as a part of another.
struct Lineage {
    std::string run;  // the id of that one, which may be gone
    std::string name; // as it was called then
    std::int64_t step = 0;
};
// Nothing: it began by itself. Any thread.
[[nodiscard]] std::optional<Lineage> lineageOf(const std::filesystem::path& runFolder);

// The checkpoint that a fork begins with.
struct ForkPoint {
    std::int64_t step = 0;
    int epoch = 0; // completed
};
// The newest that is whole at or before the step. Throws Error(NotFound) that says which there are. Any thread.
[[nodiscard]] ForkPoint forkPoint(const std::filesystem::path& runFolder, std::int64_t atStep);

// Makes a new run beside this one that has its curves, events, settings and checkpoint as they were at that point, and
// from there goes its own way once it is resumed; its folder. An empty name is "<name>, from step <step>". The run may
// be trained meanwhile. Throws Error(NotFound | BadInput | BadWeights | DiskFull). Blocks while a checkpoint is copied;
// any thread.
[[nodiscard]] std::filesystem::path forkRun(const std::filesystem::path& runFolder, std::int64_t atStep,
                                            const std::string& name = {});

} // namespace engine
