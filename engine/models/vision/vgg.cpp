#include "engine/models/vision/vgg.h"

#include "engine/models/dropout.h"
#include "engine/models/layers.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kVggDropout = 0.5;
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kPooled = 7;

struct GroupLayout {
    std::int64_t channels;
    int convolutions; // then a max pooling
};

constexpr std::array kVgg16{GroupLayout{64, 2}, GroupLayout{128, 2}, GroupLayout{256, 3}, GroupLayout{512, 3},
                            GroupLayout{512, 3}};

class Vgg final : public Backbone {
public:
    Vgg(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const bool normalised = info.name.ends_with("_bn");
        const auto features = group(*this, "features");
        std::int64_t channels = 3;
        int number = 0; // in torchvision's Sequential, which counts activations and poolings
        for (const GroupLayout& layout : kVgg16) {
            for (int i = 0; i < layout.convolutions; ++i) {
                Step step;
                step.modules.push_back(fmt::format("features.{}", number));
                step.convolution =
                    child(*features, std::to_string(number++),
                          Conv2d(ConvOptions{.in = channels, .out = layout.channels, .kernel = 3, .padding = 1},
                                 Conv2dImpl::Bias::Learned));
                if (normalised) {
                    step.modules.push_back(fmt::format("features.{}", number));
                    step.norm = child(*features, std::to_string(number++), batchNorm(layout.channels));
                }
                ++number;
                step.pooled = i + 1 == layout.convolutions;
                number += step.pooled;
                channels = layout.channels;
                m_steps.push_back(std::move(step));
            }
        }
        const auto classifier = group(*this, "classifier");
        m_first = child(*classifier, "0", Linear(channels * kPooled * kPooled, kHidden));
        m_second = child(*classifier, "3", Linear(kHidden, kHidden));
        m_head = child(*classifier, "6", Linear(kHidden, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        for (Step& step : m_steps)
            chain.push_back(
                {step.modules.front(), step.modules, [&step](const at::Tensor& input) { return step.forward(input); }});
        chain.push_back({"classifier.0", {"classifier.0"}, [this](const at::Tensor& features) {
                             return activateInPlace(
                                 m_first(at::adaptive_avg_pool2d(features, {kPooled, kPooled}).flatten(1)),
                                 Activation::Relu);
                         }});
        chain.push_back({"classifier.3", {"classifier.3"}, [this](const at::Tensor& hidden) {
                             return activateInPlace(m_second(dropoutOf(hidden, kVggDropout, is_training())),
                                                    Activation::Relu);
                         }});
        chain.push_back({"classifier.6", {"classifier.6"}, [this](const at::Tensor& hidden) {
                             return m_head(dropoutOf(hidden, kVggDropout, is_training()));
                         }});
        return chain;
    }

    Init initOf(std::string_view, const at::Tensor& weight) const override {
        return weight.dim() == 4 ? kaimingNormalFanOut(weight) : normal(0.01);
    }

private:
    struct Step {
        std::vector<std::string> modules;
        Conv2d convolution{nullptr};
        BatchNorm norm{nullptr};
        bool pooled = false;

        at::Tensor forward(const at::Tensor& input) {
            const at::Tensor value = convolution->forwardWith(input, {.norm = norm, .activation = Activation::Relu});
            return pooled ? at::max_pool2d(value, 2, 2) : value;
        }
    };

    std::vector<Step> m_steps;
    Linear m_first{nullptr};
    Linear m_second{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeVgg(const BackboneInfo& info, int classes) {
    return std::make_shared<Vgg>(info, classes);
}

} // namespace engine
