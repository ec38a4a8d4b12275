#include "engine/api/optimizers.h"
#include "engine/optim/optimizer.h"

namespace engine {
namespace {

// torch.optim.AdamW, and torch.optim.Adam, whose weight decay is a part of the gradient.
class Adam final : public Optimizer {
public:
    enum class Decay { Apart, InTheGradient };
    Adam(const TrainSettings& settings, Decay decay)
        : m_decay(decay),
          m_weightDecay(settings.weightDecay),
          m_beta1(optimizerSetting(settings, "train.beta1")),
          m_beta2(optimizerSetting(settings, "train.beta2")),
          m_epsilon(optimizerSetting(settings, "train.epsilon")) {}
    void setWeightDecay(double weightDecay) override { m_weightDecay = weightDecay; }

private:
    struct Lists {
        std::vector<at::Tensor> values, gradients, averages, squares, steps;
    };

    void update(const Parameters& parameters, double learningRate) override {
        const Lists l = collect(parameters);
        if (l.values.empty())
            return;
        if (m_decay == Decay::Apart)
            at::_fused_adamw_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, learningRate, m_beta1, m_beta2,
                              m_weightDecay, m_epsilon, false, false);
        else
            at::_fused_adam_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, learningRate, m_beta1, m_beta2,
                             m_weightDecay, m_epsilon, false, false);
    }

    void update(const Parameters& parameters, const QueuedUpdate& queued) override {
        const Lists l = collect(parameters);
        if (l.values.empty())
            return;
        if (m_decay == Decay::Apart)
            at::_fused_adamw_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, queued.learningRate, m_beta1,
                              m_beta2, m_weightDecay, m_epsilon, false, false, {}, queued.skip);
        else
            at::_fused_adam_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, queued.learningRate, m_beta1,
                             m_beta2, m_weightDecay, m_epsilon, false, false, {}, queued.skip);
        at::_foreach_sub_(l.steps, at::TensorList(std::vector<at::Tensor>(l.steps.size(), queued.skip)));
    }

    // The steps count this update already.
    Lists collect(const Parameters& parameters) {
        Lists l;
        for (const auto& [name, parameter] : parameters) {
            if (!parameter.grad().defined())
                continue;
            OptimizerState& kept = state(name);
            if (!kept.step.defined()) {
                kept.step = at::zeros({}, parameter.options().dtype(at::kFloat).requires_grad(false));
                kept.tensors["exp_avg"] = at::zeros_like(parameter.detach());
                kept.tensors["exp_avg_sq"] = at::zeros_like(parameter.detach());
            }
            l.values.push_back(parameter);
            l.gradients.push_back(parameter.grad());
            l.averages.push_back(kept.tensors["exp_avg"]);
            l.squares.push_back(kept.tensors["exp_avg_sq"]);
            l.steps.push_back(kept.step);
        }
        if (!l.steps.empty())
            at::_foreach_add_(l.steps, 1);
        return l;
    }

    Decay m_decay;
    double m_weightDecay, m_beta1, m_beta2, m_epsilon;
};

} // namespace

std::unique_ptr<Optimizer> makeAdamW(const TrainSettings& settings) {
    return std::make_unique<Adam>(settings, Adam::Decay::Apart);
}

std::unique_ptr<Optimizer> makeAdam(const TrainSettings& settings) {
    return std::make_unique<Adam>(settings, Adam::Decay::InTheGradient);
}

} // namespace engine
