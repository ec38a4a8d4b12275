#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

// Blocks of the first stage have no expansion.
constexpr std::array kTorchvision{
    NamePair{"conv_stem.*", "features.0.0.*"},
    NamePair{"bn1.*", "features.0.1.*"},
    NamePair{"blocks.{i=0}.{j}.conv_dw.*", "features.1.{j}.block.0.0.*"},
    NamePair{"blocks.{i=0}.{j}.bn1.*", "features.1.{j}.block.0.1.*"},
    NamePair{"blocks.{i=0}.{j}.se.conv_reduce.*", "features.1.{j}.block.1.fc1.*"},
    NamePair{"blocks.{i=0}.{j}.se.conv_expand.*", "features.1.{j}.block.1.fc2.*"},
    NamePair{"blocks.{i=0}.{j}.conv_pw.*", "features.1.{j}.block.2.0.*"},
    NamePair{"blocks.{i=0}.{j}.bn2.*", "features.1.{j}.block.2.1.*"},
    NamePair{"blocks.{i}.{j}.conv_pw.*", "features.{i+1}.{j}.block.0.0.*"},
    NamePair{"blocks.{i}.{j}.bn1.*", "features.{i+1}.{j}.block.0.1.*"},
    NamePair{"blocks.{i}.{j}.conv_dw.*", "features.{i+1}.{j}.block.1.0.*"},
    NamePair{"blocks.{i}.{j}.bn2.*", "features.{i+1}.{j}.block.1.1.*"},
    NamePair{"blocks.{i}.{j}.se.conv_reduce.*", "features.{i+1}.{j}.block.2.fc1.*"},
    NamePair{"blocks.{i}.{j}.se.conv_expand.*", "features.{i+1}.{j}.block.2.fc2.*"},
    NamePair{"blocks.{i}.{j}.conv_pwl.*", "features.{i+1}.{j}.block.3.0.*"},
    NamePair{"blocks.{i}.{j}.bn3.*", "features.{i+1}.{j}.block.3.1.*"},
    NamePair{"conv_head.*", "features.8.0.*"},
    NamePair{"bn2.*", "features.8.1.*"},
    NamePair{"classifier.*", "classifier.1.*"},
};

constexpr std::array kTransformers{
    NamePair{"conv_stem.*", "efficientnet.embeddings.convolution.*"},
    NamePair{"bn1.*", "efficientnet.embeddings.batchnorm.*"},
    NamePair{"blocks.{i=0}.{j}.bn1.*", "efficientnet.encoder.blocks.{i:j}.depthwise_conv.depthwise_norm.*"},
    NamePair{"blocks.{i=0}.{j}.conv_pw.*", "efficientnet.encoder.blocks.{i:j}.projection.project_conv.*"},
    NamePair{"blocks.{i=0}.{j}.bn2.*", "efficientnet.encoder.blocks.{i:j}.projection.project_bn.*"},
    NamePair{"blocks.{i}.{j}.conv_pw.*", "efficientnet.encoder.blocks.{i:j}.expansion.expand_conv.*"},
    NamePair{"blocks.{i}.{j}.bn1.*", "efficientnet.encoder.blocks.{i:j}.expansion.expand_bn.*"},
    NamePair{"blocks.{i}.{j}.conv_dw.*", "efficientnet.encoder.blocks.{i:j}.depthwise_conv.depthwise_conv.*"},
    NamePair{"blocks.{i}.{j}.bn2.*", "efficientnet.encoder.blocks.{i:j}.depthwise_conv.depthwise_norm.*"},
    NamePair{"blocks.{i}.{j}.se.conv_reduce.*", "efficientnet.encoder.blocks.{i:j}.squeeze_excite.reduce.*"},
    NamePair{"blocks.{i}.{j}.se.conv_expand.*", "efficientnet.encoder.blocks.{i:j}.squeeze_excite.expand.*"},
    NamePair{"blocks.{i}.{j}.conv_pwl.*", "efficientnet.encoder.blocks.{i:j}.projection.project_conv.*"},
    NamePair{"blocks.{i}.{j}.bn3.*", "efficientnet.encoder.blocks.{i:j}.projection.project_bn.*"},
    NamePair{"conv_head.*", "efficientnet.encoder.top_conv.*"},
    NamePair{"bn2.*", "efficientnet.encoder.top_bn.*"},
    NamePair{"classifier.*", "classifier.*"},
};

// The package EfficientNet-PyTorch counts blocks through all stages and the normalisations of a block from 0.
constexpr std::array kPackage{
    NamePair{"conv_stem.*", "_conv_stem.*"},
    NamePair{"bn1.*", "_bn0.*"},
    NamePair{"blocks.{i=0}.{j}.bn1.*", "_blocks.{i:j}._bn1.*"},
    NamePair{"blocks.{i=0}.{j}.conv_pw.*", "_blocks.{i:j}._project_conv.*"},
    NamePair{"blocks.{i=0}.{j}.bn2.*", "_blocks.{i:j}._bn2.*"},
    NamePair{"blocks.{i}.{j}.conv_pw.*", "_blocks.{i:j}._expand_conv.*"},
    NamePair{"blocks.{i}.{j}.bn1.*", "_blocks.{i:j}._bn0.*"},
    NamePair{"blocks.{i}.{j}.conv_dw.*", "_blocks.{i:j}._depthwise_conv.*"},
    NamePair{"blocks.{i}.{j}.bn2.*", "_blocks.{i:j}._bn1.*"},
    NamePair{"blocks.{i}.{j}.se.conv_reduce.*", "_blocks.{i:j}._se_reduce.*"},
    NamePair{"blocks.{i}.{j}.se.conv_expand.*", "_blocks.{i:j}._se_expand.*"},
    NamePair{"blocks.{i}.{j}.conv_pwl.*", "_blocks.{i:j}._project_conv.*"},
    NamePair{"blocks.{i}.{j}.bn3.*", "_blocks.{i:j}._bn2.*"},
    NamePair{"conv_head.*", "_conv_head.*"},
    NamePair{"bn2.*", "_bn1.*"},
    NamePair{"classifier.*", "_fc.*"},
};

// Both computed as TensorFlow does, where their weights come from.
constexpr Numerics kTensorFlow{.normEpsilon = 1e-3, .padding = Padding::Same};

} // namespace

const NameTable& torchvisionEfficientNet() {
    static const NameTable table{.origin = Library::Torchvision, .rule = "torchvision's names", .pairs = kTorchvision};
    return table;
}

const NameTable& transformersEfficientNet() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformers,
                                 .models = {"efficientnet."},
                                 .numerics = kTensorFlow};
    return table;
}

const NameTable& efficientNetPytorch() {
    static const NameTable table{
        .origin = Library::Original, .rule = "EfficientNet-PyTorch names", .pairs = kPackage, .numerics = kTensorFlow};
    return table;
}

} // namespace engine
