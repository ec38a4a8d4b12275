#include "engine/optim/optimizer.h"

#include "engine/api/error.h"
#include "engine/api/optimizers.h"

#include <array>
#include <cstring>
#include <fmt/format.h>

namespace engine {
namespace {

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

std::vector<TensorView> stateViews(const OptimizerStates& states) {
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
    for (const auto& [name, state] : states) {
        for (const auto& [kind, tensor] : state.tensors)
            add(kind + "." + name, tensor);
        if (state.step.defined())
            add("step." + name, state.step);
    }
    return views;
}

OptimizerStates statesIn(const WeightsFile& file) {
    OptimizerStates states;
    for (const StoredTensor& stored : file.tensors()) {
        const std::size_t dot = stored.name.find('.');
        if (dot == std::string::npos || stored.dtype != DType::Float32)
            throw Error(ErrorKind::BadWeights, fmt::format("“{}” is no optimizer state.", stored.name),
                        "Resume from an older checkpoint or start a new run.");
        const std::string kind = stored.name.substr(0, dot);
        at::Tensor tensor = at::empty(stored.shape, at::kFloat);
        std::memcpy(tensor.mutable_data_ptr(), stored.data, static_cast<std::size_t>(tensor.nbytes()));
        OptimizerState& state = states[stored.name.substr(dot + 1)];
        if (kind == "step")
            state.step = tensor;
        else
            state.tensors[kind] = tensor;
    }
    return states;
}

void Optimizer::setStates(OptimizerStates states) {
    m_states = std::move(states);
    layOutState();
}

// The fused operators want state laid out like its parameter, where it lies. What fits stays where it is: a captured
// step knows it by its address.
void Optimizer::layOutState() {
    for (const auto& [name, parameter] : m_parameters) {
        const auto found = m_states.find(name);
        if (found == m_states.end())
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
    for (const auto& [name, state] : m_states)
        for (const auto& [kind, tensor] : state.tensors)
            bytes += tensor.nbytes();
    return bytes;
}

namespace {

struct Maker {
    std::string_view name; // OptimizerInfo::choice
    std::unique_ptr<Optimizer> (*make)(const TrainSettings&);
};

constexpr std::array kMakers{Maker{"adamw", makeAdamW}, Maker{"adam", makeAdam}, Maker{"sgd", makeSgd}};

} // namespace

std::unique_ptr<Optimizer> makeOptimizer(const TrainSettings& settings) {
    const std::string& name = findOptimizer(settings.optimizer).choice.name;
    for (const Maker& maker : kMakers)
        if (maker.name == name)
            return maker.make(settings);
    throw Error(ErrorKind::Internal, fmt::format("No code makes the optimizer {}.", name));
}

} // namespace engine
