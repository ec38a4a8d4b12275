#include "engine/models/transformersnames.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace engine {
namespace {

// What stands in a file, and what takes its place; `part` of three where the target holds all three.
struct Piece {
    std::string_view old;
    std::string_view now;
    int part = -1;
};

std::optional<Renamed> replaced(std::span<const Piece> pieces, std::string_view name, const std::string& before) {
    for (const Piece& piece : pieces) {
        if (!name.starts_with(piece.old))
            continue;
        std::string target = before + std::string(piece.now).append(name.substr(piece.old.size()));
        return piece.part < 0 ? Renamed(std::move(target)) : Renamed{std::move(target), piece.part, 3};
    }
    return std::nullopt;
}

// Takes "PREFIX number ." off the name's beginning.
std::optional<int> takeNumber(std::string_view& name, std::string_view prefix) {
    if (!name.starts_with(prefix))
        return std::nullopt;
    const std::string_view rest = name.substr(prefix.size());
    int number = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (code != std::errc{} || end == rest.data() + rest.size() || *end != '.' || number < 0 || number > 1000)
        return std::nullopt;
    name = rest.substr(static_cast<std::size_t>(end - rest.data()) + 1);
    return number;
}

std::string_view withoutModel(std::string_view name, std::string_view model) {
    return name.starts_with(model) ? name.substr(model.size()) : name;
}

std::optional<Renamed> timmVit(std::string_view name) {
    constexpr std::array kOuter{Piece{"embeddings.cls_token", "cls_token"},
                                Piece{"embeddings.position_embeddings", "pos_embed"},
                                Piece{"embeddings.patch_embeddings.projection.", "patch_embed.proj."},
                                Piece{"layernorm.", "norm."}, Piece{"classifier.", "head."}};
    constexpr std::array kInner{Piece{"attention.attention.query.", "attn.qkv.", 0},
                                Piece{"attention.attention.key.", "attn.qkv.", 1},
                                Piece{"attention.attention.value.", "attn.qkv.", 2},
                                Piece{"attention.q_proj.", "attn.qkv.", 0},
                                Piece{"attention.k_proj.", "attn.qkv.", 1},
                                Piece{"attention.v_proj.", "attn.qkv.", 2},
                                Piece{"attention.output.dense.", "attn.proj."},
                                Piece{"attention.o_proj.", "attn.proj."},
                                Piece{"layernorm_before.", "norm1."},
                                Piece{"layernorm_after.", "norm2."},
                                Piece{"intermediate.dense.", "mlp.fc1."},
                                Piece{"mlp.fc1.", "mlp.fc1."},
                                Piece{"output.dense.", "mlp.fc2."},
                                Piece{"mlp.fc2.", "mlp.fc2."}};
    name = withoutModel(withoutModel(name, "vit."), "deit.");
    for (const std::string_view prefix : {"encoder.layer.", "layers."})
        if (const auto layer = takeNumber(name, prefix))
            return replaced(kInner, name, fmt::format("blocks.{}.", *layer));
    return replaced(kOuter, name, {});
}

// torchvision's, by way of timm's.
std::optional<Renamed> torchvisionVit(std::string_view name) {
    constexpr std::array kOuter{Piece{"cls_token", "class_token"}, Piece{"pos_embed", "encoder.pos_embedding"},
                                Piece{"patch_embed.proj.", "conv_proj."}, Piece{"norm.", "encoder.ln."},
                                Piece{"head.", "heads.head."}};
    constexpr std::array kInner{Piece{"attn.qkv.", "self_attention.in_proj_"},
                                Piece{"attn.proj.", "self_attention.out_proj."},
                                Piece{"norm1.", "ln_1."},
                                Piece{"norm2.", "ln_2."},
                                Piece{"mlp.fc1.", "mlp.0."},
                                Piece{"mlp.fc2.", "mlp.3."}};
    const auto timm = timmVit(name);
    if (!timm)
        return std::nullopt;
    std::string_view rest = timm->target;
    const auto block = takeNumber(rest, "blocks.");
    auto renamed = block ? replaced(kInner, rest, fmt::format("encoder.layers.encoder_layer_{}.", *block))
                         : replaced(kOuter, rest, {});
    if (renamed) {
        renamed->part = timm->part;
        renamed->parts = timm->parts;
    }
    return renamed;
}

std::optional<Renamed> convNext(std::string_view name) {
    constexpr std::array kOuter{Piece{"embeddings.patch_embeddings.", "features.0.0."},
                                Piece{"embeddings.layernorm.", "features.0.1."}, Piece{"layernorm.", "classifier.0."},
                                Piece{"classifier.", "classifier.2."}};
    constexpr std::array kInner{Piece{"layer_scale_parameter", "layer_scale"}, Piece{"dwconv.", "block.0."},
                                Piece{"layernorm.", "block.2."}, Piece{"pwconv1.", "block.3."},
                                Piece{"pwconv2.", "block.5."}};
    constexpr std::array kBetween{Piece{"downsampling_layer.", ""}};
    name = withoutModel(name, "convnext.");
    if (const auto stage = takeNumber(name, "encoder.stages.")) {
        if (const auto layer = takeNumber(name, "layers."))
            return replaced(kInner, name, fmt::format("features.{}.{}.", 2 * *stage + 1, *layer));
        return replaced(kBetween, name, fmt::format("features.{}.", 2 * *stage));
    }
    return replaced(kOuter, name, {});
}

std::optional<Renamed> resNet(std::string_view name) {
    constexpr std::array kOuter{Piece{"embedder.embedder.convolution.", "conv1."},
                                Piece{"embedder.embedder.normalization.", "bn1."}, Piece{"classifier.1.", "fc."}};
    constexpr std::array kShortcut{Piece{"shortcut.convolution.", "downsample.0."},
                                   Piece{"shortcut.normalization.", "downsample.1."}};
    name = withoutModel(name, "resnet.");
    const auto stage = takeNumber(name, "encoder.stages.");
    const auto layer = stage ? takeNumber(name, "layers.") : std::nullopt;
    if (!layer)
        return replaced(kOuter, name, {});
    const std::string before = fmt::format("layer{}.{}.", *stage + 1, *layer);
    if (const auto step = takeNumber(name, "layer.")) {
        const std::string convolution = fmt::format("conv{}.", *step + 1), norm = fmt::format("bn{}.", *step + 1);
        return replaced(std::array{Piece{"convolution.", convolution}, Piece{"normalization.", norm}}, name, before);
    }
    return replaced(kShortcut, name, before);
}

std::optional<Renamed> swin(std::string_view name) {
    constexpr std::array kOuter{Piece{"embeddings.patch_embeddings.projection.", "features.0.0."},
                                Piece{"embeddings.norm.", "features.0.2."}, Piece{"layernorm.", "norm."},
                                Piece{"classifier.", "head."}};
    constexpr std::array kInner{
        Piece{"attention.self.query.", "attn.qkv.", 0},
        Piece{"attention.self.key.", "attn.qkv.", 1},
        Piece{"attention.self.value.", "attn.qkv.", 2},
        Piece{"attention.q_proj.", "attn.qkv.", 0},
        Piece{"attention.k_proj.", "attn.qkv.", 1},
        Piece{"attention.v_proj.", "attn.qkv.", 2},
        Piece{"attention.output.dense.", "attn.proj."},
        Piece{"attention.o_proj.", "attn.proj."},
        Piece{"attention.self.relative_position_bias_table", "attn.relative_position_bias_table"},
        Piece{"attention.relative_position_bias.relative_position_bias_table", "attn.relative_position_bias_table"},
        Piece{"layernorm_before.", "norm1."},
        Piece{"layernorm_after.", "norm2."},
        Piece{"intermediate.dense.", "mlp.0."},
        Piece{"mlp.fc1.", "mlp.0."},
        Piece{"output.dense.", "mlp.3."},
        Piece{"mlp.fc2.", "mlp.3."}};
    constexpr std::array kBetween{Piece{"downsample.", ""}};
    name = withoutModel(name, "swin.");
    if (const auto stage = takeNumber(name, "encoder.layers.")) {
        if (const auto block = takeNumber(name, "blocks."))
            return replaced(kInner, name, fmt::format("features.{}.{}.", 2 * *stage + 1, *block));
        return replaced(kBetween, name, fmt::format("features.{}.", 2 * *stage + 2));
    }
    return replaced(kOuter, name, {});
}

struct NameFamily {
    std::string_view has; // a target that only this family has
    const char* rule;
    std::optional<Renamed> (*rename)(std::string_view);
};
constexpr std::array kNameFamilies{
    NameFamily{"pos_embed", "transformers' ViT names", timmVit},
    NameFamily{"encoder.pos_embedding", "transformers' ViT names", torchvisionVit},
    NameFamily{"features.1.0.layer_scale", "transformers' ConvNeXT names", convNext},
    NameFamily{"layer1.0.conv1.weight", "transformers' ResNet names", resNet},
    NameFamily{"features.1.0.attn.relative_position_bias_table", "transformers' Swin names", swin},
};

} // namespace

std::vector<RenameRule> transformersRules(std::span<const TargetTensor> targets) {
    std::vector<RenameRule> rules;
    for (const NameFamily& family : kNameFamilies)
        if (std::ranges::any_of(targets, [&](const TargetTensor& target) { return target.name == family.has; }))
            rules.push_back({family.rule, family.rename});
    return rules;
}

} // namespace engine
