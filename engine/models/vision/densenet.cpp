#include "engine/models/vision/densenet.h"

#include "engine/models/layers.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::int64_t kGrowth = 32;
constexpr std::int64_t kBottleneck = 4 * kGrowth;
constexpr std::int64_t kDenseNetStemChannels = 64;
constexpr std::array<int, 4> kDenseNet121{6, 12, 24, 16};

// Reads all that was made before and adds a few channels.
class DenseLayer final : public torch::nn::Module {
public:
    explicit DenseLayer(std::int64_t in)
        : torch::nn::Module("dense layer"),
          m_norm1(child(*this, "norm1", batchNorm(in))),
          m_conv1(child(*this, "conv1", Conv2d(ConvOptions{.in = in, .out = kBottleneck}))),
          m_norm2(child(*this, "norm2", batchNorm(kBottleneck))),
          m_conv2(child(*this, "conv2",
                        Conv2d(ConvOptions{.in = kBottleneck, .out = kGrowth, .kernel = 3, .padding = 1}))) {}

    at::Tensor forward(const std::vector<at::Tensor>& earlier) {
        const at::Tensor narrow =
            m_conv1->forwardWith(finished(at::cat(earlier, 1), {.norm = m_norm1, .activation = Activation::Relu}),
                                 {.norm = m_norm2, .activation = Activation::Relu});
        return m_conv2(narrow);
    }

private:
    BatchNorm m_norm1;
    Conv2d m_conv1;
    BatchNorm m_norm2;
    Conv2d m_conv2;
};

class DenseBlock final : public torch::nn::Module {
public:
    DenseBlock(std::int64_t in, int layers) : torch::nn::Module(fmt::format("{} dense layers", layers)) {
        for (int i = 0; i < layers; ++i)
            m_layers.push_back(
                register_module(fmt::format("denselayer{}", i + 1), std::make_shared<DenseLayer>(in + i * kGrowth)));
    }

    at::Tensor forward(const at::Tensor& input) {
        std::vector<at::Tensor> made{input};
        for (const auto& layer : m_layers)
            made.push_back(layer->forward(made));
        return at::cat(made, 1);
    }

private:
    std::vector<std::shared_ptr<DenseLayer>> m_layers;
};

// Halves channels and sides.
class Transition final : public torch::nn::Module {
public:
    explicit Transition(std::int64_t in)
        : torch::nn::Module("transition"),
          m_norm(child(*this, "norm", batchNorm(in))),
          m_convolution(child(*this, "conv", Conv2d(ConvOptions{.in = in, .out = in / 2}))) {}

    at::Tensor forward(const at::Tensor& input) {
        return at::avg_pool2d(m_convolution(finished(input, {.norm = m_norm, .activation = Activation::Relu})), 2, 2);
    }

private:
    BatchNorm m_norm;
    Conv2d m_convolution;
};

class DenseNet final : public Backbone {
public:
    DenseNet(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const auto features = group(*this, "features");
        m_stem =
            child(*features, "conv0",
                  Conv2d(ConvOptions{.in = 3, .out = kDenseNetStemChannels, .kernel = 7, .stride = 2, .padding = 3}));
        m_stemNorm = child(*features, "norm0", batchNorm(kDenseNetStemChannels));
        std::int64_t channels = kDenseNetStemChannels;
        for (std::size_t i = 0; i < kDenseNet121.size(); ++i) {
            m_blocks.push_back(features->register_module(fmt::format("denseblock{}", i + 1),
                                                         std::make_shared<DenseBlock>(channels, kDenseNet121[i])));
            channels += kDenseNet121[i] * kGrowth;
            if (i + 1 == kDenseNet121.size())
                break;
            m_transitions.push_back(
                features->register_module(fmt::format("transition{}", i + 1), std::make_shared<Transition>(channels)));
            channels /= 2;
        }
        m_lastNorm = child(*features, "norm5", batchNorm(channels));
        m_head = child(*this, "classifier", Linear(channels, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        const auto add = [&chain](const std::string& name, auto forward) { chain.push_back({name, {name}, forward}); };
        chain.push_back({"features.conv0", {"features.conv0", "features.norm0"}, [this](const at::Tensor& pixels) {
                             return at::max_pool2d(
                                 m_stem->forwardWith(pixels, {.norm = m_stemNorm, .activation = Activation::Relu}), 3,
                                 2, 1);
                         }});
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            add(fmt::format("features.denseblock{}", i + 1),
                [block = m_blocks[i].get()](const at::Tensor& input) { return block->forward(input); });
            if (i < m_transitions.size())
                add(fmt::format("features.transition{}", i + 1),
                    [transition = m_transitions[i].get()](const at::Tensor& input) {
                        return transition->forward(input);
                    });
        }
        add("features.norm5", [this](const at::Tensor& input) {
            return finished(input, {.norm = m_lastNorm, .activation = Activation::Relu});
        });
        add("classifier", [this](const at::Tensor& features) {
            return m_head(at::adaptive_avg_pool2d(features, {1, 1}).flatten(1));
        });
        chain.back().poolsFirst = true;
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        Init init = weight.dim() == 4 ? kaimingNormalFanIn(weight) : torchDefault(weight);
        init.biasBound = 0;
        return init;
    }

private:
    Conv2d m_stem{nullptr};
    BatchNorm m_stemNorm{nullptr};
    std::vector<std::shared_ptr<DenseBlock>> m_blocks;
    std::vector<std::shared_ptr<Transition>> m_transitions;
    BatchNorm m_lastNorm{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeDenseNet(const BackboneInfo& info, int classes) {
    return std::make_shared<DenseNet>(info, classes);
}

} // namespace engine
