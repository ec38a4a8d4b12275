#include "engine/train/shardedoptimizer.h"

#include <set>
#include <sstream>

namespace engine {
namespace {

using Names = std::map<const at::TensorImpl*, std::string>;

Names namesOf(const NamedParameters& parameters) {
    Names names;
    for (const auto& [name, parameter] : parameters)
        names.emplace(parameter.unsafeGetTensorImpl(), name);
    return names;
}

// Kinds of state that any rank has: one that has no share of anything knows none.
std::set<std::string> kindsOf(const OptimizerStates& states, ProcessGroup& group) {
    std::set<std::string> own, all;
    for (const auto& [name, state] : states)
        for (const auto& [kind, tensor] : state.tensors)
            own.insert(kind);
    std::string line;
    for (const std::string& kind : own)
        line += kind + '\n';
    for (const std::string& text : gatherTexts(group, line)) {
        std::istringstream lines(text);
        for (std::string kind; std::getline(lines, kind);)
            all.insert(kind);
    }
    return all;
}

// Updates of each parameter; a negative number where it has had none.
std::map<std::string, float> stepsOf(const OptimizerStates& states, const NamedParameters& parameters,
                                     ProcessGroup& group) {
    at::Tensor mine = at::full({1, static_cast<std::int64_t>(parameters.size())}, -1.0, at::kFloat);
    std::int64_t i = 0;
    for (const auto& [name, parameter] : parameters) {
        const auto state = states.find(name);
        if (state != states.end() && state->second.step.defined())
            mine[0][i] = state->second.step.cpu();
        ++i;
    }
    const at::Tensor most = group.allGather(mine).amax(0);
    std::map<std::string, float> steps;
    i = 0;
    for (const auto& [name, parameter] : parameters)
        steps[name] = most[i++].item<float>();
    return steps;
}

} // namespace

OptimizerStates wholeStates(const Optimizer& optimizer, const GradientSync& sync, ProcessGroup& group,
                            const NamedParameters& parameters) {
    const OptimizerStates& own = optimizer.states();
    OptimizerStates whole;
    for (const auto& [name, state] : own)
        if (!parameters.contains(name))
            whole.emplace(name, state); // frozen by now, and never cut
    const Names names = namesOf(parameters);
    const auto steps = stepsOf(own, parameters, group);
    const bool counts = std::ranges::any_of(steps, [](const auto& step) { return step.second >= 0; });
    for (const std::string& kind : kindsOf(own, group))
        sync.gather(
            [&](const GradientSync::Share& share) -> at::Tensor {
                const auto state = own.find(names.at(share.parameter.unsafeGetTensorImpl()));
                if (state == own.end())
                    return {};
                const auto tensor = state->second.tensors.find(kind);
                return tensor == state->second.tensors.end() ? at::Tensor() : tensor->second;
            },
            [&](const at::Tensor& parameter, const at::Tensor& values) {
                const std::string& name = names.at(parameter.unsafeGetTensorImpl());
                if (!counts || steps.at(name) >= 0)
                    whole[name].tensors[kind] = values.to(at::kCPU, values.scalar_type(), false, true);
            });
    for (const auto& [name, step] : steps)
        if (step >= 0)
            whole[name].step = at::scalar_tensor(step, at::kFloat);
    return whole;
}

void shareOut(Optimizer& optimizer, const GradientSync& sync, const NamedParameters& parameters,
              const std::map<std::string, double>& factors, OptimizerStates whole) {
    const torch::NoGradGuard noGrad;
    const Names names = namesOf(parameters);
    NamedParameters shares;
    OptimizerStates states;
    for (const GradientSync::Share& share : sync.shares()) {
        const std::string& name = names.at(share.parameter.unsafeGetTensorImpl());
        shares.emplace(name, share.values);
        const auto known = whole.find(name);
        if (known == whole.end())
            continue;
        OptimizerState& state = states[name];
        state.step = known->second.step;
        for (const auto& [kind, tensor] : known->second.tensors) {
            const at::Tensor laidOut = at::empty_like(share.parameter, share.parameter.options().requires_grad(false));
            laidOut.copy_(tensor);
            state.tensors[kind] =
                laidOut.as_strided({share.values.numel()}, {1}, laidOut.storage_offset() + share.first).clone();
        }
    }
    for (auto& [name, state] : whole)
        if (!parameters.contains(name))
            states.emplace(name, std::move(state));
    optimizer.setStates({}); // what is there has the shape of other shares
    optimizer.setParameters(std::move(shares), factors);
    optimizer.setStates(std::move(states));
}

} // namespace engine
