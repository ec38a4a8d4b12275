#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace engine {

// More classes than one could tell apart in a picture.
inline constexpr std::size_t kMostConfusionClasses = 60;

// How often each class was taken for each.
struct ConfusionCounts {
    std::vector<std::string> classes;
    std::vector<std::int64_t> counts; // true class × answer

    [[nodiscard]] std::int64_t at(std::size_t label, std::size_t answer) const {
        return counts.at(label * classes.size() + answer);
    }
};

// As an SVG picture, a cell's ground by its share of the row; with numbers up to 20 classes.
[[nodiscard]] std::string confusionPicture(const ConfusionCounts& confusion);

} // namespace engine
