#pragma once

#include "engine/api/datareport.h"
#include "engine/api/experiment.h"
#include "engine/api/progress.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

struct ShardOptions {
    std::uint64_t shardBytes = 256'000'000; // of a shard, about
    int shortSide = 0;                      // pixels; larger pictures are made smaller; 0: they stay as they are
    int quality = 0;                        // of JPEG, 1 to 100: pictures are written anew; 0: 90 where they must be
    int jobs = 0;                           // threads; 0: one per core
};

// What data come to as shards.
struct ShardReport {
    std::vector<std::string> classes;
    std::int64_t trainSamples = 0, validationSamples = 0;
    std::int64_t trainShards = 0, validationShards = 0;
    std::int64_t keptShards = 0;  // that an earlier call had finished
    std::uint64_t bytes = 0;      // of all shards; of a plan an estimate
    std::vector<BadFile> leftOut; // that are no pictures
};

// What writeShards() would make, by the sizes of the pictures and a look at some of them. Throws as it does. Blocks;
// any thread.
[[nodiscard]] ShardReport planShards(const Experiment& experiment, const ShardOptions& options);

// Writes the data of an experiment (any kind) as WebDataset shards: train-000000.tar … and validation-000000.tar … with
// a .jpg, .png or .webp, a .cls with the class's number (where a picture has one class) and a .json for each sample,
// and index.json with samples, bytes and SHA-256 of each shard and the classes. The training samples are shuffled by
// the seed. The same input gives the same bytes, with any number of jobs. `out` is new or empty, or holds what an
// earlier call with the same input and options left: its finished shards stay. Throws Error(BadInput | NotFound |
// DiskFull | DataGone | Stopped); shards that are done then stay, index.json comes last. Blocks; any thread.
ShardReport writeShards(const Experiment& experiment, const std::filesystem::path& out, const ShardOptions& options,
                        std::stop_token stop = {}, ProgressSink* progress = nullptr);

} // namespace engine
