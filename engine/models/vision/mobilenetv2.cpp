#include "engine/models/vision/mobilenetv2.h"

#include "engine/models/dropout.h"
#include "engine/models/vision/convnorm.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kMobileNetV2Dropout = 0.2;
constexpr std::int64_t kMobileNetV2StemChannels = 32;
constexpr std::int64_t kMobileNetV2HeadChannels = 1280;

struct MobileNetV2StageLayout {
    std::int64_t expansion, channels;
    int blocks;
    std::int64_t stride;
};

constexpr std::array kMobileNetV2Stages{MobileNetV2StageLayout{1, 16, 1, 1}, MobileNetV2StageLayout{6, 24, 2, 2},
                                        MobileNetV2StageLayout{6, 32, 3, 2}, MobileNetV2StageLayout{6, 64, 4, 2},
                                        MobileNetV2StageLayout{6, 96, 3, 1}, MobileNetV2StageLayout{6, 160, 3, 2},
                                        MobileNetV2StageLayout{6, 320, 1, 1}};

// Expand, filter each channel, project without activation; a shortcut where the shape stays.
class LinearBottleneck final : public torch::nn::Module {
public:
    LinearBottleneck(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
        : torch::nn::Module("inverted residual"), m_shortcut(stride == 1 && in == out) {
        const std::int64_t wide = in * expansion;
        const auto conv = group(*this, "conv");
        int next = 0;
        const auto add = [&](const ConvOptions& options) {
            m_layers.push_back(child(*conv, std::to_string(next++), ConvNorm(options, Activation::Relu6)));
        };
        if (expansion != 1)
            add({.in = in, .out = wide});
        add({.in = wide, .out = wide, .kernel = 3, .stride = stride, .padding = 1, .groups = wide});
        m_project = child(*conv, std::to_string(next), Conv2d(ConvOptions{.in = wide, .out = out}));
        m_projectNorm = child(*conv, std::to_string(next + 1), batchNorm(out));
    }

    at::Tensor forward(const at::Tensor& input) {
        at::Tensor value = input;
        for (ConvNorm& layer : m_layers)
            value = layer(value);
        Tail tail{.norm = m_projectNorm};
        if (m_shortcut)
            tail.added = input;
        return m_project->forwardWith(value, tail);
    }

private:
    bool m_shortcut;
    std::vector<ConvNorm> m_layers;
    Conv2d m_project{nullptr};
    BatchNorm m_projectNorm{nullptr};
};

class MobileNetV2 final : public Backbone {
public:
    MobileNetV2(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const auto features = group(*this, "features");
        m_stem = child(
            *features, "0",
            ConvNorm(ConvOptions{.in = 3, .out = kMobileNetV2StemChannels, .kernel = 3, .stride = 2, .padding = 1},
                     Activation::Relu6));
        std::int64_t channels = kMobileNetV2StemChannels;
        for (const MobileNetV2StageLayout& stage : kMobileNetV2Stages) {
            for (int i = 0; i < stage.blocks; ++i) {
                m_blocks.push_back(features->register_module(
                    std::to_string(m_blocks.size() + 1),
                    std::make_shared<LinearBottleneck>(channels, stage.channels, i == 0 ? stage.stride : 1,
                                                       stage.expansion)));
                channels = stage.channels;
            }
        }
        m_last = child(*features, std::to_string(m_blocks.size() + 1),
                       ConvNorm(ConvOptions{.in = channels, .out = kMobileNetV2HeadChannels}, Activation::Relu6));
        m_head = child(*group(*this, "classifier"), "1", Linear(kMobileNetV2HeadChannels, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        const auto add = [&chain](auto forward) {
            const std::string name = fmt::format("features.{}", chain.size());
            chain.push_back({name, {name}, forward});
        };
        add([this](const at::Tensor& pixels) { return m_stem(pixels); });
        for (const auto& block : m_blocks)
            add([block = block.get()](const at::Tensor& input) { return block->forward(input); });
        add([this](const at::Tensor& input) { return m_last(input); });
        chain.push_back({"classifier", {"classifier"}, [this](const at::Tensor& features) {
                             const at::Tensor pooled = at::adaptive_avg_pool2d(features, {1, 1}).flatten(1);
                             return m_head(dropoutOf(pooled, kMobileNetV2Dropout, is_training()));
                         }});
        chain.back().poolsFirst = true;
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        return weight.dim() == 4 ? kaimingNormalFanOut(weight) : normal(0.01);
    }

private:
    ConvNorm m_stem{nullptr};
    std::vector<std::shared_ptr<LinearBottleneck>> m_blocks;
    ConvNorm m_last{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeMobileNetV2(const BackboneInfo& info, int classes) {
    return std::make_shared<MobileNetV2>(info, classes);
}

} // namespace engine
