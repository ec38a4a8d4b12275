#include "engine/models/vision/cifarresnet.h"

#include "engine/models/layers.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

// "cifar_resnet20" has 6n + 2 layers with parameters.
int blocksPerLayer(const std::string& name) {
    constexpr std::string_view kPrefix = "cifar_resnet";
    return (std::stoi(name.substr(kPrefix.size())) - 2) / 6;
}

// Two 3×3 convolutions; where the shape changes, the shortcut takes every second pixel and fills the new channels with
// zeros.
class PlainShortcutBlock final : public torch::nn::Module {
public:
    PlainShortcutBlock(std::int64_t in, std::int64_t out, std::int64_t stride)
        : torch::nn::Module("residual block"),
          m_added(out - in),
          m_stride(stride),
          m_first(child(*this, "conv1",
                        Conv2d(ConvOptions{.in = in, .out = out, .kernel = 3, .stride = stride, .padding = 1}))),
          m_firstNorm(child(*this, "bn1", batchNorm(out))),
          m_second(child(*this, "conv2", Conv2d(ConvOptions{.in = out, .out = out, .kernel = 3, .padding = 1}))),
          m_secondNorm(child(*this, "bn2", batchNorm(out))) {}

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor value = m_first->forwardWith(input, {.norm = m_firstNorm, .activation = Activation::Relu});
        return m_second->forwardWith(value,
                                     {.norm = m_secondNorm, .added = shortcut(input), .activation = Activation::Relu});
    }

private:
    at::Tensor shortcut(const at::Tensor& input) const {
        if (m_stride == 1 && m_added == 0)
            return input;
        const at::Tensor thinned = input.slice(2, 0, INT64_MAX, m_stride).slice(3, 0, INT64_MAX, m_stride);
        return at::constant_pad_nd(thinned, {0, 0, 0, 0, m_added / 2, m_added - m_added / 2}, 0);
    }

    std::int64_t m_added;
    std::int64_t m_stride;
    Conv2d m_first;
    BatchNorm m_firstNorm;
    Conv2d m_second;
    BatchNorm m_secondNorm;
};

class CifarResNet final : public Backbone {
public:
    CifarResNet(const BackboneInfo& info, int classes)
        : Backbone(info, classes),
          m_stem(child(*this, "conv1", Conv2d(ConvOptions{.in = 3, .out = 16, .kernel = 3, .padding = 1}))),
          m_stemNorm(child(*this, "bn1", batchNorm(16))) {
        std::int64_t channels = 16;
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const auto layer = group(*this, fmt::format("layer{}", i + 1));
            const std::int64_t width = std::int64_t{16} << i;
            for (int j = 0; j < blocksPerLayer(info.name); ++j) {
                const std::int64_t stride = i > 0 && j == 0 ? 2 : 1;
                m_layers[i].push_back(layer->register_module(
                    std::to_string(j), std::make_shared<PlainShortcutBlock>(channels, width, stride)));
                channels = width;
            }
        }
        m_head = child(*this, "linear", Linear(channels, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        chain.push_back({"conv1", {"conv1", "bn1"}, [this](const at::Tensor& pixels) {
                             return m_stem->forwardWith(pixels, {.norm = m_stemNorm, .activation = Activation::Relu});
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
        chain.push_back({"linear", {"linear"}, [this](const at::Tensor& features) {
                             return m_head(at::adaptive_avg_pool2d(features, {1, 1}).flatten(1));
                         }});
        chain.back().poolsFirst = true;
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        Init init = kaimingNormalFanIn(weight);
        init.biasBound = torchDefault(weight).biasBound;
        return init;
    }

private:
    Conv2d m_stem;
    BatchNorm m_stemNorm;
    std::array<std::vector<std::shared_ptr<PlainShortcutBlock>>, 3> m_layers;
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeCifarResNet(const BackboneInfo& info, int classes) {
    return std::make_shared<CifarResNet>(info, classes);
}

} // namespace engine
