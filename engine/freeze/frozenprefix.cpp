#include "engine/freeze/frozenprefix.h"

#include "engine/base/hash.h"
#include "engine/models/layers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace engine {
namespace {

bool inside(std::string_view name, const Stage& stage) {
    return std::ranges::any_of(stage.modules, [name](const std::string& module) {
        return name.starts_with(module) && (name.size() == module.size() || name[module.size()] == '.');
    });
}

// With zeros behind, up to `batch`.
at::Tensor filledUp(const at::Tensor& input, std::int64_t batch) {
    std::vector<std::int64_t> sizes = input.sizes().vec();
    const std::int64_t count = std::exchange(sizes.front(), batch);
    const at::Tensor result = at::empty(sizes, input.options(), input.suggest_memory_format());
    result.narrow(0, 0, count).copy_(input);
    result.narrow(0, count, batch - count).zero_();
    return result;
}

// The copy's tensors become the backbone's own: nothing is held twice.
void share(Backbone& from, Backbone& to) {
    const torch::NoGradGuard noGrad;
    const auto parameters = from.named_parameters();
    for (auto& item : to.named_parameters()) {
        if (const at::Tensor* original = parameters.find(item.key()))
            item.value().set_data(original->detach());
        item.value().requires_grad_(false);
    }
    const auto buffers = from.named_buffers();
    for (auto& item : to.named_buffers())
        if (const at::Tensor* original = buffers.find(item.key()))
            item.value().set_data(*original);
}

} // namespace

FrozenPrefix::FrozenPrefix(Backbone& backbone, std::size_t stages, at::ScalarType type)
    : m_copy(buildLike(backbone)), m_type(type) {
    share(backbone, *m_copy);
    m_copy->eval();
    for (const auto& module : m_copy->modules(false)) {
        if (auto* convolution = module->as<Conv2dImpl>()) {
            convolution->fold(type);
        } else if (auto* linear = module->as<LinearImpl>(); linear != nullptr && type != at::kFloat) {
            linear->weight = linear->weight.detach().to(type);
            if (linear->bias.defined())
                linear->bias = linear->bias.detach().to(type);
        }
    }
    m_stages = m_copy->stages();
    m_stages.resize(std::min(stages, m_stages.size()));
}

bool FrozenPrefix::possible(Backbone& backbone, std::size_t stages) {
    const auto built = buildBackbone(backbone.info(), backbone.classes());
    const auto names = built->named_parameters();
    std::vector<Stage> chain = backbone.stages();
    chain.resize(std::min(stages, chain.size()));
    for (const auto& item : backbone.named_parameters())
        if (!names.contains(item.key()) &&
            std::ranges::any_of(chain, [&](const Stage& stage) { return inside(item.key(), stage); }))
            return false;
    return true;
}

Signal FrozenPrefix::forward(const Signal& input, std::size_t first) const {
    const torch::NoGradGuard noGrad;
    Signal signal = input;
    const std::int64_t count = input.value.size(0);
    if (!input.value.is_cpu() && first < m_stages.size()) {
        m_fullBatch.resize(m_stages.size());
        std::int64_t& full = m_fullBatch[first];
        if (count < full)
            signal = input.with([full](const at::Tensor& tensor) { return filledUp(tensor, full); });
        else
            full = count;
    }
    for (; first < m_stages.size(); ++first)
        signal = m_stages[first].forward(signal);
    return signal.with([count](const at::Tensor& tensor) { return tensor.narrow(0, 0, count); });
}

at::Device FrozenPrefix::device() const { return m_copy->parameters().front().device(); }

std::uint64_t weightsHash(Backbone& backbone, std::size_t stages) {
    std::vector<Stage> chain = backbone.stages();
    chain.resize(std::min(stages, chain.size()));
    const Numerics& numerics = backbone.numerics();
    const std::array<double, 3> how{numerics.normEpsilon, numerics.lastNormEpsilon,
                                    numerics.padding ? 1.0 + static_cast<int>(*numerics.padding) : 0.0};
    std::uint64_t hash = numerics == Numerics() ? 0 : hashBytes(how.data(), sizeof how, 0);
    const auto add = [&](const std::string& name, const at::Tensor& tensor) {
        if (std::ranges::none_of(chain, [&](const Stage& stage) { return inside(name, stage); }))
            return;
        const at::Tensor bytes = tensor.detach().cpu().contiguous();
        hash = hashBytes(bytes.const_data_ptr(), bytes.nbytes(), hashText(name, hash));
    };
    for (const auto& item : backbone.named_parameters())
        add(item.key(), item.value());
    for (const auto& item : backbone.named_buffers())
        add(item.key(), item.value());
    return hash;
}

} // namespace engine
