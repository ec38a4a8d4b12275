#include "engine/ops/syncbatchnorm.h"

#include "engine/ops/perchannel.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <utility>

namespace engine::ops {
namespace {

using torch::autograd::variable_list;

thread_local const SumOverRanks* t_sum = nullptr;

// Of all ranks.
struct Moments {
    at::Tensor mean, variance; // float32 [C]; the variance is the biased one
    at::Tensor count;          // float64 []: values a channel
};

Moments momentsOf(const at::Tensor& values, const SumOverRanks& sum) {
    const std::int64_t channels = values.size(1);
    const double count = static_cast<double>(values.numel()) / static_cast<double>(channels);
    at::Tensor sums = at::zeros({2 * channels + 1}, values.options().dtype(at::kDouble));
    if (values.numel() > 0) {
        const auto [variance, mean] = at::var_mean(values, kAllButChannels, 0);
        const at::Tensor exact = mean.to(at::kDouble);
        sums.narrow(0, 0, channels).copy_(exact * count);
        sums.narrow(0, channels, channels).copy_((variance.to(at::kDouble) + exact * exact) * count);
        sums.narrow(0, 2 * channels, 1).fill_(count);
    }
    sum(sums);
    const at::Tensor all = sums[2 * channels].clamp_min(1);
    const at::Tensor mean = sums.narrow(0, 0, channels) / all;
    const at::Tensor variance = (sums.narrow(0, channels, channels) / all - mean * mean).clamp_min(0);
    return {mean.to(at::kFloat), variance.to(at::kFloat), all};
}

class SyncBatchNorm final : public torch::autograd::Function<SyncBatchNorm> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                              const at::Tensor& weight, const at::Tensor& bias, const BatchNormState& state,
                              const SumOverRanks& sum) {
        const at::AutoDispatchBelowADInplaceOrView below;
        const at::Tensor values = input.to(at::kFloat);
        const Moments all = momentsOf(values, sum);
        const at::Tensor unbiased = (all.count / (all.count - 1).clamp_min(1)).to(at::kFloat);
        state.runningMean.mul_(1 - state.momentum).add_(all.mean, state.momentum);
        state.runningVar.mul_(1 - state.momentum).add_(all.variance * unbiased, state.momentum);
        state.batches.add_(1);
        const at::Tensor inverse = all.variance.add(state.epsilon).rsqrt();
        context->save_for_backward({input, weight, all.mean, inverse, all.count});
        context->saved_data["sum"] = reinterpret_cast<std::int64_t>(&sum); // it outlives the gradients
        return ((values - perChannel(all.mean)) * perChannel(inverse * weight) + perChannel(bias))
            .to(input.scalar_type(), false, false, input.suggest_memory_format());
    }

    static variable_list backward(torch::autograd::AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor &input = saved[0], &weight = saved[1], &mean = saved[2], &inverse = saved[3];
        const at::Tensor grad = gradients[0].to(at::kFloat);
        const at::Tensor normalized = (input.to(at::kFloat) - perChannel(mean)) * perChannel(inverse);
        const at::Tensor ofBias = grad.sum(kAllButChannels), ofWeight = (grad * normalized).sum(kAllButChannels);
        at::Tensor sums = at::stack({ofBias, ofWeight}).to(at::kDouble);
        (*reinterpret_cast<const SumOverRanks*>(context->saved_data["sum"].toInt()))(sums);
        sums = (sums / saved[4]).to(at::kFloat);
        const at::Tensor ofInput =
            ((grad - perChannel(sums[0]) - normalized * perChannel(sums[1])) * perChannel(inverse * weight))
                .to(input.scalar_type(), false, false, input.suggest_memory_format());
        return {ofInput, ofWeight, ofBias, {}, {}};
    }
};

} // namespace

BatchNormOfAll::BatchNormOfAll(SumOverRanks sum) : m_sum(std::move(sum)), m_outer(t_sum) {
    t_sum = m_sum ? &m_sum : nullptr;
}

BatchNormOfAll::~BatchNormOfAll() { t_sum = m_outer; }

bool BatchNormOfAll::applies() { return t_sum != nullptr; }

at::Tensor syncBatchNorm(const at::Tensor& input, const BatchNormState& state) {
    TORCH_CHECK(t_sum != nullptr, "sync_batch_norm needs the ranks whose samples it counts");
    TORCH_CHECK(input.dim() == 4, "sync_batch_norm takes an input [N, C, H, W]");
    return SyncBatchNorm::apply(input, state.weight, state.bias, state, *t_sum);
}

} // namespace engine::ops
