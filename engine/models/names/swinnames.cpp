#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

constexpr std::array kTimm{
    NamePair{"features.0.0.*", "patch_embed.proj.*"},
    NamePair{"features.0.2.*", "patch_embed.norm.*"},
    NamePair{"features.{2i+1}.{j}.attn.relative_position_index", ""},
    NamePair{"features.{2i+1}.{j}.attn.*", "layers.{i}.blocks.{j}.attn.*"},
    NamePair{"features.{2i+1}.{j}.norm1.*", "layers.{i}.blocks.{j}.norm1.*"},
    NamePair{"features.{2i+1}.{j}.norm2.*", "layers.{i}.blocks.{j}.norm2.*"},
    NamePair{"features.{2i+1}.{j}.mlp.0.*", "layers.{i}.blocks.{j}.mlp.fc1.*"},
    NamePair{"features.{2i+1}.{j}.mlp.3.*", "layers.{i}.blocks.{j}.mlp.fc2.*"},
    NamePair{"features.{2i}.*", "layers.{i}.downsample.*"},
    NamePair{"norm.*", "norm.*"},
    NamePair{"head.*", "head.fc.*"},
};

// The authors' files, and older ones of timm: a stage ends with its downsampling instead of beginning with it.
constexpr std::array kOriginal{
    NamePair{"features.{2i+2}.*", "layers.{i}.downsample.*"},
};

constexpr std::array kTransformers{
    NamePair{"features.0.0.*", "swin.embeddings.patch_embeddings.projection.*"},
    NamePair{"features.0.2.*", "swin.embeddings.norm.*"},
    NamePair{"features.{2i+1}.{j}.attn.relative_position_index", ""},
    NamePair{"features.{2i+1}.{j}.attn.relative_position_bias_table",
             "swin.encoder.layers.{i}.blocks.{j}.attention.self.relative_position_bias_table"},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.self.query.*", Form::Same,
             0, 3},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.self.key.*", Form::Same, 1,
             3},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.self.value.*", Form::Same,
             2, 3},
    NamePair{"features.{2i+1}.{j}.attn.proj.*", "swin.encoder.layers.{i}.blocks.{j}.attention.output.dense.*"},
    NamePair{"features.{2i+1}.{j}.norm1.*", "swin.encoder.layers.{i}.blocks.{j}.layernorm_before.*"},
    NamePair{"features.{2i+1}.{j}.norm2.*", "swin.encoder.layers.{i}.blocks.{j}.layernorm_after.*"},
    NamePair{"features.{2i+1}.{j}.mlp.0.*", "swin.encoder.layers.{i}.blocks.{j}.intermediate.dense.*"},
    NamePair{"features.{2i+1}.{j}.mlp.3.*", "swin.encoder.layers.{i}.blocks.{j}.output.dense.*"},
    NamePair{"features.{2i+2}.*", "swin.encoder.layers.{i}.downsample.*"},
    NamePair{"norm.*", "swin.layernorm.*"},
    NamePair{"head.*", "classifier.*"},
    // As its modules are called since version 5.
    NamePair{"features.{2i+1}.{j}.attn.relative_position_bias_table",
             "swin.encoder.layers.{i}.blocks.{j}.attention.relative_position_bias.relative_position_bias_table"},
    NamePair{"features.{2i+1}.{j}.attn.relative_position_index",
             "swin.encoder.layers.{i}.blocks.{j}.attention.self.relative_position_index"},
    NamePair{"features.{2i+1}.{j}.attn.relative_position_index",
             "swin.encoder.layers.{i}.blocks.{j}.attention.relative_position_bias.relative_position_index"},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.q_proj.*", Form::Same, 0,
             3},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.k_proj.*", Form::Same, 1,
             3},
    NamePair{"features.{2i+1}.{j}.attn.qkv.*", "swin.encoder.layers.{i}.blocks.{j}.attention.v_proj.*", Form::Same, 2,
             3},
    NamePair{"features.{2i+1}.{j}.attn.proj.*", "swin.encoder.layers.{i}.blocks.{j}.attention.o_proj.*"},
    NamePair{"features.{2i+1}.{j}.mlp.0.*", "swin.encoder.layers.{i}.blocks.{j}.mlp.fc1.*"},
    NamePair{"features.{2i+1}.{j}.mlp.3.*", "swin.encoder.layers.{i}.blocks.{j}.mlp.fc2.*"},
};

} // namespace

const NameTable& timmSwin() {
    static const NameTable table{.origin = Library::Timm, .rule = "timm's names", .pairs = kTimm};
    return table;
}

const NameTable& originalSwin() {
    static const NameTable table{.origin = Library::Original, .rule = "the authors' names", .pairs = kOriginal};
    return table;
}

const NameTable& transformersSwin() {
    static const NameTable table{
        .origin = Library::Transformers, .rule = "transformers' names", .pairs = kTransformers, .models = {"swin."}};
    return table;
}

} // namespace engine
