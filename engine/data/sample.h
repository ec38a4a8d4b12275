#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace engine {

class Shard;

// Where a picture lies within a shard.
struct MemberPlace {
    std::shared_ptr<const Shard> shard; // null: the picture is a file of its own
    std::uint64_t offset = 0, bytes = 0;
};

// A picture of a set and what it shows.
struct ImageSample {
    std::string file;        // relative to the root; in a shard "shard.tar/name", which ImageFile opens as well
    int label = -1;          // the class; -1 where a sample has any number of labels
    std::vector<int> labels; // ascending; only then
    MemberPlace place = {};
};

} // namespace engine
