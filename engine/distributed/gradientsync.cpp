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

namespace {

// A flat tensor seen as the parameter that lies in it from there on.
at::Tensor laidOutLike(const at::Tensor& parameter, const at::Tensor& flat, std::int64_t begin) {
    return flat.as_strided(parameter.sizes(), parameter.strides(), flat.storage_offset() + begin);
}

} // namespace

GradientSync::GradientSync(ProcessGroup& group, std::span<const at::Tensor> parameters, const Settings& settings)
    : m_group(group), m_settings(settings) {
    std::vector<at::Tensor> collected;
    std::int64_t bytes = 0, most = std::min(kFirstBucketBytes, settings.bucketBytes);
    for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter) {
        if (!parameter->requires_grad())
            continue;
        const auto size = static_cast<std::int64_t>(parameter->nbytes());
        const bool fits = collected.empty() || (bytes + size <= most && collected[0].dtype() == parameter->dtype() &&
                                                collected[0].device() == parameter->device());
        if (!fits) {
            addBucket(std::exchange(collected, {}));
            bytes = 0;
            most = settings.bucketBytes;
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
    const auto options = parameters.front().options().requires_grad(false);
    if (sharded()) // as many equal parts as ranks
        elements = (elements + m_group.world().size - 1) / m_group.world().size * m_group.world().size;
    Bucket bucket{.flat = at::zeros({elements}, options), .parameters = std::move(parameters)};
    if (m_settings.sentAs != bucket.flat.scalar_type())
        bucket.sent = at::empty({elements}, options.dtype(m_settings.sentAs));
    std::int64_t begin = 0;
    for (const at::Tensor& parameter : bucket.parameters) {
        // Laid out like its parameter, so that backward adds in place and the fused optimizers take it.
        bucket.views.push_back(laidOutLike(parameter, bucket.flat, begin));
        begin += parameter.numel();
        m_hooks.push_back(std::make_unique<Hook>(parameter, [this, i = m_buckets.size()] { arrived(i); }));
    }
    if (sharded())
        shareOut(bucket);
    m_buckets.push_back(std::move(bucket));
}

// The parameters move into one flat tensor, where this rank's part of each is a piece.
void GradientSync::shareOut(Bucket& bucket) const {
    const torch::NoGradGuard noGrad;
    bucket.values = at::zeros_like(bucket.flat);
    const std::int64_t size = bucket.flat.numel() / m_group.world().size;
    const std::int64_t mine = m_group.world().rank * size;
    std::int64_t begin = 0;
    for (at::Tensor& parameter : bucket.parameters) {
        const at::Tensor there = laidOutLike(parameter, bucket.values, begin);
        there.copy_(parameter);
        parameter.set_data(there);
        const std::int64_t first = std::max(begin, mine), end = std::min(begin + parameter.numel(), mine + size);
        if (first < end) {
            bucket.shares.push_back({.parameter = parameter,
                                     .values = bucket.values.narrow(0, first, end - first),
                                     .first = first - begin});
            bucket.begins.push_back(first);
        }
        begin += parameter.numel();
    }
}

void GradientSync::begin(Sums sums) {
    m_sums = sums;
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
        send(bucket);
    }
}

void GradientSync::send(Bucket& bucket) {
    const torch::NoGradGuard noGrad;
    if (bucket.sent.defined())
        bucket.sent.copy_(bucket.flat);
    at::Tensor& sent = bucket.sent.defined() ? bucket.sent : bucket.flat;
    const bool parts = sharded() && m_sums == Sums::AsUpdated;
    bucket.pending = parts ? m_group.startReduceScatter(sent) : m_group.startAllReduce(sent);
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
    const torch::NoGradGuard noGrad;
    for (Bucket& bucket : m_buckets)
        bucket.ready = bucket.parameters.size();
    sendReady();
    const bool everywhere = !sharded() || m_sums == Sums::Everywhere;
    for (Bucket& bucket : m_buckets) {
        std::exchange(bucket.pending, nullptr)->wait();
        if (bucket.sent.defined())
            bucket.flat.copy_(bucket.sent);
        for (std::size_t i = 0; i < bucket.views.size(); ++i)
            bucket.parameters[i].mutable_grad() = everywhere ? bucket.views[i] : at::Tensor();
        for (std::size_t i = 0; i < bucket.shares.size(); ++i) {
            at::Tensor& values = bucket.shares[i].values;
            values.mutable_grad() = bucket.flat.narrow(0, bucket.begins[i], values.numel());
        }
    }
    m_last = false;
}

void GradientSync::scale(const at::Tensor& factor) {
    for (Bucket& bucket : m_buckets)
        bucket.flat.mul_(factor);
}

std::vector<GradientSync::Share> GradientSync::shares() const {
    std::vector<Share> shares;
    for (const Bucket& bucket : m_buckets)
        shares.insert(shares.end(), bucket.shares.begin(), bucket.shares.end());
    return shares;
}

void GradientSync::gatherParameters() {
    for (Bucket& bucket : m_buckets)
        if (sharded())
            m_group.allGatherParts(bucket.values);
}

void GradientSync::gather(const std::function<at::Tensor(const Share&)>& ofShare,
                          const std::function<void(const at::Tensor&, const at::Tensor&)>& take) const {
    const torch::NoGradGuard noGrad;
    for (const Bucket& bucket : m_buckets) {
        at::Tensor all = at::zeros_like(bucket.flat);
        for (std::size_t i = 0; i < bucket.shares.size(); ++i)
            if (const at::Tensor known = ofShare(bucket.shares[i]); known.defined())
                all.narrow(0, bucket.begins[i], known.numel()).copy_(known);
        m_group.allGatherParts(all);
        std::int64_t begin = 0;
        for (const at::Tensor& parameter : bucket.parameters) {
            take(parameter, laidOutLike(parameter, all, begin));
            begin += parameter.numel();
        }
    }
}

std::int64_t GradientSync::bytes() const {
    std::int64_t bytes = 0;
    for (const Bucket& bucket : m_buckets)
        bytes += static_cast<std::int64_t>((bucket.sent.defined() ? bucket.sent : bucket.flat).nbytes());
    return bytes;
}

} // namespace engine
