#include "engine/models/vision/regnet.h"

#include "engine/api/error.h"
#include "engine/models/vision/convnorm.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::int64_t kRegNetStemChannels = 32;

struct RegNetLayout {
    std::string_view name;
    std::array<int, 4> depths;
    std::array<std::int64_t, 4> widths;
    std::int64_t groupWidth;
};

constexpr std::array kRegNetLayouts{
    RegNetLayout{"regnet_y_400mf", {1, 3, 6, 6}, {48, 104, 208, 440}, 8},
    RegNetLayout{"regnet_y_800mf", {1, 3, 8, 2}, {64, 144, 320, 784}, 16},
    RegNetLayout{"regnet_y_1_6gf", {2, 6, 17, 2}, {48, 120, 336, 888}, 24},
    RegNetLayout{"regnet_y_3_2gf", {2, 5, 13, 1}, {72, 216, 576, 1512}, 24},
    RegNetLayout{"regnet_y_8gf", {2, 4, 10, 1}, {224, 448, 896, 2016}, 56},
};

const RegNetLayout& regNetLayoutOf(std::string_view name) {
    for (const RegNetLayout& layout : kRegNetLayouts) {
        if (layout.name == name)
            return layout;
    }
    throw Error(ErrorKind::Internal, fmt::format("The layout of {} is not known.", name));
}

// 1×1, grouped 3×3, channel weighing, 1×1; a projection where the shape changes.
class YBlock final : public torch::nn::Module {
public:
    YBlock(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t groupWidth)
        : torch::nn::Module("Y block") {
        if (in != out || stride != 1)
            m_projection =
                child(*this, "proj", ConvNorm(ConvOptions{.in = in, .out = out, .stride = stride}, Activation::None));
        const auto f = group(*this, "f");
        m_first = child(*f, "a", ConvNorm(ConvOptions{.in = in, .out = out}, Activation::Relu));
        m_second = child(
            *f, "b",
            ConvNorm(
                ConvOptions{
                    .in = out, .out = out, .kernel = 3, .stride = stride, .padding = 1, .groups = out / groupWidth},
                Activation::Relu));
        m_excitation = child(*f, "se", Excitation(ExcitationOptions{.channels = out, .narrow = in / 4}));
        m_third = child(*f, "c", ConvNorm(ConvOptions{.in = out, .out = out}, Activation::Relu));
    }

    at::Tensor forward(const at::Tensor& input) {
        return m_third(m_excitation(m_second(m_first(input))), m_projection ? m_projection(input) : input);
    }

private:
    ConvNorm m_projection{nullptr};
    ConvNorm m_first{nullptr};
    ConvNorm m_second{nullptr};
    Excitation m_excitation{nullptr};
    ConvNorm m_third{nullptr};
};

class RegNet final : public Backbone {
public:
    RegNet(const BackboneInfo& info, int classes)
        : Backbone(info, classes),
          m_stem(
              child(*this, "stem",
                    ConvNorm(ConvOptions{.in = 3, .out = kRegNetStemChannels, .kernel = 3, .stride = 2, .padding = 1},
                             Activation::Relu))) {
        const RegNetLayout& layout = regNetLayoutOf(info.name);
        const auto trunk = group(*this, "trunk_output");
        std::int64_t channels = kRegNetStemChannels;
        for (std::size_t i = 0; i < m_stages.size(); ++i) {
            const auto stage = group(*trunk, fmt::format("block{}", i + 1));
            for (int j = 0; j < layout.depths[i]; ++j) {
                m_stages[i].push_back(stage->register_module(
                    fmt::format("block{}-{}", i + 1, j),
                    std::make_shared<YBlock>(channels, layout.widths[i], j == 0 ? 2 : 1, layout.groupWidth)));
                channels = layout.widths[i];
            }
        }
        m_head = child(*this, "fc", Linear(channels, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        chain.push_back({"stem", {"stem"}, [this](const at::Tensor& pixels) { return m_stem(pixels); }});
        for (std::size_t i = 0; i < m_stages.size(); ++i) {
            const std::string name = fmt::format("trunk_output.block{}", i + 1);
            chain.push_back({name, {name}, [this, i](const at::Tensor& input) {
                                 at::Tensor value = input;
                                 for (const auto& block : m_stages[i])
                                     value = block->forward(value);
                                 return value;
                             }});
        }
        chain.push_back({"fc", {"fc"}, [this](const at::Tensor& features) {
                             return m_head(at::adaptive_avg_pool2d(features, {1, 1}).flatten(1));
                         }});
        chain.back().poolsFirst = true;
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        return weight.dim() == 4 ? kaimingNormalFanOut(weight) : normal(0.01);
    }

private:
    ConvNorm m_stem;
    std::array<std::vector<std::shared_ptr<YBlock>>, 4> m_stages;
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeRegNet(const BackboneInfo& info, int classes) {
    return std::make_shared<RegNet>(info, classes);
}

} // namespace engine
