#include "engine/models/vision/resnet.h"

#include "engine/api/error.h"
#include "engine/models/layers.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

enum class BlockKind { Basic, Bottleneck };

struct ResNetLayout {
    std::string_view name;
    BlockKind block;
    std::array<int, 4> depths;
    std::int64_t groups = 1;
    std::int64_t groupWidth = 64; // channels of a bottleneck's middle per group, in the first layer
};

constexpr std::array kResNetLayouts{
    ResNetLayout{"resnet18", BlockKind::Basic, {2, 2, 2, 2}},
    ResNetLayout{"resnet34", BlockKind::Basic, {3, 4, 6, 3}},
    ResNetLayout{"resnet50", BlockKind::Bottleneck, {3, 4, 6, 3}},
    ResNetLayout{"resnet101", BlockKind::Bottleneck, {3, 4, 23, 3}},
    ResNetLayout{"resnet152", BlockKind::Bottleneck, {3, 8, 36, 3}},
    ResNetLayout{"resnext50_32x4d", BlockKind::Bottleneck, {3, 4, 6, 3}, 32, 4},
    ResNetLayout{"wide_resnet50_2", BlockKind::Bottleneck, {3, 4, 6, 3}, 1, 128},
    ResNetLayout{"wide_resnet101_2", BlockKind::Bottleneck, {3, 4, 23, 3}, 1, 128},
};

const ResNetLayout& resNetLayoutOf(std::string_view name) {
    for (const ResNetLayout& layout : kResNetLayouts) {
        if (layout.name == name)
            return layout;
    }
    throw Error(ErrorKind::Internal, fmt::format("The layout of {} is not known.", name));
}

// Two 3×3 convolutions, or 1×1, 3×3, 1×1 around a narrow middle; a projection where the shape changes.
class ResidualBlock final : public torch::nn::Module {
public:
    ResidualBlock(const ResNetLayout& layout, std::int64_t in, std::int64_t width, std::int64_t stride)
        : torch::nn::Module(layout.block == BlockKind::Basic ? "residual block" : "bottleneck") {
        const std::int64_t out = layout.block == BlockKind::Basic ? width : 4 * width;
        if (layout.block == BlockKind::Basic) {
            add({.in = in, .out = width, .kernel = 3, .stride = stride, .padding = 1});
            add({.in = width, .out = width, .kernel = 3, .padding = 1});
        } else {
            const std::int64_t middle = width * layout.groupWidth / 64 * layout.groups;
            add({.in = in, .out = middle});
            add({.in = middle, .out = middle, .kernel = 3, .stride = stride, .padding = 1, .groups = layout.groups});
            add({.in = middle, .out = out});
        }
        if (stride != 1 || in != out) {
            const auto downsample = group(*this, "downsample");
            m_projection = child(*downsample, "0", Conv2d(ConvOptions{.in = in, .out = out, .stride = stride}));
            m_projectionNorm = child(*downsample, "1", batchNorm(out));
        }
    }

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor shortcut = m_projection ? m_projection->forwardWith(input, {.norm = m_projectionNorm}) : input;
        at::Tensor value = input;
        for (std::size_t i = 0; i < m_convolutions.size(); ++i) {
            Tail tail{.norm = m_norms[i], .activation = Activation::Relu};
            if (i + 1 == m_convolutions.size())
                tail.added = shortcut;
            value = m_convolutions[i]->forwardWith(value, tail);
        }
        return value;
    }

private:
    void add(const ConvOptions& options) {
        const std::size_t number = m_convolutions.size() + 1;
        m_convolutions.push_back(child(*this, fmt::format("conv{}", number), Conv2d(options)));
        m_norms.push_back(child(*this, fmt::format("bn{}", number), batchNorm(options.out)));
    }

    std::vector<Conv2d> m_convolutions;
    std::vector<BatchNorm> m_norms;
    Conv2d m_projection{nullptr};
    BatchNorm m_projectionNorm{nullptr};
};

class ResNet final : public Backbone {
public:
    ResNet(const BackboneInfo& info, int classes)
        : Backbone(info, classes),
          m_stem(
              child(*this, "conv1", Conv2d(ConvOptions{.in = 3, .out = 64, .kernel = 7, .stride = 2, .padding = 3}))),
          m_stemNorm(child(*this, "bn1", batchNorm(64))) {
        const ResNetLayout& layout = resNetLayoutOf(info.name);
        std::int64_t channels = 64;
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const auto layer = group(*this, fmt::format("layer{}", i + 1));
            const std::int64_t width = std::int64_t{64} << i;
            for (int j = 0; j < layout.depths[i]; ++j) {
                const std::int64_t stride = i > 0 && j == 0 ? 2 : 1;
                m_layers[i].push_back(layer->register_module(
                    std::to_string(j), std::make_shared<ResidualBlock>(layout, channels, width, stride)));
                channels = layout.block == BlockKind::Basic ? width : 4 * width;
            }
        }
        m_head = child(*this, "fc", Linear(channels, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        chain.push_back({"conv1", {"conv1", "bn1"}, [this](const at::Tensor& pixels) {
                             return at::max_pool2d(
                                 m_stem->forwardWith(pixels, {.norm = m_stemNorm, .activation = Activation::Relu}), 3,
                                 2, 1);
                         }});
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const std::string name = fmt::format("layer{}", i + 1);
            chain.push_back({name, {name}, [this, i](const at::Tensor& input) {
                                 at::Tensor value = input;
                                 for (const auto& block : m_layers[i])
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

private:
    Conv2d m_stem;
    BatchNorm m_stemNorm;
    std::array<std::vector<std::shared_ptr<ResidualBlock>>, 4> m_layers;
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeResNet(const BackboneInfo& info, int classes) {
    return std::make_shared<ResNet>(info, classes);
}

} // namespace engine
