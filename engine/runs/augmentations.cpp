#include "engine/api/augmentations.h"

#include "engine/api/error.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

template <typename Rows>
std::vector<std::string> namesOf(const Rows& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows)
        names.push_back(row.choice.name);
    return names;
}

const AugmentationInfo& operationOf(std::string_view name, std::string_view whole) {
    const auto rows = augmentationInfos();
    const auto row = std::ranges::find(rows, name, [](const auto& info) { return info.choice.name; });
    if (row == rows.end())
        throw Error(ErrorKind::BadInput, fmt::format("There is no augmentation called “{}”.", whole),
                    fmt::format("Choose {}, or a list of {}.", fmt::join(namesOf(augmentationPresets()), ", "),
                                fmt::join(namesOf(rows), ", ")));
    return *row;
}

double strengthOf(const AugmentationInfo& info, std::string_view text) {
    double value = info.usual;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || !(value >= info.least && value <= info.most))
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot have the strength “{}”.", info.choice.name, text),
                    fmt::format("Give a number from {:g} to {:g}.", info.least, info.most));
    return value;
}

AugmentationStep stepOf(std::string_view item, std::string_view whole) {
    const auto colon = item.find(':');
    const AugmentationInfo& info = operationOf(item.substr(0, colon), whole);
    return {info.choice.name, colon == std::string_view::npos ? info.usual : strengthOf(info, item.substr(colon + 1))};
}

} // namespace

std::span<const AugmentationInfo> augmentationInfos() {
    static const std::vector<AugmentationInfo> rows{
        {.choice = {"random-crop", "Random part", "A random part of the picture of at least this share of its area."},
         .least = 0.01,
         .usual = 0.08,
         .unit = "smallest area"},
        {.choice = {"flip", "Mirror", "Left and right are exchanged in this share of the views."},
         .unit = "probability"},
        {.choice = {"vertical-flip", "Turn over",
                    "Top and bottom are exchanged in this share of the views: for pictures without an up."},
         .unit = "probability"},
        {.choice = {"colour-jitter", "Colours", "Brightness, contrast and saturation change by up to this share."},
         .usual = 0.4,
         .unit = "share"},
        {.choice = {"erase", "Erase", "A random box of 2 to 33 % of this share of the views is filled with grey."},
         .usual = 0.25,
         .unit = "probability"},
    };
    return rows;
}

std::span<const AugmentationPreset> augmentationPresets() {
    static const std::vector<AugmentationPreset> rows{
        {{"none", "None", "The picture as validation sees it: resized, centre cut out."}, ""},
        {{"light", "Light", "A random part of at least half the picture, mirrored or not."},
         "random-crop:0.5 flip:0.5"},
        {{"standard", "Standard", "A random part of at least 8 % of the picture, mirrored or not."},
         "random-crop:0.08 flip:0.5"},
        {{"strong", "Strong", "Standard, and brightness, contrast and saturation changed by up to 40 %."},
         "random-crop:0.08 flip:0.5 colour-jitter:0.4"},
    };
    return rows;
}

std::span<const NamedChoice> augmentations() {
    static const auto choices = [] {
        std::vector<NamedChoice> result;
        for (const AugmentationPreset& preset : augmentationPresets())
            result.push_back(preset.choice);
        return result;
    }();
    return choices;
}

std::vector<AugmentationStep> augmentationSteps(std::string_view text) {
    const std::string_view whole = text;
    for (const AugmentationPreset& preset : augmentationPresets())
        if (preset.choice.name == text)
            text = preset.operations;
    std::vector<AugmentationStep> steps;
    constexpr std::string_view kBetween = " ,";
    while (!text.empty()) {
        const auto begin = text.find_first_not_of(kBetween);
        if (begin == std::string_view::npos)
            break;
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(kBetween), text.size());
        steps.push_back(stepOf(text.substr(0, end), whole));
        text.remove_prefix(end);
    }
    return steps;
}

} // namespace engine
