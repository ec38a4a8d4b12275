#include "engine/models/vision/vit.h"

#include "engine/api/error.h"
#include "engine/models/attentionwatch.h"
#include "engine/models/layers.h"
#include "engine/models/vision/positions.h"

#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kVitNormEpsilon = 1e-6;
constexpr std::int64_t kVitPatch = 16;
constexpr int kBlocks = 12;

enum class Names { Timm, Torchvision };

struct ViTLayout {
    Names names;
    std::int64_t width;
    std::int64_t heads;
};

ViTLayout vitLayoutOf(const std::string& name) {
    if (name == "vit_b_16")
        return {Names::Torchvision, 768, 12};
    if (name.find("_tiny_") != std::string::npos)
        return {Names::Timm, 192, 3};
    if (name.find("_small_") != std::string::npos)
        return {Names::Timm, 384, 6};
    return {Names::Timm, 768, 12};
}

// Every token looks at every other. timm projects to queries, keys and values by a layer, torchvision by parameters of
// its own.
class Attention final : public torch::nn::Module, public AdaptableLayer {
public:
    explicit Attention(const ViTLayout& layout) : torch::nn::Module("attention"), m_layout(layout) {
        if (layout.names == Names::Timm) {
            m_joint = child(*this, "qkv", Linear(layout.width, 3 * layout.width));
        } else {
            m_weight = register_parameter("in_proj_weight", at::empty({3 * layout.width, layout.width}, at::kFloat));
            m_bias = register_parameter("in_proj_bias", at::zeros({3 * layout.width}, at::kFloat));
        }
        m_project = child(*this, layout.names == Names::Timm ? "proj" : "out_proj", Linear(layout.width, layout.width));
    }

    at::Tensor forward(const at::Tensor& input) {
        const std::int64_t pictures = input.size(0), tokens = input.size(1), width = m_layout.width;
        const at::Tensor joint = (m_joint ? m_joint(input) : adapted(at::linear(input, m_weight, m_bias), input))
                                     .view({pictures, tokens, 3, m_layout.heads, width / m_layout.heads})
                                     .permute({2, 0, 3, 1, 4});
        AttentionWatch::see(joint[0], joint[1]);
        const at::Tensor mixed = at::scaled_dot_product_attention(joint[0], joint[1], joint[2]);
        const at::Tensor output = mixed.transpose(1, 2).reshape({pictures, tokens, width});
        const double flops = 4.0 * static_cast<double>(output.numel()) * static_cast<double>(tokens);
        const double projection = m_joint ? 0 : 6.0 * static_cast<double>(output.numel()) * static_cast<double>(width);
        reportLayer(this, output, flops + projection);
        return m_project(output);
    }
    [[nodiscard]] at::Tensor matrix() const override { return m_weight; } // timm's joint layer adapts by itself

private:
    [[nodiscard]] torch::nn::Module& self() override { return *this; }

    ViTLayout m_layout;
    Linear m_joint{nullptr};
    at::Tensor m_weight; // [3·width, width]
    at::Tensor m_bias;
    Linear m_project{nullptr};
};

class TransformerBlock final : public torch::nn::Module {
public:
    explicit TransformerBlock(const ViTLayout& layout) : torch::nn::Module("transformer block") {
        const bool timm = layout.names == Names::Timm;
        m_firstNorm = child(*this, timm ? "norm1" : "ln_1", layerNorm(layout.width, kVitNormEpsilon));
        m_attention = register_module(timm ? "attn" : "self_attention", std::make_shared<Attention>(layout));
        m_secondNorm = child(*this, timm ? "norm2" : "ln_2", layerNorm(layout.width, kVitNormEpsilon));
        const auto network = group(*this, "mlp");
        m_widen = child(*network, timm ? "fc1" : "0", Linear(layout.width, 4 * layout.width));
        m_narrow = child(*network, timm ? "fc2" : "3", Linear(4 * layout.width, layout.width));
    }

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor value = input + m_attention->forward(m_firstNorm(input));
        return value + m_narrow(at::gelu(m_widen(m_secondNorm(value))));
    }

private:
    torch::nn::LayerNorm m_firstNorm{nullptr};
    std::shared_ptr<Attention> m_attention;
    torch::nn::LayerNorm m_secondNorm{nullptr};
    Linear m_widen{nullptr};
    Linear m_narrow{nullptr};
};

class VisionTransformer final : public Backbone {
public:
    VisionTransformer(const BackboneInfo& info, int classes)
        : Backbone(info, classes), m_layout(vitLayoutOf(info.name)) {
        const std::int64_t width = m_layout.width, side = info.imageSize / kVitPatch;
        const at::Tensor classToken = at::zeros({1, 1, width});
        const at::Tensor positions = at::empty({1, 1 + side * side, width});
        const Conv2d patches(ConvOptions{.in = 3, .out = width, .kernel = kVitPatch, .stride = kVitPatch},
                             Conv2dImpl::Bias::Learned);
        if (m_layout.names == Names::Timm) {
            m_classToken = register_parameter("cls_token", classToken);
            m_positions = register_parameter("pos_embed", positions);
            m_patches = child(*group(*this, "patch_embed"), "proj", patches);
            addBlocks(*group(*this, "blocks"), "blocks.", "");
            m_norm = child(*this, "norm", layerNorm(width, kVitNormEpsilon));
            m_head = child(*this, "head", Linear(width, classes));
        } else {
            m_classToken = register_parameter("class_token", classToken);
            m_patches = child(*this, "conv_proj", patches);
            const auto encoder = group(*this, "encoder");
            m_positions = encoder->register_parameter("pos_embedding", positions);
            addBlocks(*group(*encoder, "layers"), "encoder.layers.", "encoder_layer_");
            m_norm = child(*encoder, "ln", layerNorm(width, kVitNormEpsilon));
            m_head = child(*group(*this, "heads"), "head", Linear(width, classes));
        }
    }

    std::vector<Stage> stages() override {
        const bool timm = m_layout.names == Names::Timm;
        const auto embed = [this](const at::Tensor& pixels) { return tokensOf(pixels); };
        std::vector<Stage> chain;
        if (timm)
            chain.push_back({"patch_embed", {"patch_embed", "cls_token", "pos_embed"}, embed});
        else
            chain.push_back({"conv_proj", {"conv_proj", "class_token", "encoder.pos_embedding"}, embed});
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            chain.push_back({m_blockPaths[i], {m_blockPaths[i]}, [this, i](const at::Tensor& tokens) {
                                 return m_blocks[i]->forward(tokens);
                             }});
        chain.back().modules.emplace_back(timm ? "norm" : "encoder.ln");
        chain.back().forward = [this](const at::Tensor& tokens) {
            return m_norm(m_blocks.back()->forward(tokens).select(1, 0));
        };
        const std::string head = timm ? "head" : "heads";
        chain.push_back({head, {head}, [this](const at::Tensor& features) { return m_head(features); }});
        return chain;
    }

    Init initOf(std::string_view path, const at::Tensor& weight) const override {
        if (path == info().classifier)
            return torchDefault(weight);
        if (m_layout.names == Names::Timm)
            return weight.dim() == 4 ? torchDefault(weight) : normal(0.02);
        if (weight.dim() == 4)
            return normal(std::sqrt(1.0 / static_cast<double>(weight[0].numel())));
        if (path.ends_with("out_proj"))
            return {Init::Law::Uniform, torchDefault(weight).scale, 0};
        Init init = xavierUniform(weight);
        init.biasBound = 1e-6 * std::sqrt(3.0); // torchvision: normal with a deviation of 1e-6
        return init;
    }

    std::optional<Init> initOfParameter(std::string_view name, const at::Tensor& value) const override {
        if (name == "pos_embed" || name == "encoder.pos_embedding")
            return normal(0.02);
        if (name == "cls_token")
            return normal(1e-6);
        if (name.ends_with("in_proj_weight"))
            return xavierUniform(value);
        return std::nullopt;
    }

private:
    void addBlocks(torch::nn::Module& parent, const std::string& path, const std::string& prefix) {
        for (int i = 0; i < kBlocks; ++i) {
            const std::string name = prefix + std::to_string(i);
            m_blocks.push_back(parent.register_module(name, std::make_shared<TransformerBlock>(m_layout)));
            m_blockPaths.push_back(path + name);
        }
    }

    // [N, 3, H, W] → [N, 1 + H/16 · W/16, width]
    at::Tensor tokensOf(const at::Tensor& pixels) {
        const std::int64_t height = pixels.size(2), width = pixels.size(3);
        if (height % kVitPatch != 0 || width % kVitPatch != 0)
            throw Error(ErrorKind::BadInput,
                        fmt::format("{} cuts pictures into patches of {} pixels; {} × {} pixels do not divide.",
                                    info().name, kVitPatch, width, height),
                        fmt::format("Choose an image size that is a multiple of {}, such as 160 or 224.", kVitPatch));
        const at::Tensor patches = m_patches(pixels).flatten(2).transpose(1, 2);
        const at::Tensor tokens = at::cat({m_classToken.expand({pixels.size(0), -1, -1}), patches}, 1);
        const auto how = m_layout.names == Names::Timm ? Resampling::Antialiased : Resampling::CornersKept;
        return tokens + resamplePositions(m_positions, height / kVitPatch, width / kVitPatch, how);
    }

    ViTLayout m_layout;
    at::Tensor m_classToken;
    at::Tensor m_positions;
    Conv2d m_patches{nullptr};
    std::vector<std::shared_ptr<TransformerBlock>> m_blocks;
    std::vector<std::string> m_blockPaths;
    torch::nn::LayerNorm m_norm{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeVisionTransformer(const BackboneInfo& info, int classes) {
    return std::make_shared<VisionTransformer>(info, classes);
}

} // namespace engine
