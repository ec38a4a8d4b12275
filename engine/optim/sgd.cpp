#include "engine/optim/optimizer.h"

#include <set>

namespace engine {
namespace {

// torch.optim.SGD with momentum, without dampening or Nesterov's step.
class Sgd final : public Optimizer {
public:
    Sgd(double momentum, double weightDecay) : m_momentum(momentum), m_weightDecay(weightDecay) {}
    void setWeightDecay(double weightDecay) override { m_weightDecay = weightDecay; }

private:
    void update(const Parameters& parameters, double learningRate) override {
        // A buffer that begins takes the gradient itself, so first and later updates are two calls.
        for (const bool first : {true, false}) {
            std::vector<at::Tensor> values, gradients, buffers;
            for (const auto& [name, parameter] : parameters) {
                if (!parameter.grad().defined())
                    continue;
                OptimizerState& kept = state(name);
                const bool begins = kept.tensors.empty();
                if (begins != first || (!first && m_updated.contains(name)))
                    continue;
                if (begins) {
                    kept.tensors["momentum_buffer"] = at::zeros_like(parameter.detach());
                    m_updated.insert(name);
                }
                values.push_back(parameter);
                gradients.push_back(parameter.grad());
                buffers.push_back(kept.tensors["momentum_buffer"]);
            }
            if (!values.empty())
                at::_fused_sgd_(values, gradients, wanted(buffers), m_weightDecay, m_momentum, learningRate, 0.0, false,
                                false, first);
        }
        m_updated.clear();
    }
    // A buffer that begins is zero, and momentum × 0 + gradient is the gradient: one call does for all.
    void update(const Parameters& parameters, const QueuedUpdate& queued) override {
        std::vector<at::Tensor> values, gradients, buffers;
        for (const auto& [name, parameter] : parameters) {
            if (!parameter.grad().defined())
                continue;
            at::Tensor& buffer = state(name).tensors["momentum_buffer"];
            if (!buffer.defined())
                buffer = at::zeros_like(parameter.detach());
            values.push_back(parameter);
            gradients.push_back(parameter.grad());
            buffers.push_back(buffer);
        }
        if (!values.empty())
            at::_fused_sgd_(values, gradients, wanted(buffers), m_weightDecay, m_momentum, queued.learningRate, 0.0,
                            false, false, false, {}, queued.skip);
    }

    // Without momentum the operator takes no buffers.
    [[nodiscard]] std::vector<at::Tensor> wanted(std::vector<at::Tensor> buffers) const {
        return m_momentum > 0 ? std::move(buffers) : std::vector<at::Tensor>();
    }

    double m_momentum;
    double m_weightDecay;
    std::set<std::string> m_updated; // in this step already
};

} // namespace

std::unique_ptr<Optimizer> makeSgd(const TrainSettings& settings) {
    return std::make_unique<Sgd>(settings.momentum, settings.weightDecay);
}

} // namespace engine
