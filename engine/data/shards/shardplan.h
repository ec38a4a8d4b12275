#pragma once

#include "engine/api/shards.h"
#include "engine/data/imagefolder.h"
#include "engine/data/order.h"

#include <cstdint>
#include <string>
#include <vector>

namespace engine {

// Samples of a part that make a shard: places in the part's order.
struct PlannedShard {
    std::string name; // "train-000003.tar"
    bool training = true;
    std::int64_t begin = 0, end = 0;
};

// Which samples go to which shard, in which order, before any is written: so that shards can be written in any order,
// by any number of threads. Any thread.
struct ShardPlan {
    ImageFolder data;
    EpochOrder trainOrder{0}, validationOrder{0};
    std::vector<PlannedShard> shards;
    std::uint64_t bytes = 0; // of all of them, about
    std::string identity;    // another one, other shards

    [[nodiscard]] ImageSample sample(bool training, std::int64_t place) const {
        return training ? data.train[static_cast<std::size_t>(trainOrder.at(place))]
                        : data.validation[static_cast<std::size_t>(validationOrder.at(place))];
    }
};

[[nodiscard]] ShardPlan planOf(const Experiment& experiment, const ShardOptions& options);

// A picture as it goes into a shard.
struct PackedPicture {
    std::string content;
    std::string ending; // "jpg"
};
// As it is, where it is a JPEG, PNG or WebP of the wanted size and nothing speaks for writing it anew. Throws Error
// (BadInput) where it is no picture that can be read.
[[nodiscard]] PackedPicture packedPicture(const std::filesystem::path& root, const ImageSample& sample,
                                          const ShardOptions& options);

} // namespace engine
