// The convolutional networks whose names differ little.
#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

constexpr std::array kSame{NamePair{"*", "*"}};

// torchvision's published DenseNet files still say norm.1 where the module is called norm1.
constexpr std::array kOlderDenseNet{
    NamePair{"features.denseblock{i}.denselayer{j}.norm1.*", "features.denseblock{i}.denselayer{j}.norm.1.*"},
    NamePair{"features.denseblock{i}.denselayer{j}.norm2.*", "features.denseblock{i}.denselayer{j}.norm.2.*"},
    NamePair{"features.denseblock{i}.denselayer{j}.conv1.*", "features.denseblock{i}.denselayer{j}.conv.1.*"},
    NamePair{"features.denseblock{i}.denselayer{j}.conv2.*", "features.denseblock{i}.denselayer{j}.conv.2.*"},
};

constexpr std::array kTimmVgg{
    NamePair{"classifier.0.weight", "pre_logits.fc1.weight", Form::SevenBySeven},
    NamePair{"classifier.0.bias", "pre_logits.fc1.bias"},
    NamePair{"classifier.3.weight", "pre_logits.fc2.weight", Form::Pointwise},
    NamePair{"classifier.3.bias", "pre_logits.fc2.bias"},
    NamePair{"classifier.6.*", "head.fc.*"},
    NamePair{"features.*", "features.*"},
};

constexpr std::array kTimmRegNet{
    NamePair{"stem.0.*", "stem.conv.*"},
    NamePair{"stem.1.*", "stem.bn.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.proj.0.*", "s{i}.b{j+1}.downsample.conv.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.proj.1.*", "s{i}.b{j+1}.downsample.bn.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.a.0.*", "s{i}.b{j+1}.conv1.conv.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.a.1.*", "s{i}.b{j+1}.conv1.bn.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.b.0.*", "s{i}.b{j+1}.conv2.conv.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.b.1.*", "s{i}.b{j+1}.conv2.bn.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.se.*", "s{i}.b{j+1}.se.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.c.0.*", "s{i}.b{j+1}.conv3.conv.*"},
    NamePair{"trunk_output.block{i}.block{i}-{j}.f.c.1.*", "s{i}.b{j+1}.conv3.bn.*"},
    NamePair{"fc.*", "head.fc.*"},
};

constexpr std::array kTransformersRegNet{
    NamePair{"stem.0.*", "regnet.embedder.embedder.convolution.*"},
    NamePair{"stem.1.*", "regnet.embedder.embedder.normalization.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.proj.0.*",
             "regnet.encoder.stages.{i}.layers.{j}.shortcut.convolution.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.proj.1.*",
             "regnet.encoder.stages.{i}.layers.{j}.shortcut.normalization.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.a.0.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.0.convolution.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.a.1.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.0.normalization.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.b.0.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.1.convolution.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.b.1.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.1.normalization.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.se.fc1.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.2.attention.0.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.se.fc2.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.2.attention.2.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.c.0.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.3.convolution.*"},
    NamePair{"trunk_output.block{i+1}.block{i+1}-{j}.f.c.1.*",
             "regnet.encoder.stages.{i}.layers.{j}.layer.3.normalization.*"},
    NamePair{"fc.*", "classifier.1.*"},
};

constexpr std::array kTransformersResNet{
    NamePair{"conv1.*", "resnet.embedder.embedder.convolution.*"},
    NamePair{"bn1.*", "resnet.embedder.embedder.normalization.*"},
    NamePair{"layer{i+1}.{j}.downsample.0.*", "resnet.encoder.stages.{i}.layers.{j}.shortcut.convolution.*"},
    NamePair{"layer{i+1}.{j}.downsample.1.*", "resnet.encoder.stages.{i}.layers.{j}.shortcut.normalization.*"},
    NamePair{"layer{i+1}.{j}.conv1.*", "resnet.encoder.stages.{i}.layers.{j}.layer.0.convolution.*"},
    NamePair{"layer{i+1}.{j}.bn1.*", "resnet.encoder.stages.{i}.layers.{j}.layer.0.normalization.*"},
    NamePair{"layer{i+1}.{j}.conv2.*", "resnet.encoder.stages.{i}.layers.{j}.layer.1.convolution.*"},
    NamePair{"layer{i+1}.{j}.bn2.*", "resnet.encoder.stages.{i}.layers.{j}.layer.1.normalization.*"},
    NamePair{"layer{i+1}.{j}.conv3.*", "resnet.encoder.stages.{i}.layers.{j}.layer.2.convolution.*"},
    NamePair{"layer{i+1}.{j}.bn3.*", "resnet.encoder.stages.{i}.layers.{j}.layer.2.normalization.*"},
    NamePair{"fc.*", "classifier.1.*"},
};

} // namespace

const NameTable& sameNames() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kSame};
    return table;
}

const NameTable& olderDenseNet() {
    static const NameTable table{
        .origin = Library::Torchvision, .rule = "torchvision's names with dots", .pairs = kOlderDenseNet};
    return table;
}

const NameTable& timmVgg() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kTimmVgg};
    return table;
}

const NameTable& timmRegNet() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kTimmRegNet};
    return table;
}

const NameTable& transformersRegNet() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformersRegNet,
                                 .models = {"regnet."}};
    return table;
}

const NameTable& transformersResNet() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformersResNet,
                                 .models = {"resnet."}};
    return table;
}

} // namespace engine
