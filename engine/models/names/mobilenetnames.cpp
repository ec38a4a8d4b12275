#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

constexpr std::array kTimmV2{
    NamePair{"features.0.0.*", "conv_stem.*"},
    NamePair{"features.0.1.*", "bn1.*"},
    NamePair{"features.1.conv.0.0.*", "blocks.0.0.conv_dw.*"},
    NamePair{"features.1.conv.0.1.*", "blocks.0.0.bn1.*"},
    NamePair{"features.1.conv.1.*", "blocks.0.0.conv_pw.*"},
    NamePair{"features.1.conv.2.*", "blocks.0.0.bn2.*"},
    NamePair{"features.{i:j+1}.conv.0.0.*", "blocks.{i}.{j}.conv_pw.*"},
    NamePair{"features.{i:j+1}.conv.0.1.*", "blocks.{i}.{j}.bn1.*"},
    NamePair{"features.{i:j+1}.conv.1.0.*", "blocks.{i}.{j}.conv_dw.*"},
    NamePair{"features.{i:j+1}.conv.1.1.*", "blocks.{i}.{j}.bn2.*"},
    NamePair{"features.{i:j+1}.conv.2.*", "blocks.{i}.{j}.conv_pwl.*"},
    NamePair{"features.{i:j+1}.conv.3.*", "blocks.{i}.{j}.bn3.*"},
    NamePair{"features.18.0.*", "conv_head.*"},
    NamePair{"features.18.1.*", "bn2.*"},
    NamePair{"classifier.1.*", "classifier.*"},
};

constexpr std::array kTransformersV2{
    NamePair{"features.0.0.*", "mobilenet_v2.conv_stem.first_conv.convolution.*"},
    NamePair{"features.0.1.*", "mobilenet_v2.conv_stem.first_conv.normalization.*"},
    NamePair{"features.1.conv.0.0.*", "mobilenet_v2.conv_stem.conv_3x3.convolution.*"},
    NamePair{"features.1.conv.0.1.*", "mobilenet_v2.conv_stem.conv_3x3.normalization.*"},
    NamePair{"features.1.conv.1.*", "mobilenet_v2.conv_stem.reduce_1x1.convolution.*"},
    NamePair{"features.1.conv.2.*", "mobilenet_v2.conv_stem.reduce_1x1.normalization.*"},
    NamePair{"features.{i+2}.conv.0.0.*", "mobilenet_v2.layer.{i}.expand_1x1.convolution.*"},
    NamePair{"features.{i+2}.conv.0.1.*", "mobilenet_v2.layer.{i}.expand_1x1.normalization.*"},
    NamePair{"features.{i+2}.conv.1.0.*", "mobilenet_v2.layer.{i}.conv_3x3.convolution.*"},
    NamePair{"features.{i+2}.conv.1.1.*", "mobilenet_v2.layer.{i}.conv_3x3.normalization.*"},
    NamePair{"features.{i+2}.conv.2.*", "mobilenet_v2.layer.{i}.reduce_1x1.convolution.*"},
    NamePair{"features.{i+2}.conv.3.*", "mobilenet_v2.layer.{i}.reduce_1x1.normalization.*"},
    NamePair{"features.18.0.*", "mobilenet_v2.conv_1x1.convolution.*"},
    NamePair{"features.18.1.*", "mobilenet_v2.conv_1x1.normalization.*"},
    NamePair{"classifier.1.*", "classifier.*"},
};

// A block has two to four members here, as it expands and weighs its channels or not; only one fits by its shape.
constexpr std::array kTimmV3{
    NamePair{"features.0.0.*", "conv_stem.*"},
    NamePair{"features.0.1.*", "bn1.*"},
    NamePair{"features.1.block.0.0.*", "blocks.0.0.conv_dw.*"},
    NamePair{"features.1.block.0.1.*", "blocks.0.0.bn1.*"},
    NamePair{"features.1.block.1.fc1.*", "blocks.0.0.se.conv_reduce.*"},
    NamePair{"features.1.block.1.fc2.*", "blocks.0.0.se.conv_expand.*"},
    NamePair{"features.1.block.1.0.*", "blocks.0.0.conv_pw.*"},
    NamePair{"features.1.block.1.1.*", "blocks.0.0.bn2.*"},
    NamePair{"features.1.block.2.0.*", "blocks.0.0.conv_pw.*"},
    NamePair{"features.1.block.2.1.*", "blocks.0.0.bn2.*"},
    NamePair{"features.{i:j+1}.block.0.0.*", "blocks.{i}.{j}.conv_pw.*"},
    NamePair{"features.{i:j+1}.block.0.1.*", "blocks.{i}.{j}.bn1.*"},
    NamePair{"features.{i:j+1}.block.1.0.*", "blocks.{i}.{j}.conv_dw.*"},
    NamePair{"features.{i:j+1}.block.1.1.*", "blocks.{i}.{j}.bn2.*"},
    NamePair{"features.{i:j+1}.block.2.fc1.*", "blocks.{i}.{j}.se.conv_reduce.*"},
    NamePair{"features.{i:j+1}.block.2.fc2.*", "blocks.{i}.{j}.se.conv_expand.*"},
    NamePair{"features.{i:j+1}.block.2.0.*", "blocks.{i}.{j}.conv_pwl.*"},
    NamePair{"features.{i:j+1}.block.2.1.*", "blocks.{i}.{j}.bn3.*"},
    NamePair{"features.{i:j+1}.block.3.0.*", "blocks.{i}.{j}.conv_pwl.*"},
    NamePair{"features.{i:j+1}.block.3.1.*", "blocks.{i}.{j}.bn3.*"},
    NamePair{"features.{i:j+1}.0.*", "blocks.{i}.{j}.conv.*"},
    NamePair{"features.{i:j+1}.1.*", "blocks.{i}.{j}.bn1.*"},
    NamePair{"classifier.0.bias", "conv_head.bias"},
    NamePair{"classifier.0.weight", "conv_head.weight", Form::Pointwise},
    NamePair{"classifier.3.*", "classifier.*"},
};

} // namespace

const NameTable& timmMobileNetV2() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kTimmV2};
    return table;
}

const NameTable& transformersMobileNetV2() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformersV2,
                                 .models = {"mobilenet_v2."},
                                 .numerics = {.normEpsilon = 1e-3, .padding = Padding::Same}};
    return table;
}

const NameTable& timmMobileNetV3() {
    static const NameTable table{
        .origin = Library::Timm, .rule = "timm's names", .pairs = kTimmV3, .numerics = {.normEpsilon = 1e-5}};
    return table;
}

} // namespace engine
