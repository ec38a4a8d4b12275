#include "engine/models/vision/efficientnet.h"

#include "engine/api/error.h"
#include "engine/models/dropout.h"
#include "engine/models/vision/convnorm.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

enum class Variant { Lite, Full };

struct EfficientNetLayout {
    std::string_view name;
    Variant variant;
    double width; // multiplies channels
    double depth; // multiplies blocks per stage
    double dropout;
    double normEpsilon;
    Padding padding;
};

constexpr std::array kEfficientNetLayouts{
    EfficientNetLayout{"tf_efficientnet_lite0", Variant::Lite, 1.0, 1.0, 0.2, 1e-3, Padding::Same},
    EfficientNetLayout{"tf_efficientnet_lite1", Variant::Lite, 1.0, 1.1, 0.2, 1e-3, Padding::Same},
    EfficientNetLayout{"tf_efficientnet_lite2", Variant::Lite, 1.1, 1.2, 0.3, 1e-3, Padding::Same},
    EfficientNetLayout{"efficientnet_b0", Variant::Full, 1.0, 1.0, 0.2, 1e-5, Padding::Fixed},
    EfficientNetLayout{"efficientnet_b1", Variant::Full, 1.0, 1.1, 0.2, 1e-5, Padding::Fixed},
    EfficientNetLayout{"efficientnet_b2", Variant::Full, 1.1, 1.2, 0.3, 1e-5, Padding::Fixed},
    EfficientNetLayout{"efficientnet_b3", Variant::Full, 1.2, 1.4, 0.3, 1e-5, Padding::Fixed},
    EfficientNetLayout{"efficientnet_b4", Variant::Full, 1.4, 1.8, 0.4, 1e-5, Padding::Fixed},
};

const EfficientNetLayout& efficientNetLayoutOf(std::string_view name) {
    for (const EfficientNetLayout& layout : kEfficientNetLayouts) {
        if (layout.name == name)
            return layout;
    }
    throw Error(ErrorKind::Internal, fmt::format("The layout of {} is not known.", name));
}

struct EfficientNetStageLayout {
    int blocks;
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t expansion;
    std::int64_t channels;
};

constexpr std::array kEfficientNetStages{
    EfficientNetStageLayout{1, 3, 1, 1, 16},  EfficientNetStageLayout{2, 3, 2, 6, 24},
    EfficientNetStageLayout{2, 5, 2, 6, 40},  EfficientNetStageLayout{3, 3, 2, 6, 80},
    EfficientNetStageLayout{3, 5, 1, 6, 112}, EfficientNetStageLayout{4, 5, 2, 6, 192},
    EfficientNetStageLayout{1, 3, 1, 6, 320},
};
constexpr std::int64_t kEfficientNetStemChannels = 32;
constexpr std::int64_t kEfficientNetHeadChannels = 1280;

Activation activationOf(const EfficientNetLayout& layout) {
    return layout.variant == Variant::Lite ? Activation::Relu6 : Activation::Silu;
}

struct BlockOptions {
    std::int64_t in, out, kernel, stride, expansion;
};

// Expand by a 1×1 convolution (not where the expansion is 1), filter each channel, project back; a shortcut around it
// all where the shape stays.
class InvertedResidual final : public torch::nn::Module {
public:
    InvertedResidual(const BlockOptions& block, const EfficientNetLayout& layout)
        : torch::nn::Module(block.expansion == 1 ? "depthwise separable block" : "inverted residual"),
          m_activation(activationOf(layout)),
          m_shortcut(block.in == block.out && block.stride == 1) {
        const std::int64_t wide = block.in * block.expansion;
        const auto norm = [&](std::int64_t channels) {
            m_norms.push_back(
                child(*this, fmt::format("bn{}", m_norms.size() + 1), batchNorm(channels, layout.normEpsilon)));
        };
        if (block.expansion != 1) {
            m_expand = child(*this, "conv_pw", Conv2d(ConvOptions{.in = block.in, .out = wide}));
            norm(wide);
        }
        // Padding of stride 1 is symmetric; only the strided convolutions differ between TensorFlow and torch.
        m_depthwise = child(*this, "conv_dw",
                            Conv2d(ConvOptions{.in = wide,
                                               .out = wide,
                                               .kernel = block.kernel,
                                               .stride = block.stride,
                                               .padding = block.kernel / 2,
                                               .groups = wide,
                                               .kind = block.stride > 1 ? layout.padding : Padding::Fixed}));
        norm(wide);
        if (layout.variant == Variant::Full)
            m_excitation = child(*this, "se",
                                 Excitation(ExcitationOptions{.channels = wide,
                                                              .narrow = block.in / 4,
                                                              .reduceName = "conv_reduce",
                                                              .expandName = "conv_expand",
                                                              .activation = Activation::Silu}));
        m_project = child(*this, block.expansion == 1 ? "conv_pw" : "conv_pwl",
                          Conv2d(ConvOptions{.in = wide, .out = block.out}));
        norm(block.out);
    }

    at::Tensor forward(const at::Tensor& input) {
        at::Tensor value = input;
        std::size_t next = 0;
        if (m_expand)
            value = m_expand->forwardWith(value, {.norm = m_norms[next++], .activation = m_activation});
        value = m_depthwise->forwardWith(value, {.norm = m_norms[next++], .activation = m_activation});
        if (m_excitation)
            value = m_excitation(value);
        Tail tail{.norm = m_norms[next]};
        if (m_shortcut)
            tail.added = input;
        return m_project->forwardWith(value, tail);
    }

private:
    Activation m_activation;
    bool m_shortcut;
    Conv2d m_expand{nullptr};
    Conv2d m_depthwise{nullptr};
    Conv2d m_project{nullptr};
    std::vector<BatchNorm> m_norms;
    Excitation m_excitation{nullptr};
};

class EfficientNet final : public Backbone {
public:
    EfficientNet(const BackboneInfo& info, int classes)
        : Backbone(info, classes), m_layout(efficientNetLayoutOf(info.name)) {
        // Lite keeps stem, head and the depth of the first and last stage whatever the multipliers.
        const bool lite = m_layout.variant == Variant::Lite;
        std::int64_t channels =
            lite ? kEfficientNetStemChannels : roundToEight(kEfficientNetStemChannels * m_layout.width);
        m_stem =
            child(*this, "conv_stem",
                  Conv2d(ConvOptions{
                      .in = 3, .out = channels, .kernel = 3, .stride = 2, .padding = 1, .kind = m_layout.padding}));
        m_stemNorm = child(*this, "bn1", batchNorm(channels, m_layout.normEpsilon));
        const auto blocks = group(*this, "blocks");
        for (std::size_t i = 0; i < kEfficientNetStages.size(); ++i) {
            const EfficientNetStageLayout& stage = kEfficientNetStages[i];
            const auto parent = group(*blocks, std::to_string(i));
            const bool fixedDepth = lite && (i == 0 || i + 1 == kEfficientNetStages.size());
            const int depth = fixedDepth ? stage.blocks : static_cast<int>(std::ceil(stage.blocks * m_layout.depth));
            const std::int64_t out = roundToEight(static_cast<double>(stage.channels) * m_layout.width);
            for (int j = 0; j < depth; ++j) {
                const BlockOptions block{channels, out, stage.kernel, j == 0 ? stage.stride : 1, stage.expansion};
                m_stages[i].push_back(
                    parent->register_module(std::to_string(j), std::make_shared<InvertedResidual>(block, m_layout)));
                channels = out;
            }
        }
        const std::int64_t features =
            lite ? kEfficientNetHeadChannels
                 : std::max(kEfficientNetHeadChannels, roundToEight(kEfficientNetHeadChannels * m_layout.width));
        m_headConvolution = child(*this, "conv_head", Conv2d(ConvOptions{.in = channels, .out = features}));
        m_headNorm = child(*this, "bn2", batchNorm(features, m_layout.normEpsilon));
        m_head = child(*this, "classifier", Linear(features, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        chain.push_back({"conv_stem", {"conv_stem", "bn1"}, [this](const at::Tensor& pixels) {
                             return m_stem->forwardWith(pixels,
                                                        {.norm = m_stemNorm, .activation = activationOf(m_layout)});
                         }});
        for (std::size_t i = 0; i < m_stages.size(); ++i) {
            const std::string name = fmt::format("blocks.{}", i);
            chain.push_back({name, {name}, [this, i](const at::Tensor& input) {
                                 at::Tensor value = input;
                                 for (const auto& block : m_stages[i])
                                     value = block->forward(value);
                                 return value;
                             }});
        }
        chain.push_back({"conv_head", {"conv_head", "bn2"}, [this](const at::Tensor& input) {
                             return m_headConvolution->forwardWith(
                                 input, {.norm = m_headNorm, .activation = activationOf(m_layout)});
                         }});
        chain.push_back({"classifier", {"classifier"}, [this](const at::Tensor& features) {
                             const at::Tensor pooled = at::adaptive_avg_pool2d(features, {1, 1}).flatten(1);
                             return m_head(dropoutOf(pooled, m_layout.dropout, is_training()));
                         }});
        chain.back().poolsFirst = true;
        return chain;
    }

    // timm's: normal by the fan-out of one group, the classifier uniform by its fan-out.
    Init initOf(std::string_view path, const at::Tensor& weight) const override {
        // timm draws the head by its number of classes, which for two of them begins with logits of ±10. A new head
        // starts as timm's reset_classifier() leaves it.
        if (weight.dim() != 4)
            return torchDefault(weight);
        const bool depthwise = path.ends_with("conv_dw");
        const double fanOut = static_cast<double>(weight[0][0].numel() * (depthwise ? 1 : weight.size(0)));
        return normal(std::sqrt(2.0 / fanOut));
    }

private:
    const EfficientNetLayout& m_layout;
    Conv2d m_stem{nullptr};
    BatchNorm m_stemNorm{nullptr};
    std::array<std::vector<std::shared_ptr<InvertedResidual>>, kEfficientNetStages.size()> m_stages;
    Conv2d m_headConvolution{nullptr};
    BatchNorm m_headNorm{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeEfficientNet(const BackboneInfo& info, int classes) {
    return std::make_shared<EfficientNet>(info, classes);
}

} // namespace engine
