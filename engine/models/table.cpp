#include "engine/models/table.h"

#include <algorithm>
#include <array>

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

// The same weights prepared otherwise.
BackboneInfo resized(BackboneInfo info, int resizeSize, Interpolation interpolation = Interpolation::Bilinear) {
    info.resizeSize = resizeSize;
    info.interpolation = interpolation;
    return info;
}

struct TimmInput {
    int imageSize;
    int resizeSize; // imageSize / crop share, rounded down
    std::array<float, 3> mean;
    std::array<float, 3> deviation;
};

// Preprocessing of timm's default weights. `top1` 0: its table of results does not have them at this size.
BackboneInfo timm(const char* name, const char* family, std::int64_t parameters, double flops, const TimmInput& input,
                  double top1) {
    BackboneInfo info;
    info.name = name;
    info.family = family;
    info.source = "timm 1.0";
    info.parameters = parameters;
    info.flops = flops;
    info.imageSize = input.imageSize;
    info.resizeSize = input.resizeSize;
    info.interpolation = Interpolation::Bicubic;
    info.mean = input.mean;
    info.standardDeviation = input.deviation;
    info.classifier = "classifier";
    info.imagenetTop1 = top1;
    info.imagenetSource = top1 > 0 ? "timm, results-imagenet.csv" : "";
    info.licence = "Apache-2.0; trained on ImageNet, whose terms are for research";
    return info;
}

// Patches of 16 pixels, 224 × 224 of 248 (crop share 0.9).
BackboneInfo transformer(const char* name, const char* family, std::int64_t parameters, double flops,
                         const std::array<float, 3>& mean, const std::array<float, 3>& deviation, double top1) {
    BackboneInfo info = timm(name, family, parameters, flops, TimmInput{224, 248, mean, deviation}, top1);
    info.classifier = "head";
    return info;
}

BackboneInfo cifar(const char* name, std::int64_t parameters, double flops) {
    BackboneInfo info;
    info.name = name;
    info.family = "CIFAR ResNet";
    info.source = "He et al. 2016, names of pytorch_resnet_cifar10";
    info.parameters = parameters;
    info.flops = flops;
    info.imageSize = 32;
    info.resizeSize = 32;
    info.mean = kImageNetMean;
    info.standardDeviation = kImageNetDeviation;
    info.classifier = "linear";
    info.licence = "BSD-2-Clause";
    return info;
}

struct Published {
    std::string_view backbone;
    std::string_view repository; // of timm, which publishes torchvision's and the authors' weights as well
};
constexpr std::array kPublished{
    Published{"tf_efficientnet_lite0", "tf_efficientnet_lite0.in1k"},
    Published{"tf_efficientnet_lite1", "tf_efficientnet_lite1.in1k"},
    Published{"tf_efficientnet_lite2", "tf_efficientnet_lite2.in1k"},
    Published{"efficientnet_b0", "efficientnet_b0.ra_in1k"},
    Published{"efficientnet_b1", "efficientnet_b1.ft_in1k"},
    Published{"efficientnet_b2", "efficientnet_b2.ra_in1k"},
    Published{"efficientnet_b3", "efficientnet_b3.ra2_in1k"},
    Published{"efficientnet_b4", "efficientnet_b4.ra2_in1k"},
    Published{"mobilenet_v2", "mobilenetv2_100.ra_in1k"},
    Published{"mobilenet_v3_small", "mobilenetv3_small_100.lamb_in1k"},
    Published{"mobilenet_v3_large", "mobilenetv3_large_100.ra_in1k"},
    Published{"resnet18", "resnet18.tv_in1k"},
    Published{"resnet34", "resnet34.tv_in1k"},
    Published{"resnet50", "resnet50.tv_in1k"},
    Published{"resnet101", "resnet101.tv_in1k"},
    Published{"resnet152", "resnet152.tv_in1k"},
    Published{"resnext50_32x4d", "resnext50_32x4d.tv_in1k"},
    Published{"wide_resnet50_2", "wide_resnet50_2.tv_in1k"},
    Published{"wide_resnet101_2", "wide_resnet101_2.tv_in1k"},
    Published{"regnet_y_400mf", "regnety_004.tv2_in1k"},
    Published{"regnet_y_800mf", "regnety_008_tv.tv2_in1k"},
    Published{"regnet_y_1_6gf", "regnety_016.tv2_in1k"},
    Published{"regnet_y_3_2gf", "regnety_032.tv2_in1k"},
    Published{"regnet_y_8gf", "regnety_080_tv.tv2_in1k"},
    Published{"densenet121", "densenet121.tv_in1k"},
    Published{"vgg16", "vgg16.tv_in1k"},
    Published{"vgg16_bn", "vgg16_bn.tv_in1k"},
    Published{"convnext_tiny", "convnext_tiny.fb_in1k"},
    Published{"convnext_small", "convnext_small.fb_in1k"},
    Published{"convnext_base", "convnext_base.fb_in1k"},
    Published{"vit_tiny_patch16_224", "vit_tiny_patch16_224.augreg_in21k_ft_in1k"},
    Published{"vit_small_patch16_224", "vit_small_patch16_224.augreg_in21k_ft_in1k"},
    Published{"vit_base_patch16_224", "vit_base_patch16_224.augreg2_in21k_ft_in1k"},
    Published{"vit_b_16", "vit_base_patch16_224.augreg2_in21k_ft_in1k"},
    Published{"deit_tiny_patch16_224", "deit_tiny_patch16_224.fb_in1k"},
    Published{"deit_small_patch16_224", "deit_small_patch16_224.fb_in1k"},
    Published{"deit_base_patch16_224", "deit_base_patch16_224.fb_in1k"},
    Published{"swin_t", "swin_tiny_patch4_window7_224.ms_in1k"},
    Published{"swin_s", "swin_small_patch4_window7_224.ms_in1k"},
};

// Where the usual weights can be had.
void sayWhere(BackboneInfo& info) {
    const auto found = std::ranges::find(kPublished, std::string_view(info.name), &Published::backbone);
    if (found != kPublished.end())
        info.hub = std::string("hub:timm/").append(found->repository);
    else if (info.name == "squeezenet1_0")
        info.page = "https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth";
    else if (info.name == "squeezenet1_1")
        info.page = "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth";
    else if (info.family == "CIFAR ResNet")
        info.page = "https://github.com/akamaster/pytorch_resnet_cifar10";
}

std::vector<BackboneInfo> makeTable() {
    const auto lite = [](int imageSize, int resizeSize) { return TimmInput{imageSize, resizeSize, kHalf, kHalf}; };
    const auto standard = [](int imageSize, int resizeSize) {
        return TimmInput{imageSize, resizeSize, kImageNetMean, kImageNetDeviation};
    };
    std::vector<BackboneInfo> table{
        timm("tf_efficientnet_lite0", "EfficientNet-Lite", 4652008, 0.771e9, lite(224, 256), 74.830),
        timm("tf_efficientnet_lite1", "EfficientNet-Lite", 5416680, 1.2e9, lite(240, 272), 76.644),
        timm("tf_efficientnet_lite2", "EfficientNet-Lite", 6092072, 1.719e9, lite(260, 292), 77.464),
        timm("efficientnet_b0", "EfficientNet", 5288548, 0.77e9, standard(224, 256), 77.694),
        timm("efficientnet_b1", "EfficientNet", 7794184, 1.374e9, lite(240, 266), 0),
        timm("efficientnet_b2", "EfficientNet", 9109994, 1.720e9, standard(256, 292), 0),
        timm("efficientnet_b3", "EfficientNet", 12233232, 3.2e9, standard(288, 329), 0),
        timm("efficientnet_b4", "EfficientNet", 19341616, 6.127e9, standard(320, 365), 0),
        torchvision("squeezenet1_0", "SqueezeNet", 1248424, 1.638e9, "classifier.1", 58.092),
        torchvision("squeezenet1_1", "SqueezeNet", 1235496, 0.698e9, "classifier.1", 58.178),
        torchvision("mobilenet_v2", "MobileNetV2", 3504872, 0.602e9, "classifier.1", 71.878),
        torchvision("mobilenet_v3_small", "MobileNetV3", 2542856, 0.114e9, "classifier.3", 67.668),
        torchvision("mobilenet_v3_large", "MobileNetV3", 5483032, 0.434e9, "classifier.3", 74.042),
        torchvision("resnet18", "ResNet", 11689512, 3.628e9, "fc", 69.758),
        torchvision("resnet34", "ResNet", 21797672, 7.328e9, "fc", 73.314),
        torchvision("resnet50", "ResNet", 25557032, 8.178e9, "fc", 76.130),
        torchvision("resnet101", "ResNet", 44549160, 15.602e9, "fc", 77.374),
        torchvision("resnet152", "ResNet", 60192808, 23.028e9, "fc", 78.312),
        torchvision("resnext50_32x4d", "ResNeXt", 25028904, 8.46e9, "fc", 77.618),
        torchvision("wide_resnet50_2", "Wide ResNet", 68883240, 22.796e9, "fc", 78.468),
        torchvision("wide_resnet101_2", "Wide ResNet", 126886696, 45.506e9, "fc", 78.848),
        torchvision("regnet_y_400mf", "RegNetY", 4344144, 0.804e9, "fc", 74.046),
        torchvision("regnet_y_800mf", "RegNetY", 6432512, 1.668e9, "fc", 76.420),
        torchvision("regnet_y_1_6gf", "RegNetY", 11202430, 3.224e9, "fc", 77.950),
        torchvision("regnet_y_3_2gf", "RegNetY", 19436338, 6.352e9, "fc", 78.948),
        torchvision("regnet_y_8gf", "RegNetY", 39381472, 16.946e9, "fc", 80.032),
        torchvision("densenet121", "DenseNet", 7978856, 5.668e9, "classifier", 74.434),
        torchvision("vgg16", "VGG", 138357544, 30.94e9, "classifier.6", 71.592),
        torchvision("vgg16_bn", "VGG", 138365992, 30.94e9, "classifier.6", 73.360),
        resized(torchvision("convnext_tiny", "ConvNeXt", 28589128, 8.911e9, "classifier.2", 82.520), 236),
        resized(torchvision("convnext_small", "ConvNeXt", 50223688, 17.367e9, "classifier.2", 83.616), 230),
        resized(torchvision("convnext_base", "ConvNeXt", 88591464, 30.709e9, "classifier.2", 84.062), 232),
        transformer("vit_tiny_patch16_224", "ViT", 5717416, 2.507e9, kHalf, kHalf, 75.454),
        transformer("vit_small_patch16_224", "ViT", 22050664, 9.198e9, kHalf, kHalf, 81.384),
        transformer("vit_base_patch16_224", "ViT", 86567656, 35.128e9, kHalf, kHalf, 85.096),
        torchvision("vit_b_16", "ViT", 86567656, 35.128e9, "heads.head", 81.072),
        transformer("deit_tiny_patch16_224", "DeiT", 5717416, 2.507e9, kImageNetMean, kImageNetDeviation, 72.172),
        transformer("deit_small_patch16_224", "DeiT", 22050664, 9.198e9, kImageNetMean, kImageNetDeviation, 79.844),
        transformer("deit_base_patch16_224", "DeiT", 86567656, 35.128e9, kImageNetMean, kImageNetDeviation, 81.992),
        resized(torchvision("swin_t", "Swin", 28288354, 8.981e9, "head", 81.474), 232, Interpolation::Bicubic),
        resized(torchvision("swin_s", "Swin", 49606258, 17.482e9, "head", 83.196), 246, Interpolation::Bicubic),
        cifar("cifar_resnet20", 269722, 0.081e9),
        cifar("cifar_resnet32", 464154, 0.138e9),
        cifar("cifar_resnet44", 658586, 0.195e9),
        cifar("cifar_resnet56", 853018, 0.251e9),
    };
    table.front().bundled = true;
    std::ranges::for_each(table, sayWhere);
    return table;
}

} // namespace

std::span<const BackboneInfo> backboneTable() {
    static const std::vector<BackboneInfo> table = makeTable();
    return table;
}

} // namespace engine
