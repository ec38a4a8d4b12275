#pragma once

#include <string>
#include <string_view>

namespace engine {

// What a folder's name says about the part of a data set in it. Unsorted: pictures to predict, without labels.
enum class Part { None, Train, Validation, Test, Unsorted };

struct PartName {
    Part part = Part::None;
    std::string rest; // the name's other words, in lower case: "seg" of seg_train; empty for Train_Data and 01-train
};
// Looks at the name's words: they end at separators, at digits and where a capital begins.
[[nodiscard]] PartName partName(std::string_view folder);

// Equal for names that differ only in case, Unicode composition, or spaces and other separators.
[[nodiscard]] std::string looseName(std::string_view name);

} // namespace engine
