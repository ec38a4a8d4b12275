#include "engine/models/vision/convnext.h"

#include "engine/api/error.h"
#include "engine/models/layers.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kConvNeXtNormEpsilon = 1e-6;
constexpr double kLayerScale = 1e-6;

struct ConvNeXtLayout {
    std::string_view name;
    std::array<int, 4> depths;
    std::array<std::int64_t, 4> widths;
    double dropPath; // of the last block; grows from 0 linearly
};

constexpr std::array kConvNeXtLayouts{
    ConvNeXtLayout{"convnext_tiny", {3, 3, 9, 3}, {96, 192, 384, 768}, 0.1},
    ConvNeXtLayout{"convnext_small", {3, 3, 27, 3}, {96, 192, 384, 768}, 0.4},
    ConvNeXtLayout{"convnext_base", {3, 3, 27, 3}, {128, 256, 512, 1024}, 0.5},
};

const ConvNeXtLayout& convNeXtLayoutOf(std::string_view name) {
    for (const ConvNeXtLayout& layout : kConvNeXtLayouts) {
        if (layout.name == name)
            return layout;
    }
    throw Error(ErrorKind::Internal, fmt::format("The layout of {} is not known.", name));
}

// Over the channels of [N, C, H, W].
at::Tensor normChannels(torch::nn::LayerNorm& norm, const at::Tensor& input) {
    return norm(input.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

// Filters each channel 7×7, then a two-layer network at every pixel; a scaled, at times dropped, addition.
class ConvNeXtBlock final : public torch::nn::Module {
public:
    ConvNeXtBlock(std::int64_t channels, double dropPath) : torch::nn::Module("ConvNeXt block"), m_dropPath(dropPath) {
        m_scale = register_parameter("layer_scale", at::full({channels, 1, 1}, kLayerScale));
        const auto block = group(*this, "block");
        m_filter =
            child(*block, "0",
                  Conv2d(ConvOptions{.in = channels, .out = channels, .kernel = 7, .padding = 3, .groups = channels},
                         Conv2dImpl::Bias::Learned));
        m_norm = child(*block, "2", layerNorm(channels, kConvNeXtNormEpsilon));
        m_widen = child(*block, "3", Linear(channels, 4 * channels));
        m_narrow = child(*block, "5", Linear(4 * channels, channels));
    }

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor normed = m_norm(m_filter(input).permute({0, 2, 3, 1}));
        const at::Tensor branch = m_narrow(at::gelu(m_widen(normed))).permute({0, 3, 1, 2}) * m_scale;
        return input + (is_training() && m_dropPath > 0 ? dropPath(branch, m_dropPath) : branch);
    }

private:
    double m_dropPath;
    at::Tensor m_scale;
    Conv2d m_filter{nullptr};
    torch::nn::LayerNorm m_norm{nullptr};
    Linear m_widen{nullptr};
    Linear m_narrow{nullptr};
};

class ConvNeXt final : public Backbone {
public:
    ConvNeXt(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const ConvNeXtLayout& layout = convNeXtLayoutOf(info.name);
        const auto features = group(*this, "features");
        const auto stem = group(*features, "0");
        m_reductions[0] = child(
            *stem, "0",
            Conv2d(ConvOptions{.in = 3, .out = layout.widths[0], .kernel = 4, .stride = 4}, Conv2dImpl::Bias::Learned));
        m_norms[0] = child(*stem, "1", layerNorm(layout.widths[0], kConvNeXtNormEpsilon));
        const int blocks = layout.depths[0] + layout.depths[1] + layout.depths[2] + layout.depths[3];
        int built = 0;
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            if (i > 0) {
                const auto reduction = group(*features, std::to_string(2 * i));
                m_norms[i] = child(*reduction, "0", layerNorm(layout.widths[i - 1], kConvNeXtNormEpsilon));
                m_reductions[i] = child(
                    *reduction, "1",
                    Conv2d(ConvOptions{.in = layout.widths[i - 1], .out = layout.widths[i], .kernel = 2, .stride = 2},
                           Conv2dImpl::Bias::Learned));
            }
            const auto stage = group(*features, std::to_string(2 * i + 1));
            for (int j = 0; j < layout.depths[i]; ++j)
                m_blocks[i].push_back(stage->register_module(
                    std::to_string(j),
                    std::make_shared<ConvNeXtBlock>(layout.widths[i], layout.dropPath * built++ / (blocks - 1.0))));
        }
        const auto classifier = group(*this, "classifier");
        m_headNorm = child(*classifier, "0", layerNorm(layout.widths[3], kConvNeXtNormEpsilon));
        m_head = child(*classifier, "2", Linear(layout.widths[3], classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        const auto add = [&chain](auto forward) {
            const std::string name = fmt::format("features.{}", chain.size());
            chain.push_back({name, {name}, forward});
        };
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            add([this, i](const at::Tensor& input) {
                return i == 0 ? normChannels(m_norms[0], m_reductions[0](input))
                              : m_reductions[i](normChannels(m_norms[i], input));
            });
            add([this, i](const at::Tensor& input) {
                at::Tensor value = input;
                for (const auto& block : m_blocks[i])
                    value = block->forward(value);
                return value;
            });
        }
        chain.back().modules.emplace_back("classifier.0");
        chain.back().forward = [this, last = chain.back().forward](const at::Tensor& input) {
            return m_headNorm(at::adaptive_avg_pool2d(last(input).value, {1, 1}).flatten(1));
        };
        chain.push_back(
            {"classifier.2", {"classifier.2"}, [this](const at::Tensor& features) { return m_head(features); }});
        return chain;
    }

    // torchvision's truncated law cuts at ±2, which is a hundred deviations away.
    Init initOf(std::string_view path, const at::Tensor& weight) const override {
        return path == info().classifier ? torchDefault(weight) : normal(0.02);
    }

private:
    std::array<Conv2d, 4> m_reductions{Conv2d(nullptr), Conv2d(nullptr), Conv2d(nullptr), Conv2d(nullptr)};
    std::array<torch::nn::LayerNorm, 4> m_norms{torch::nn::LayerNorm(nullptr), torch::nn::LayerNorm(nullptr),
                                                torch::nn::LayerNorm(nullptr), torch::nn::LayerNorm(nullptr)};
    std::array<std::vector<std::shared_ptr<ConvNeXtBlock>>, 4> m_blocks;
    torch::nn::LayerNorm m_headNorm{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeConvNeXt(const BackboneInfo& info, int classes) {
    return std::make_shared<ConvNeXt>(info, classes);
}

} // namespace engine
