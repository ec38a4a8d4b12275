#pragma once

#include <string>
#include <vector>

namespace engine {

// A picture of a set and what it shows.
struct ImageSample {
    std::string file;        // relative to the root
    int label = -1;          // the class; -1 where a sample has any number of labels
    std::vector<int> labels; // ascending; only then
};

} // namespace engine
