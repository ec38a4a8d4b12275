#include "engine/models/names/published.h"

#include "engine/api/error.h"
#include "engine/models/names/pattern.h"
#include "engine/models/weights/weightsfile.h"

#include <algorithm>

namespace engine {
namespace {

constexpr Colours kImageNet{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
constexpr Colours kHalf{{0.5f, 0.5f, 0.5f}, {0.5f, 0.5f, 0.5f}};
constexpr Colours kEfficient{{0.485f, 0.456f, 0.406f}, {0.478f, 0.473f, 0.474f}};

// The backbone's own library is not listed. timm's and torchvision's values are those of their default weights,
// transformers' those of its usual ones; files beside the weights go before them.
constexpr PublishedNetwork kNetworks[] = {
    {"resnet18", Library::Timm, "resnet18", 224, 235, Interpolation::Bicubic, kImageNet},
    {"resnet34", Library::Timm, "resnet34", 224, 235, Interpolation::Bicubic, kImageNet},
    {"resnet50", Library::Timm, "resnet50", 224, 235, Interpolation::Bicubic, kImageNet},
    {"resnet101", Library::Timm, "resnet101", 224, 235, Interpolation::Bicubic, kImageNet},
    {"resnet152", Library::Timm, "resnet152", 224, 235, Interpolation::Bicubic, kImageNet},
    {"resnext50_32x4d", Library::Timm, "resnext50_32x4d", 224, 235, Interpolation::Bicubic, kImageNet},
    {"wide_resnet50_2", Library::Timm, "wide_resnet50_2", 224, 256, Interpolation::Bicubic, kImageNet},
    {"wide_resnet101_2", Library::Timm, "wide_resnet101_2", 224, 256, Interpolation::Bilinear, kImageNet},
    {"mobilenet_v2", Library::Timm, "mobilenetv2_100", 224, 256, Interpolation::Bicubic, kImageNet},
    {"mobilenet_v3_small", Library::Timm, "mobilenetv3_small_100", 224, 256, Interpolation::Bicubic, kImageNet},
    {"mobilenet_v3_large", Library::Timm, "mobilenetv3_large_100", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_400mf", Library::Timm, "regnety_004", 224, 232, Interpolation::Bicubic, kImageNet},
    {"regnet_y_800mf", Library::Timm, "regnety_008_tv", 224, 232, Interpolation::Bicubic, kImageNet},
    {"regnet_y_1_6gf", Library::Timm, "regnety_016", 224, 232, Interpolation::Bicubic, kImageNet},
    {"regnet_y_3_2gf", Library::Timm, "regnety_032", 224, 235, Interpolation::Bicubic, kImageNet},
    {"regnet_y_8gf", Library::Timm, "regnety_080_tv", 224, 232, Interpolation::Bicubic, kImageNet},
    {"densenet121", Library::Timm, "densenet121", 224, 256, Interpolation::Bicubic, kImageNet},
    {"vgg16", Library::Timm, "vgg16", 224, 256, Interpolation::Bilinear, kImageNet},
    {"vgg16_bn", Library::Timm, "vgg16_bn", 224, 256, Interpolation::Bilinear, kImageNet},
    {"convnext_tiny", Library::Timm, "convnext_tiny", 224, 235, Interpolation::Bicubic, kImageNet},
    {"convnext_small", Library::Timm, "convnext_small", 224, 235, Interpolation::Bicubic, kImageNet},
    {"convnext_base", Library::Timm, "convnext_base", 224, 256, Interpolation::Bicubic, kImageNet},
    {"vit_b_16", Library::Timm, "vit_base_patch16_224", 224, 248, Interpolation::Bicubic, kHalf},
    {"swin_t", Library::Timm, "swin_tiny_patch4_window7_224", 224, 248, Interpolation::Bicubic, kImageNet},
    {"swin_s", Library::Timm, "swin_small_patch4_window7_224", 224, 248, Interpolation::Bicubic, kImageNet},
    {"efficientnet_b0", Library::Torchvision, "efficientnet_b0", 224, 256, Interpolation::Bicubic, kImageNet},
    {"efficientnet_b1", Library::Torchvision, "efficientnet_b1", 240, 256, Interpolation::Bicubic, kImageNet},
    {"efficientnet_b2", Library::Torchvision, "efficientnet_b2", 288, 288, Interpolation::Bicubic, kImageNet},
    {"efficientnet_b3", Library::Torchvision, "efficientnet_b3", 300, 320, Interpolation::Bicubic, kImageNet},
    {"efficientnet_b4", Library::Torchvision, "efficientnet_b4", 380, 384, Interpolation::Bicubic, kImageNet},
    {"vit_base_patch16_224", Library::Torchvision, "vit_b_16", 224, 256, Interpolation::Bilinear, kImageNet},
    {"deit_base_patch16_224", Library::Torchvision, "vit_b_16", 224, 256, Interpolation::Bilinear, kImageNet},
    {"efficientnet_b0", Library::Transformers, "efficientnet", 224, 224, Interpolation::Bilinear, kEfficient},
    {"efficientnet_b1", Library::Transformers, "efficientnet", 240, 240, Interpolation::Bilinear, kEfficient},
    {"efficientnet_b2", Library::Transformers, "efficientnet", 260, 260, Interpolation::Bilinear, kEfficient},
    {"efficientnet_b3", Library::Transformers, "efficientnet", 300, 300, Interpolation::Bilinear, kEfficient},
    {"efficientnet_b4", Library::Transformers, "efficientnet", 380, 380, Interpolation::Bilinear, kEfficient},
    {"mobilenet_v2", Library::Transformers, "mobilenet_v2", 224, 256, Interpolation::Bilinear, kHalf},
    {"resnet18", Library::Transformers, "resnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"resnet34", Library::Transformers, "resnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"resnet50", Library::Transformers, "resnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"resnet101", Library::Transformers, "resnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"resnet152", Library::Transformers, "resnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_400mf", Library::Transformers, "regnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_800mf", Library::Transformers, "regnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_1_6gf", Library::Transformers, "regnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_3_2gf", Library::Transformers, "regnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"regnet_y_8gf", Library::Transformers, "regnet", 224, 256, Interpolation::Bicubic, kImageNet},
    {"convnext_tiny", Library::Transformers, "convnext", 224, 256, Interpolation::Bicubic, kImageNet},
    {"convnext_small", Library::Transformers, "convnext", 224, 256, Interpolation::Bicubic, kImageNet},
    {"convnext_base", Library::Transformers, "convnext", 224, 256, Interpolation::Bicubic, kImageNet},
    {"vit_tiny_patch16_224", Library::Transformers, "vit", 224, 224, Interpolation::Bilinear, kHalf},
    {"vit_small_patch16_224", Library::Transformers, "vit", 224, 224, Interpolation::Bilinear, kHalf},
    {"vit_base_patch16_224", Library::Transformers, "vit", 224, 224, Interpolation::Bilinear, kHalf},
    {"vit_b_16", Library::Transformers, "vit", 224, 224, Interpolation::Bilinear, kHalf},
    {"deit_tiny_patch16_224", Library::Transformers, "vit", 224, 256, Interpolation::Bicubic, kImageNet},
    {"deit_small_patch16_224", Library::Transformers, "vit", 224, 256, Interpolation::Bicubic, kImageNet},
    {"deit_base_patch16_224", Library::Transformers, "vit", 224, 256, Interpolation::Bicubic, kImageNet},
    {"swin_t", Library::Transformers, "swin", 224, 224, Interpolation::Bicubic, kImageNet},
    {"swin_s", Library::Transformers, "swin", 224, 224, Interpolation::Bicubic, kImageNet},
};

constexpr int kEnough = 4; // tensors; some names are the same in two libraries

bool namedBy(const NamePair& pair, std::string_view model, std::string_view name, std::span<const int> depths) {
    std::string_view pattern = pair.other;
    if (pair.other.empty() || pair.own == pair.other)
        return false;
    return matchName(pattern, name, depths) ||
           (pattern.starts_with(model) && matchName(pattern.substr(model.size()), name, depths));
}

// Whatever stands before the name.
bool namedBy(const NameTable& table, std::string_view name, std::span<const int> depths) {
    const std::string_view model = table.models.empty() ? std::string_view() : table.models.front();
    for (;;) {
        if (std::ranges::any_of(table.pairs, [&](const NamePair& pair) { return namedBy(pair, model, name, depths); }))
            return true;
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos)
            return false;
        name.remove_prefix(dot + 1);
    }
}

const FamilyNames* familyOf(std::string_view backbone) {
    for (const FamilyNames& family : familyNames())
        for (const std::string_view beginning : family.backbones)
            if (backbone.starts_with(beginning))
                return &family;
    return nullptr;
}

} // namespace

std::span<const PublishedNetwork> publishedNetworks() { return kNetworks; }

const PublishedNetwork* findPublished(std::string_view backbone, Library library) {
    const auto networks = publishedNetworks();
    const auto found = std::ranges::find_if(networks, [&](const PublishedNetwork& network) {
        return network.backbone == backbone && network.origin == library;
    });
    return found == networks.end() ? nullptr : &*found;
}

Library libraryOf(const WeightsFile& file, const BackboneInfo& backbone) {
    const FamilyNames* family = familyOf(backbone.name);
    if (family == nullptr)
        return Library::Unknown;
    // Where blocks are counted through all stages, any number of them will do here.
    const std::vector<int> depths = family->depths.empty() ? std::vector<int>(1, 1000) : family->depths;
    Library library = family->own;
    int most = kEnough - 1;
    for (const NameTable* table : family->tables) {
        const auto named = [&](const StoredTensor& tensor) { return namedBy(*table, tensor.name, depths); };
        const auto count = static_cast<int>(std::ranges::count_if(file.tensors(), named));
        if (count <= most)
            continue;
        most = count;
        library = table->origin;
    }
    return library;
}

BackboneInfo preparedAsPublished(BackboneInfo backbone, Library library) {
    const PublishedNetwork* network = findPublished(backbone.name, library);
    if (network == nullptr)
        return backbone;
    backbone.imageSize = network->imageSize;
    backbone.resizeSize = network->resizeSize;
    backbone.interpolation = network->interpolation;
    backbone.mean = network->colours.mean;
    backbone.standardDeviation = network->colours.deviation;
    return backbone;
}

BackboneInfo preparedForWeights(const BackboneInfo& backbone, const std::filesystem::path& weights) {
    try {
        const Library library = libraryOf(WeightsFile::open(weights), backbone);
        return preparedAsStated(preparedAsPublished(backbone, library), statedPreprocess(weights));
    } catch (const Error&) { // whoever loads them says so
        return preparedAsStated(backbone, statedPreprocess(weights));
    }
}

} // namespace engine
