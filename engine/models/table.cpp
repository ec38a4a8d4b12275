#include "engine/models/table.h"

namespace engine {
namespace {

constexpr std::array<float, 3> kImageNetMean{0.485f, 0.456f, 0.406f};
constexpr std::array<float, 3> kImageNetDeviation{0.229f, 0.224f, 0.225f};
constexpr std::array<float, 3> kHalf{0.5f, 0.5f, 0.5f};

// Preprocessing and accuracy of torchvision's IMAGENET1K_V1 weights: resize 256 bilinear, crop 224.
BackboneInfo torchvision(const char* name, const char* family, std::int64_t parameters, double flops,
                         const char* classifier, double top1) {
    BackboneInfo info;
    info.name = name;
    info.family = family;
    info.source = "torchvision 0.26";
    info.parameters = parameters;
    info.flops = flops;
    info.mean = kImageNetMean;
    info.standardDeviation = kImageNetDeviation;
    info.classifier = classifier;
    info.imagenetTop1 = top1;
    info.imagenetSource = "torchvision, IMAGENET1K_V1 weights";
    info.licence = "BSD-3-Clause; trained on ImageNet, whose terms are for research";
    return info;
}

BackboneInfo efficientNetLite(const char* name, std::int64_t parameters, double flops, int imageSize, int resizeSize,
                              double top1) {
    BackboneInfo info;
    info.name = name;
    info.family = "EfficientNet-Lite";
    info.source = "timm 1.0";
    info.parameters = parameters;
    info.flops = flops;
    info.imageSize = imageSize;
    info.resizeSize = resizeSize;
    info.interpolation = Interpolation::Bicubic;
    info.mean = kHalf;
    info.standardDeviation = kHalf;
    info.classifier = "classifier";
    info.imagenetTop1 = top1;
    info.imagenetSource = "timm, results-imagenet.csv";
    info.licence = "Apache-2.0; trained on ImageNet, whose terms are for research";
    return info;
}

std::vector<BackboneInfo> makeTable() {
    std::vector<BackboneInfo> table{
        efficientNetLite("tf_efficientnet_lite0", 4652008, 0.771e9, 224, 256, 74.832),
        torchvision("squeezenet1_1", "SqueezeNet", 1235496, 0.698e9, "classifier.1", 58.178),
        torchvision("resnet18", "ResNet", 11689512, 3.628e9, "fc", 69.758),
        torchvision("resnet34", "ResNet", 21797672, 7.328e9, "fc", 73.314),
        torchvision("resnet50", "ResNet", 25557032, 8.178e9, "fc", 76.130),
    };
    table.front().bundled = true;
    return table;
}

} // namespace

std::span<const BackboneInfo> backboneTable() {
    static const std::vector<BackboneInfo> table = makeTable();
    return table;
}

} // namespace engine
