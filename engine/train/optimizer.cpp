#include "engine/train/optimizer.h"

#include "engine/api/error.h"

#include <cstring>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8; // AdamW's defaults in torch.optim

// torch.optim.AdamW.
class AdamW final : public Optimizer {
public:
    explicit AdamW(double weightDecay) : m_weightDecay(weightDecay) {}

private:
    void update(const Parameters& parameters, double learningRate) override {
        const Lists l = collect(parameters);
        if (!l.values.empty())
            at::_fused_adamw_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, learningRate, kBeta1, kBeta2,
                              m_weightDecay, kEpsilon, false, false);
    }
    void update(const Parameters& parameters, const QueuedUpdate& queued) override {
        const Lists l = collect(parameters);
        if (l.values.empty())
            return;
        at::_fused_adamw_(l.values, l.gradients, l.averages, l.squares, {}, l.steps, queued.learningRate, kBeta1,
                          kBeta2, m_weightDecay, kEpsilon, false, false, {}, queued.skip);
        at::_foreach_sub_(l.steps, at::TensorList(std::vector<at::Tensor>(l.steps.size(), queued.skip)));
    }

    struct Lists {
        std::vector<at::Tensor> values, gradients, averages, squares, steps;
    };
    // The steps count this update already.
    Lists collect(const Parameters& parameters) {
        Lists l;
        for (const auto& [name, parameter] : parameters) {
            if (!parameter.grad().defined())
                continue;
            Slot& state = slot(name);
            if (!state.step.defined()) {
                state.step = at::zeros({}, parameter.options().dtype(at::kFloat).requires_grad(false));
                state.tensors["exp_avg"] = at::zeros_like(parameter.detach());
                state.tensors["exp_avg_sq"] = at::zeros_like(parameter.detach());
            }
            l.values.push_back(parameter);
            l.gradients.push_back(parameter.grad());
            l.averages.push_back(state.tensors["exp_avg"]);
            l.squares.push_back(state.tensors["exp_avg_sq"]);
            l.steps.push_back(state.step);
        }
        if (!l.steps.empty())
            at::_foreach_add_(l.steps, 1);
        return l;
    }

    double m_weightDecay;
};

// torch.optim.SGD with momentum, without dampening or Nesterov's step.
class Sgd final : public Optimizer {
public:
    Sgd(double momentum, double weightDecay) : m_momentum(momentum), m_weightDecay(weightDecay) {}

private:
    void update(const Parameters& parameters, double learningRate) override {
        // A buffer that begins takes the gradient itself, so first and later updates are two calls.
        for (const bool first : {true, false}) {
            std::vector<at::Tensor> values, gradients, buffers;
            for (const auto& [name, parameter] : parameters) {
                if (!parameter.grad().defined())
                    continue;
                Slot& state = slot(name);
                const bool begins = state.tensors.empty();
                if (begins != first || (!first && m_updated.contains(name)))
                    continue;
                if (begins) {
                    state.tensors["momentum_buffer"] = at::zeros_like(parameter.detach());
                    m_updated.emplace(name, true);
                }
                values.push_back(parameter);
                gradients.push_back(parameter.grad());
                buffers.push_back(state.tensors["momentum_buffer"]);
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
            at::Tensor& buffer = slot(name).tensors["momentum_buffer"];
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
    std::map<std::string, bool> m_updated; // in this step already
};

DType dtypeOf(const at::Tensor& tensor) {
    if (tensor.scalar_type() == at::kFloat)
        return DType::Float32;
    throw Error(ErrorKind::Internal, "The optimizer's state is not in fp32.");
}

} // namespace

void Optimizer::setParameters(std::map<std::string, at::Tensor> parameters,
                              const std::map<std::string, double>& factors) {
    m_parameters = std::move(parameters);
    m_groups.clear();
    for (const auto& [name, parameter] : m_parameters) {
        const auto factor = factors.find(name);
        m_groups[factor == factors.end() ? 1.0 : factor->second].emplace(name, parameter);
    }
    layOutState();
}

void Optimizer::step(double learningRate) {
    const torch::NoGradGuard noGrad;
    for (const auto& [factor, parameters] : m_groups)
        update(parameters, learningRate * factor);
}

void Optimizer::step(const QueuedUpdate& queued) {
    const torch::NoGradGuard noGrad;
    for (const auto& [factor, parameters] : m_groups)
        update(parameters, {factor == 1 ? queued.learningRate : queued.learningRate * factor, queued.skip});
}

void Optimizer::zeroGradients() {
    for (auto& [name, parameter] : m_parameters)
        parameter.mutable_grad() = at::Tensor();
}

std::vector<TensorView> Optimizer::stateViews() const {
    std::vector<TensorView> views;
    auto add = [&](const std::string& name, const at::Tensor& tensor) {
        auto copy = std::make_shared<at::Tensor>(tensor.cpu().contiguous());
        views.push_back({.name = name,
                         .dtype = dtypeOf(*copy),
                         .shape = copy->sizes().vec(),
                         .data = copy->const_data_ptr(),
                         .bytes = static_cast<std::size_t>(copy->nbytes()),
                         .owner = copy});
    };
    for (const auto& [name, state] : m_slots) {
        for (const auto& [kind, tensor] : state.tensors)
            add(kind + "." + name, tensor);
        if (state.step.defined())
            add("step." + name, state.step);
    }
    return views;
}

void Optimizer::loadState(const WeightsFile& file) {
    m_slots.clear();
    for (const StoredTensor& stored : file.tensors()) {
        const std::size_t dot = stored.name.find('.');
        if (dot == std::string::npos || stored.dtype != DType::Float32)
            throw Error(ErrorKind::BadWeights, fmt::format("“{}” is no optimizer state.", stored.name),
                        "Resume from an older checkpoint or start a new run.");
        const std::string kind = stored.name.substr(0, dot);
        at::Tensor tensor = at::empty(stored.shape, at::kFloat);
        std::memcpy(tensor.mutable_data_ptr(), stored.data, static_cast<std::size_t>(tensor.nbytes()));
        Slot& state = m_slots[stored.name.substr(dot + 1)];
        if (kind == "step")
            state.step = tensor;
        else
            state.tensors[kind] = tensor;
    }
    layOutState();
}

// The fused operators want state laid out like its parameter, where it lies. What fits stays where it is: a captured
// step knows it by its address.
void Optimizer::layOutState() {
    for (const auto& [name, parameter] : m_parameters) {
        const auto found = m_slots.find(name);
        if (found == m_slots.end())
            continue;
        for (auto& [kind, tensor] : found->second.tensors)
            if (tensor.device() != parameter.device() || tensor.strides() != parameter.strides())
                tensor = at::empty_like(parameter, parameter.options().requires_grad(false)).copy_(tensor);
        if (at::Tensor& step = found->second.step; step.defined())
            step = step.to(parameter.device());
    }
}

std::uint64_t Optimizer::stateBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, state] : m_slots)
        for (const auto& [kind, tensor] : state.tensors)
            bytes += tensor.nbytes();
    return bytes;
}

std::unique_ptr<Optimizer> makeOptimizer(const TrainSettings& settings) {
    if (settings.optimizer == "adamw")
        return std::make_unique<AdamW>(settings.weightDecay);
    if (settings.optimizer == "sgd")
        return std::make_unique<Sgd>(settings.momentum, settings.weightDecay);
    throw Error(ErrorKind::BadInput, fmt::format("There is no optimizer called “{}”.", settings.optimizer),
                "Choose adamw or sgd.");
}

} // namespace engine
