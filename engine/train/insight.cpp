#include "engine/train/insight.h"

#include <cmath>

namespace engine {
namespace {

at::Tensor normOf(const std::vector<at::Tensor>& tensors) { return at::stack(at::_foreach_norm(tensors)).norm(); }

at::Tensor distance(const std::vector<at::Tensor>& from, const std::vector<at::Tensor>& to) {
    return normOf(at::_foreach_sub(to, from));
}

} // namespace

Insight::Insight(Backbone& backbone, const FreezePlan& plan, std::int64_t every)
    : m_backbone(backbone), m_every(every), m_names(layoutOf(backbone).stages) {
    for (const auto& item : backbone.named_parameters())
        for (const FreezePlan::Phase& phase : plan.phases())
            if (phase.trained.contains(item.key()))
                m_begun.try_emplace(item.key(), item.value().detach().clone());
}

void Insight::enterPhase(const FreezePlan::Phase& phase) {
    m_stages.clear();
    const auto parameters = m_backbone.named_parameters();
    for (const auto& names : m_names) {
        StageTensors stage{.name = names.name};
        for (const auto& item : parameters)
            if (phase.trained.contains(item.key()) && insideStage(item.key(), names)) {
                // A plan that was changed on the way may thaw what no phase did before.
                const auto begun = m_begun.try_emplace(item.key(), at::Tensor()).first;
                if (!begun->second.defined())
                    begun->second = item.value().detach().clone();
                stage.parameters.push_back(item.value());
                stage.begun.push_back(begun->second);
            }
        if (!stage.parameters.empty())
            m_stages.push_back(std::move(stage));
    }
}

void Insight::beforeUpdate() {
    const torch::NoGradGuard noGrad;
    for (StageTensors& stage : m_stages) {
        std::vector<at::Tensor> gradients;
        for (const at::Tensor& parameter : stage.parameters)
            if (parameter.grad().defined())
                gradients.push_back(parameter.grad());
        stage.gradient = gradients.empty() ? at::zeros({}, stage.parameters.front().options().requires_grad(false))
                                           : normOf(gradients);
        stage.before = at::_foreach_mul(stage.parameters, 1.0);
    }
}

std::map<std::string, double> Insight::afterUpdate() {
    const torch::NoGradGuard noGrad;
    std::vector<at::Tensor> values;
    for (StageTensors& stage : m_stages) {
        values.push_back(stage.gradient);
        values.push_back(distance(stage.before, stage.parameters));
        values.push_back(normOf(stage.before));
        values.push_back(distance(stage.begun, stage.parameters));
        values.push_back(normOf(stage.begun));
        stage.before.clear();
    }
    if (values.empty())
        return {};
    const at::Tensor all = at::stack(values).to(at::kCPU, at::kFloat); // the only readback
    const auto number = [&](std::size_t i) { return double(all.const_data_ptr<float>()[i]); };
    const auto over = [](double part, double whole) { return whole > 0 ? part / whole : part; };
    std::map<std::string, double> result;
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        const std::string series = "insight/" + m_stages[i].name + "/";
        result[series + "gradient_norm"] = number(5 * i);
        result[series + "update_ratio"] = over(number(5 * i + 1), number(5 * i + 2));
        result[series + "distance"] = over(number(5 * i + 3), number(5 * i + 4));
    }
    return result;
}

} // namespace engine
