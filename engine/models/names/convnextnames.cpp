#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

constexpr std::array kTimm{
    NamePair{"features.0.{j}.*", "stem.{j}.*"},
    NamePair{"features.{2i+1}.{j}.layer_scale", "stages.{i}.blocks.{j}.gamma", Form::Vector},
    NamePair{"features.{2i+1}.{j}.block.0.*", "stages.{i}.blocks.{j}.conv_dw.*"},
    NamePair{"features.{2i+1}.{j}.block.2.*", "stages.{i}.blocks.{j}.norm.*"},
    NamePair{"features.{2i+1}.{j}.block.3.*", "stages.{i}.blocks.{j}.mlp.fc1.*"},
    NamePair{"features.{2i+1}.{j}.block.5.*", "stages.{i}.blocks.{j}.mlp.fc2.*"},
    NamePair{"features.{2i}.{j}.*", "stages.{i}.downsample.{j}.*"},
    NamePair{"classifier.0.*", "head.norm.*"},
    NamePair{"classifier.2.*", "head.fc.*"},
};

constexpr std::array kTransformers{
    NamePair{"features.0.0.*", "convnext.embeddings.patch_embeddings.*"},
    NamePair{"features.0.1.*", "convnext.embeddings.layernorm.*"},
    NamePair{"features.{2i+1}.{j}.layer_scale", "convnext.encoder.stages.{i}.layers.{j}.layer_scale_parameter",
             Form::Vector},
    NamePair{"features.{2i+1}.{j}.block.0.*", "convnext.encoder.stages.{i}.layers.{j}.dwconv.*"},
    NamePair{"features.{2i+1}.{j}.block.2.*", "convnext.encoder.stages.{i}.layers.{j}.layernorm.*"},
    NamePair{"features.{2i+1}.{j}.block.3.*", "convnext.encoder.stages.{i}.layers.{j}.pwconv1.*"},
    NamePair{"features.{2i+1}.{j}.block.5.*", "convnext.encoder.stages.{i}.layers.{j}.pwconv2.*"},
    NamePair{"features.{2i}.{j}.*", "convnext.encoder.stages.{i}.downsampling_layer.{j}.*"},
    NamePair{"classifier.0.*", "convnext.layernorm.*"},
    NamePair{"classifier.2.*", "classifier.*"},
};

// The authors' own files.
constexpr std::array kOriginal{
    NamePair{"features.{2i+1}.{j}.layer_scale", "stages.{i}.{j}.gamma", Form::Vector},
    NamePair{"features.{2i+1}.{j}.block.0.*", "stages.{i}.{j}.dwconv.*"},
    NamePair{"features.{2i+1}.{j}.block.2.*", "stages.{i}.{j}.norm.*"},
    NamePair{"features.{2i+1}.{j}.block.3.*", "stages.{i}.{j}.pwconv1.*"},
    NamePair{"features.{2i+1}.{j}.block.5.*", "stages.{i}.{j}.pwconv2.*"},
    NamePair{"features.{2i}.{j}.*", "downsample_layers.{i}.{j}.*"},
    NamePair{"classifier.0.*", "norm.*"},
    NamePair{"classifier.2.*", "head.*"},
};

} // namespace

const NameTable& timmConvNext() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kTimm};
    return table;
}

const NameTable& transformersConvNext() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformers,
                                 .models = {"convnext."},
                                 .numerics = {.lastNormEpsilon = 1e-12}};
    return table;
}

const NameTable& originalConvNext() {
    static const NameTable table{.origin = Library::Original, .rule = "the authors' names", .pairs = kOriginal};
    return table;
}

} // namespace engine
