#pragma once

#include "engine/distributed/processgroup.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace engine {

// Adds gradients up over the ranks while backward still computes others: they lie in a few flat buckets, the last
// parameters first, and a bucket goes out as soon as all of it is there. All ranks send the buckets in the same order.
// Behind finish() gradients are views of the buckets, until the optimizer's zeroGradients(). Frozen parameters send
// nothing. The parameters' thread; it does not outlive them nor the group.
class GradientSync final {
public:
    // Those of `parameters` that train; in the order in which forward uses them.
    GradientSync(ProcessGroup& group, std::span<const at::Tensor> parameters, std::int64_t bucketBytes = kBucketBytes);
    ~GradientSync();
    GradientSync(const GradientSync&) = delete;
    GradientSync& operator=(const GradientSync&) = delete;

    void begin();        // without gradients; backward passes make and add them
    void lastBackward(); // the one to come is the last before finish()
    void finish();       // sends what is left; gradients are sums over the ranks for whatever is queued from now on
    void scale(const at::Tensor& factor); // a scalar where the gradients lie

    [[nodiscard]] std::size_t buckets() const { return m_buckets.size(); }
    [[nodiscard]] std::int64_t bytes() const; // that each rank sends in a step

    static constexpr std::int64_t kBucketBytes = 25 << 20;     // torch's DDP has the same
    static constexpr std::int64_t kFirstBucketBytes = 1 << 20; // goes out early

private:
    struct Bucket {
        at::Tensor flat;
        std::vector<at::Tensor> parameters, views;
        std::size_t ready = 0; // gradients that have come
        std::unique_ptr<ProcessGroup::Pending> pending;
    };
    struct Hook;
    void addBucket(std::vector<at::Tensor> parameters);
    void arrived(std::size_t bucket);
    void sendReady();
    static void fill(Bucket& bucket);

    ProcessGroup& m_group;
    std::vector<Bucket> m_buckets;
    std::vector<std::unique_ptr<Hook>> m_hooks;
    std::size_t m_sent = 0; // buckets
    bool m_last = false;
};

} // namespace engine
