#include "engine/models/vision/squeezenet.h"

#include "engine/models/layers.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kSqueezeNetDropout = 0.5;

struct FireLayout {
    int number; // in torchvision's Sequential
    std::int64_t squeeze;
    std::int64_t expand;
    bool pooled; // a max pooling follows
};

struct SqueezeNetLayout {
    ConvOptions stem;
    std::vector<FireLayout> fires;
};

SqueezeNetLayout squeezeNetLayoutOf(const std::string& name) {
    if (name == "squeezenet1_0")
        return {{.in = 3, .out = 96, .kernel = 7, .stride = 2},
                {{3, 16, 64, false},
                 {4, 16, 64, false},
                 {5, 32, 128, true},
                 {7, 32, 128, false},
                 {8, 48, 192, false},
                 {9, 48, 192, false},
                 {10, 64, 256, true},
                 {12, 64, 256, false}}};
    return {{.in = 3, .out = 64, .kernel = 3, .stride = 2},
            {{3, 16, 64, false},
             {4, 16, 64, true},
             {6, 32, 128, false},
             {7, 32, 128, true},
             {9, 48, 192, false},
             {10, 48, 192, false},
             {11, 64, 256, false},
             {12, 64, 256, false}}};
}

at::Tensor pool(const at::Tensor& input) { return at::max_pool2d(input, 3, 2, 0, 1, true); }

// A 1×1 convolution that narrows, then 1×1 and 3×3 convolutions side by side.
class Fire final : public torch::nn::Module {
public:
    Fire(std::int64_t in, const FireLayout& layout)
        : torch::nn::Module("fire module"),
          m_squeeze(
              child(*this, "squeeze", Conv2d(ConvOptions{.in = in, .out = layout.squeeze}, Conv2dImpl::Bias::Learned))),
          m_expand1(child(*this, "expand1x1",
                          Conv2d(ConvOptions{.in = layout.squeeze, .out = layout.expand}, Conv2dImpl::Bias::Learned))),
          m_expand3(child(*this, "expand3x3",
                          Conv2d(ConvOptions{.in = layout.squeeze, .out = layout.expand, .kernel = 3, .padding = 1},
                                 Conv2dImpl::Bias::Learned))),
          m_pooled(layout.pooled) {}

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor narrow = m_squeeze->forwardWith(input, {.activation = Activation::Relu});
        const at::Tensor wide = at::cat({m_expand1->forwardWith(narrow, {.activation = Activation::Relu}),
                                         m_expand3->forwardWith(narrow, {.activation = Activation::Relu})},
                                        1);
        return m_pooled ? pool(wide) : wide;
    }

private:
    Conv2d m_squeeze;
    Conv2d m_expand1;
    Conv2d m_expand3;
    bool m_pooled;
};

class SqueezeNet final : public Backbone {
public:
    SqueezeNet(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const SqueezeNetLayout layout = squeezeNetLayoutOf(info.name);
        const auto features = group(*this, "features");
        m_stem = child(*features, "0", Conv2d(layout.stem, Conv2dImpl::Bias::Learned));
        std::int64_t channels = layout.stem.out;
        for (const FireLayout& fire : layout.fires) {
            m_fires.push_back(
                features->register_module(std::to_string(fire.number), std::make_shared<Fire>(channels, fire)));
            m_numbers.push_back(fire.number);
            channels = 2 * fire.expand;
        }
        m_head = child(*group(*this, "classifier"), "1",
                       Conv2d(ConvOptions{.in = channels, .out = classes}, Conv2dImpl::Bias::Learned));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        chain.push_back({"features.0", {"features.0"}, [this](const at::Tensor& pixels) {
                             return pool(m_stem->forwardWith(pixels, {.activation = Activation::Relu}));
                         }});
        for (std::size_t i = 0; i < m_fires.size(); ++i) {
            const std::string name = fmt::format("features.{}", m_numbers[i]);
            chain.push_back(
                {name, {name}, [fire = m_fires[i].get()](const at::Tensor& input) { return fire->forward(input); }});
        }
        chain.push_back({"classifier", {"classifier"}, [this](const at::Tensor& features) {
                             const at::Tensor scores = m_head->forwardDropped(
                                 features, kSqueezeNetDropout, is_training(), {.activation = Activation::Relu});
                             return at::adaptive_avg_pool2d(scores, {1, 1}).flatten(1);
                         }});
        return chain;
    }

    Init initOf(std::string_view path, const at::Tensor& weight) const override {
        return path == info().classifier ? normal(0.01) : kaimingUniformFanIn(weight);
    }

private:
    Conv2d m_stem{nullptr};
    std::vector<std::shared_ptr<Fire>> m_fires;
    std::vector<int> m_numbers;
    Conv2d m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeSqueezeNet(const BackboneInfo& info, int classes) {
    return std::make_shared<SqueezeNet>(info, classes);
}

} // namespace engine
