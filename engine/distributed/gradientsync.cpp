#include "engine/distributed/gradientsync.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <utility>

namespace engine {

// Called behind the accumulation of one parameter's gradient, on the thread that computes it.
struct GradientSync::Hook {
    Hook(const at::Tensor& parameter, std::function<void()> call)
        : accumulator(torch::autograd::impl::grad_accumulator(parameter)) {
        using torch::autograd::variable_list;
        key = accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
            [call = std::move(call)](const variable_list& outputs, const variable_list&) {
                call();
                return outputs;
            }));
    }
    ~Hook() { accumulator->del_post_hook(key); }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

    std::shared_ptr<torch::autograd::Node> accumulator; // else it would go with the graph, and the hook with it
    std::uintptr_t key = 0;
};

GradientSync::GradientSync(ProcessGroup& group, std::span<const at::Tensor> parameters, std::int64_t bucketBytes)
    : m_group(group) {
    std::vector<at::Tensor> collected;
    std::int64_t bytes = 0, most = std::min(kFirstBucketBytes, bucketBytes);
    for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter) {
        if (!parameter->requires_grad())
            continue;
        const auto size = static_cast<std::int64_t>(parameter->nbytes());
        const bool fits = collected.empty() || (bytes + size <= most && collected[0].dtype() == parameter->dtype() &&
                                                collected[0].device() == parameter->device());
        if (!fits) {
            addBucket(std::exchange(collected, {}));
            bytes = 0;
            most = bucketBytes;
        }
        collected.push_back(*parameter);
        bytes += size;
    }
    if (!collected.empty())
        addBucket(std::move(collected));
}

GradientSync::~GradientSync() = default;

void GradientSync::addBucket(std::vector<at::Tensor> parameters) {
    std::int64_t elements = 0;
    for (const at::Tensor& parameter : parameters)
        elements += parameter.numel();
    Bucket bucket{.flat = at::zeros({elements}, parameters.front().options().requires_grad(false)),
                  .parameters = std::move(parameters)};
    std::int64_t begin = 0;
    for (const at::Tensor& parameter : bucket.parameters) {
        // Laid out like its parameter, so that backward adds in place and the fused optimizers take it.
        bucket.views.push_back(bucket.flat.as_strided(parameter.sizes(), parameter.strides(), begin));
        begin += parameter.numel();
        m_hooks.push_back(std::make_unique<Hook>(parameter, [this, i = m_buckets.size()] { arrived(i); }));
    }
    m_buckets.push_back(std::move(bucket));
}

void GradientSync::begin() {
    m_last = false;
    m_sent = 0;
    for (Bucket& bucket : m_buckets) {
        bucket.ready = 0;
        for (at::Tensor& parameter : bucket.parameters)
            parameter.mutable_grad() = at::Tensor();
    }
}

void GradientSync::lastBackward() { m_last = true; }

void GradientSync::arrived(std::size_t bucket) {
    if (!m_last)
        return;
    ++m_buckets[bucket].ready;
    sendReady();
}

void GradientSync::sendReady() {
    while (m_sent < m_buckets.size() && m_buckets[m_sent].ready == m_buckets[m_sent].parameters.size()) {
        Bucket& bucket = m_buckets[m_sent++];
        fill(bucket);
        bucket.pending = m_group.startAllReduce(bucket.flat);
    }
}

// One copy for all of it: gradients that backward added to views would be as many small pieces of work as there are
// parameters.
void GradientSync::fill(Bucket& bucket) {
    const torch::NoGradGuard noGrad;
    std::vector<at::Tensor> gradients, places;
    for (std::size_t i = 0; i < bucket.views.size(); ++i) {
        const at::Tensor& gradient = bucket.parameters[i].grad();
        if (!gradient.defined()) {
            bucket.views[i].zero_();
            continue;
        }
        gradients.push_back(gradient);
        places.push_back(bucket.views[i]);
    }
    if (!gradients.empty())
        at::_foreach_copy_(places, gradients);
}

void GradientSync::finish() {
    for (Bucket& bucket : m_buckets)
        bucket.ready = bucket.parameters.size();
    sendReady();
    for (Bucket& bucket : m_buckets) {
        std::exchange(bucket.pending, nullptr)->wait();
        for (std::size_t i = 0; i < bucket.views.size(); ++i)
            bucket.parameters[i].mutable_grad() = bucket.views[i];
    }
    m_last = false;
}

void GradientSync::scale(const at::Tensor& factor) {
    for (Bucket& bucket : m_buckets)
        bucket.flat.mul_(factor);
}

std::int64_t GradientSync::bytes() const {
    std::int64_t bytes = 0;
    for (const Bucket& bucket : m_buckets)
        bytes += static_cast<std::int64_t>(bucket.flat.nbytes());
    return bytes;
}

} // namespace engine
