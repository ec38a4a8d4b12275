#include "engine/models/vision/mobilenetv3.h"

#include "engine/models/dropout.h"
#include "engine/models/vision/convnorm.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kMobileNetV3Dropout = 0.2;
constexpr double kMobileNetV3NormEpsilon = 1e-3;
constexpr double kNormMomentum = 0.01;

enum class Squeeze { No, Yes };
constexpr auto kRelu = Activation::Relu;
constexpr auto kSwish = Activation::Hardswish;

struct BlockLayout {
    std::int64_t kernel, wide, out;
    Squeeze squeeze;
    Activation activation;
    std::int64_t stride;
};

struct MobileNetV3Layout {
    std::vector<BlockLayout> blocks;
    std::int64_t hidden; // of the classifier
};

MobileNetV3Layout mobileNetV3LayoutOf(const std::string& name) {
    if (name == "mobilenet_v3_small")
        return {{{3, 16, 16, Squeeze::Yes, kRelu, 2},
                 {3, 72, 24, Squeeze::No, kRelu, 2},
                 {3, 88, 24, Squeeze::No, kRelu, 1},
                 {5, 96, 40, Squeeze::Yes, kSwish, 2},
                 {5, 240, 40, Squeeze::Yes, kSwish, 1},
                 {5, 240, 40, Squeeze::Yes, kSwish, 1},
                 {5, 120, 48, Squeeze::Yes, kSwish, 1},
                 {5, 144, 48, Squeeze::Yes, kSwish, 1},
                 {5, 288, 96, Squeeze::Yes, kSwish, 2},
                 {5, 576, 96, Squeeze::Yes, kSwish, 1},
                 {5, 576, 96, Squeeze::Yes, kSwish, 1}},
                1024};
    return {{{3, 16, 16, Squeeze::No, kRelu, 1},
             {3, 64, 24, Squeeze::No, kRelu, 2},
             {3, 72, 24, Squeeze::No, kRelu, 1},
             {5, 72, 40, Squeeze::Yes, kRelu, 2},
             {5, 120, 40, Squeeze::Yes, kRelu, 1},
             {5, 120, 40, Squeeze::Yes, kRelu, 1},
             {3, 240, 80, Squeeze::No, kSwish, 2},
             {3, 200, 80, Squeeze::No, kSwish, 1},
             {3, 184, 80, Squeeze::No, kSwish, 1},
             {3, 184, 80, Squeeze::No, kSwish, 1},
             {3, 480, 112, Squeeze::Yes, kSwish, 1},
             {3, 672, 112, Squeeze::Yes, kSwish, 1},
             {5, 672, 160, Squeeze::Yes, kSwish, 2},
             {5, 960, 160, Squeeze::Yes, kSwish, 1},
             {5, 960, 160, Squeeze::Yes, kSwish, 1}},
            1280};
}

ConvNorm convNorm(const ConvOptions& options, Activation activation) {
    return ConvNorm(options, activation, kMobileNetV3NormEpsilon, kNormMomentum);
}

// Expand, filter each channel, weigh the channels, project; a shortcut where the shape stays.
class SqueezedBottleneck final : public torch::nn::Module {
public:
    SqueezedBottleneck(std::int64_t in, const BlockLayout& layout)
        : torch::nn::Module("inverted residual"), m_shortcut(layout.stride == 1 && in == layout.out) {
        const auto block = group(*this, "block");
        int next = 0;
        const auto name = [&next] { return std::to_string(next++); };
        if (layout.wide != in)
            m_expand = child(*block, name(), convNorm({.in = in, .out = layout.wide}, layout.activation));
        m_filter = child(*block, name(),
                         convNorm({.in = layout.wide,
                                   .out = layout.wide,
                                   .kernel = layout.kernel,
                                   .stride = layout.stride,
                                   .padding = layout.kernel / 2,
                                   .groups = layout.wide},
                                  layout.activation));
        if (layout.squeeze == Squeeze::Yes)
            m_excitation =
                child(*block, name(),
                      Excitation(ExcitationOptions{.channels = layout.wide,
                                                   .narrow = roundToEight(static_cast<double>(layout.wide / 4)),
                                                   .gate = ExcitationOptions::Gate::Hardsigmoid}));
        m_project = child(*block, name(), convNorm({.in = layout.wide, .out = layout.out}, Activation::None));
    }

    at::Tensor forward(const at::Tensor& input) {
        at::Tensor value = m_filter(m_expand ? m_expand(input) : input);
        if (m_excitation)
            value = m_excitation(value);
        return m_project(value, m_shortcut ? input : at::Tensor());
    }

private:
    bool m_shortcut;
    ConvNorm m_expand{nullptr};
    ConvNorm m_filter{nullptr};
    Excitation m_excitation{nullptr};
    ConvNorm m_project{nullptr};
};

class MobileNetV3 final : public Backbone {
public:
    MobileNetV3(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const MobileNetV3Layout layout = mobileNetV3LayoutOf(info.name);
        const auto features = group(*this, "features");
        std::int64_t channels = 16;
        m_stem =
            child(*features, "0", convNorm({.in = 3, .out = channels, .kernel = 3, .stride = 2, .padding = 1}, kSwish));
        for (const BlockLayout& block : layout.blocks) {
            m_blocks.push_back(features->register_module(std::to_string(m_blocks.size() + 1),
                                                         std::make_shared<SqueezedBottleneck>(channels, block)));
            channels = block.out;
        }
        m_last = child(*features, std::to_string(m_blocks.size() + 1),
                       convNorm({.in = channels, .out = 6 * channels}, kSwish));
        const auto classifier = group(*this, "classifier");
        m_hidden = child(*classifier, "0", Linear(6 * channels, layout.hidden));
        m_head = child(*classifier, "3", Linear(layout.hidden, classes));
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
        chain.push_back({"classifier.0", {"classifier.0"}, [this](const at::Tensor& features) {
                             const at::Tensor pooled = at::adaptive_avg_pool2d(features, {1, 1}).flatten(1);
                             return activateInPlace(m_hidden(pooled), kSwish);
                         }});
        chain.back().poolsFirst = true;
        chain.push_back({"classifier.3", {"classifier.3"}, [this](const at::Tensor& hidden) {
                             return m_head(dropoutOf(hidden, kMobileNetV3Dropout, is_training()));
                         }});
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        return weight.dim() == 4 ? kaimingNormalFanOut(weight) : normal(0.01);
    }

private:
    ConvNorm m_stem{nullptr};
    std::vector<std::shared_ptr<SqueezedBottleneck>> m_blocks;
    ConvNorm m_last{nullptr};
    Linear m_hidden{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeMobileNetV3(const BackboneInfo& info, int classes) {
    return std::make_shared<MobileNetV3>(info, classes);
}

} // namespace engine
