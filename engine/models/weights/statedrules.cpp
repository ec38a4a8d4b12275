#include "engine/models/weights/statedrules.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace engine {
namespace {

std::optional<Interpolation> interpolationOf(std::string_view name) {
    for (const auto each : {Interpolation::Bilinear, Interpolation::Bicubic, Interpolation::Nearest,
                            Interpolation::Lanczos, Interpolation::Box, Interpolation::Hamming})
        if (name == interpolationName(each))
            return each;
    return std::nullopt;
}

// "ViTImageProcessorFast" and "ViTFeatureExtractor" are both "vit"; without such a word the kind of model says which.
std::string processorOf(const SettingsFile& settings) {
    constexpr std::string_view kModels[][2] = {{"resnet", "convnext"}, {"regnet", "convnext"},     {"cvt", "convnext"},
                                               {"van", "convnext"},    {"convnextv2", "convnext"}, {"dinov2", "bit"},
                                               {"swin", "vit"},        {"swinv2", "vit"}};
    std::string name = settings.processor.empty() ? settings.modelType : settings.processor;
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
    for (const std::string_view tail : {"fast", "pil", "imageprocessor", "featureextractor"})
        if (name.ends_with(tail) && !settings.processor.empty())
            name.resize(name.size() - tail.size());
    for (const auto& [model, processor] : kModels)
        if (settings.processor.empty() && name == model)
            return std::string(processor);
    return name;
}

// Of which one number in `size` is the short side; of all others both.
bool keepsShape(std::string_view processor) {
    constexpr std::array kNames{"bit",         "bridgetower", "chineseclip", "clip",   "convnext", "levit",
                                "mobilenetv1", "mobilenetv2", "mobilevit",   "siglip", "textnet",  "poolformer",
                                "videomae",    "vilt",        "vivit",       "tvp",    "blip2"};
    return std::ranges::find(kNames, processor) != kNames.end();
}

int asSquare(const StatedSize& size, std::string_view key, StatedPreprocess& stated) {
    if (!size.square())
        stated.notFollowed.push_back(
            fmt::format("{} with a height of {} and a width of {} pixels is not followed: pictures are squares of {}.",
                        key, size.height, size.width, size.side()));
    return size.side();
}

void followTimm(const SettingsFile& settings, StatedPreprocess& stated) {
    constexpr double kUsualShare = 0.875;
    const int side = asSquare(settings.inputSize, "input_size", stated);
    stated.imageSize = side;
    stated.resizeSize = settings.resizeSize.value_or(static_cast<int>(side / settings.cropShare.value_or(kUsualShare)));
    stated.interpolation = Interpolation::Bicubic; // timm's own, where the file says nothing else
    stated.mean = {0.485f, 0.456f, 0.406f};
    stated.standardDeviation = {0.229f, 0.224f, 0.225f};
    stated.cropRounding = settings.cropsRoundDown ? CropRounding::Down : CropRounding::HalfToEven;
    stated.cropMode = CropMode::Center;
    if (settings.cropMode == cropModeName(CropMode::AsIs))
        stated.cropMode = CropMode::AsIs;
    else if (settings.cropMode == "squash")
        stated.cropMode = CropMode::Squash;
    else if (settings.cropMode == "border")
        stated.cropMode = CropMode::Border;
    else if (!settings.cropMode.empty() && settings.cropMode != "center")
        stated.notFollowed.push_back(
            fmt::format("crop_mode “{}” is not followed: the centre is cut out.", settings.cropMode));
}

// The short side is resized, and the centre cut out of it.
void followShortestEdge(const SettingsFile& settings, std::string_view processor, int edge, int crop,
                        StatedPreprocess& stated) {
    constexpr int kConvNextWarps = 384; // pixels, from which on it keeps no shape
    stated.cropMode = CropMode::Center;
    stated.imageSize = crop > 0 ? crop : edge;
    stated.resizeSize = edge;
    if (processor == "levit")
        stated.resizeSize = static_cast<int>(256.0 / 224 * edge);
    else if (processor == "poolformer")
        stated.resizeSize = static_cast<int>(edge / settings.cropShare.value_or(0.9));
    else if (processor == "convnext" && edge >= kConvNextWarps)
        stated.cropMode = CropMode::Squash;
    else if (processor == "convnext" || (settings.cropShare && crop == 0))
        stated.resizeSize = static_cast<int>(edge / settings.cropShare.value_or(224.0 / 256));
    else if (crop == 0)
        stated.notFollowed.emplace_back(
            "shortest_edge without do_center_crop is not followed: the centre is cut out as a square.");
    if (settings.size.longestEdge > 0)
        stated.notFollowed.emplace_back("longest_edge is not followed: the centre is cut out of what is longer.");
}

void followTransformers(const SettingsFile& settings, StatedPreprocess& stated) {
    const std::string processor = processorOf(settings);
    StatedSize size = settings.size;
    if (size.number > 0 && !settings.squares.value_or(!keepsShape(processor)))
        size = {.shortestEdge = size.number};
    const bool crops = settings.cropSize.side() > 0 && settings.crops.value_or(true);
    const int crop = crops ? asSquare(settings.cropSize, "crop_size", stated) : 0;
    stated.cropRounding = CropRounding::Down;
    if (settings.resizes == false && crops) {
        stated.cropMode = CropMode::AsIs;
        stated.imageSize = stated.resizeSize = crop;
        return;
    }
    if (settings.resizes == false)
        stated.notFollowed.emplace_back("do_resize: false is not followed: all pictures get one size.");
    if (processor == "perceiver")
        stated.notFollowed.emplace_back("The cutting out before resizing is not followed: pictures are resized first.");
    if (size.shortestEdge > 0) {
        followShortestEdge(settings, processor, size.shortestEdge, crop, stated);
    } else if (size.side() > 0) {
        const int side = asSquare(size, "size", stated);
        stated.imageSize = crops ? crop : side;
        stated.resizeSize = side;
        stated.cropMode = CropMode::Squash;
        if (processor == "poolformer") {
            stated.cropMode = CropMode::Center;
            stated.resizeSize = static_cast<int>(side / settings.cropShare.value_or(0.9));
        }
    } else {
        if (size.longestEdge > 0)
            stated.notFollowed.emplace_back("longest_edge is not followed: the centre is cut out of what is longer.");
        if (crops)
            stated.imageSize = crop;
    }
}

void followValues(const SettingsFile& settings, StatedPreprocess& stated) {
    const std::string processor = processorOf(settings);
    if (settings.mean)
        stated.mean = settings.mean;
    if (settings.standardDeviation)
        stated.standardDeviation = settings.standardDeviation;
    const bool unsaid = !settings.normalises && !settings.mean && processor == "mobilevit";
    if (settings.normalises == false || unsaid) {
        stated.mean = {0, 0, 0};
        stated.standardDeviation = {1, 1, 1};
    } else if (stated.standardDeviation && processor == "efficientnet" && settings.countsTop.value_or(true)) {
        for (float& value : *stated.standardDeviation) // it is divided by twice
            value *= value;
    }
    if (settings.rescales == false)
        stated.divisor = 1.0f;
    else if (settings.rescaleFactor)
        stated.divisor = static_cast<float>(1 / *settings.rescaleFactor);
    if (settings.rescalesAroundZero && settings.rescales != false && stated.mean)
        for (float& value : *stated.mean)
            value += 1;
}

} // namespace

void followSettings(const SettingsFile& settings, StatedPreprocess& stated) {
    if (settings.size.said() || settings.cropSize.said()) {
        followTransformers(settings, stated);
    } else if (settings.inputSize.said()) {
        followTimm(settings, stated);
    } else if (settings.imageSize) {
        stated.imageSize = settings.imageSize;
        if (settings.cropShare)
            stated.resizeSize = static_cast<int>(*settings.imageSize / *settings.cropShare);
    }
    followValues(settings, stated);
    if (const auto named = interpolationOf(settings.interpolation))
        stated.interpolation = named;
    if (!settings.interpolation.empty() && !interpolationOf(settings.interpolation))
        stated.notFollowed.push_back(
            fmt::format("The interpolation “{}” is not followed: another is used.", settings.interpolation));
    for (const std::string& other : settings.others)
        stated.notFollowed.push_back(fmt::format("{} is not followed.", other));
}

} // namespace engine
