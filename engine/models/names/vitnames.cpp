#include "engine/models/names/families.h"

#include <array>

namespace engine {
namespace {

constexpr std::array kTorchvision{
    NamePair{"cls_token", "class_token"},
    NamePair{"pos_embed", "encoder.pos_embedding"},
    NamePair{"patch_embed.proj.*", "conv_proj.*"},
    NamePair{"blocks.{i}.norm1.*", "encoder.layers.encoder_layer_{i}.ln_1.*"},
    NamePair{"blocks.{i}.norm2.*", "encoder.layers.encoder_layer_{i}.ln_2.*"},
    NamePair{"blocks.{i}.attn.qkv.*", "encoder.layers.encoder_layer_{i}.self_attention.in_proj_*"},
    NamePair{"blocks.{i}.attn.proj.*", "encoder.layers.encoder_layer_{i}.self_attention.out_proj.*"},
    NamePair{"blocks.{i}.mlp.fc1.*", "encoder.layers.encoder_layer_{i}.mlp.0.*"},
    NamePair{"blocks.{i}.mlp.fc2.*", "encoder.layers.encoder_layer_{i}.mlp.3.*"},
    NamePair{"norm.*", "encoder.ln.*"},
    NamePair{"head.*", "heads.head.*"},
    // As its published files still call them.
    NamePair{"blocks.{i}.mlp.fc1.*", "encoder.layers.encoder_layer_{i}.mlp.linear_1.*"},
    NamePair{"blocks.{i}.mlp.fc2.*", "encoder.layers.encoder_layer_{i}.mlp.linear_2.*"},
};

constexpr std::array kTransformers{
    NamePair{"cls_token", "vit.embeddings.cls_token"},
    NamePair{"pos_embed", "vit.embeddings.position_embeddings"},
    NamePair{"patch_embed.proj.*", "vit.embeddings.patch_embeddings.projection.*"},
    NamePair{"blocks.{i}.norm1.*", "vit.encoder.layer.{i}.layernorm_before.*"},
    NamePair{"blocks.{i}.norm2.*", "vit.encoder.layer.{i}.layernorm_after.*"},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.encoder.layer.{i}.attention.attention.query.*", Form::Same, 0, 3},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.encoder.layer.{i}.attention.attention.key.*", Form::Same, 1, 3},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.encoder.layer.{i}.attention.attention.value.*", Form::Same, 2, 3},
    NamePair{"blocks.{i}.attn.proj.*", "vit.encoder.layer.{i}.attention.output.dense.*"},
    NamePair{"blocks.{i}.mlp.fc1.*", "vit.encoder.layer.{i}.intermediate.dense.*"},
    NamePair{"blocks.{i}.mlp.fc2.*", "vit.encoder.layer.{i}.output.dense.*"},
    NamePair{"norm.*", "vit.layernorm.*"},
    NamePair{"head.*", "classifier.*"},
    // As its modules are called since version 5.
    NamePair{"blocks.{i}.norm1.*", "vit.layers.{i}.layernorm_before.*"},
    NamePair{"blocks.{i}.norm2.*", "vit.layers.{i}.layernorm_after.*"},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.layers.{i}.attention.q_proj.*", Form::Same, 0, 3},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.layers.{i}.attention.k_proj.*", Form::Same, 1, 3},
    NamePair{"blocks.{i}.attn.qkv.*", "vit.layers.{i}.attention.v_proj.*", Form::Same, 2, 3},
    NamePair{"blocks.{i}.attn.proj.*", "vit.layers.{i}.attention.o_proj.*"},
    NamePair{"blocks.{i}.mlp.fc1.*", "vit.layers.{i}.mlp.fc1.*"},
    NamePair{"blocks.{i}.mlp.fc2.*", "vit.layers.{i}.mlp.fc2.*"},
};

} // namespace

const NameTable& torchvisionVit() {
    static const NameTable table{.origin = Library::Torchvision, .rule = "torchvision's names", .pairs = kTorchvision};
    return table;
}

const NameTable& transformersVit() {
    static const NameTable table{.origin = Library::Transformers,
                                 .rule = "transformers' names",
                                 .pairs = kTransformers,
                                 .models = {"vit.", "deit."},
                                 .numerics = {.normEpsilon = 1e-12}};
    return table;
}

} // namespace engine
