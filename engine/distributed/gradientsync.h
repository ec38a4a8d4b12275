#pragma once

#include "engine/distributed/processgroup.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace engine {

// Adds gradients up over the ranks while backward still computes others: they lie in a few flat buckets, the last
// parameters first, and a bucket goes out as soon as all of it is there. All ranks send the buckets in the same order.
// Behind finish() gradients are views of the buckets, until the optimizer's zeroGradients(). Frozen parameters send
// nothing. The parameters' thread; it does not outlive them nor the group.
//
// Where updates are sharded (ZeRO-1, Rajbhandari et al. 2020), each rank gets the sums of its part of every bucket only
// and updates these parameters; gatherParameters() then gives them to all. Parameters are views of the buckets' own
// values meanwhile.
class GradientSync final {
public:
    enum class Update { Whole, Sharded };
    struct Settings {
        Update update = Update::Whole;
        at::ScalarType sentAs = at::kFloat; // or kBFloat16: rounded before they are added up
        std::int64_t bucketBytes = kBucketBytes;
    };
    // Those of `parameters` that train; in the order in which forward uses them.
    GradientSync(ProcessGroup& group, std::span<const at::Tensor> parameters, const Settings& settings);
    ~GradientSync();
    GradientSync(const GradientSync&) = delete;
    GradientSync& operator=(const GradientSync&) = delete;

    // Without gradients; backward passes make and add them. `sums`: where those of all parameters are wanted although
    // each rank updates its own.
    enum class Sums { AsUpdated, Everywhere };
    void begin(Sums sums = Sums::AsUpdated);
    void lastBackward(); // the one to come is the last before finish()
    void finish();       // sends what is left; gradients are sums over the ranks for whatever is queued from now on
    void scale(const at::Tensor& factor); // a scalar where the gradients lie

    // This rank's part of a parameter, where updates are sharded: elements in the order of memory, which an optimizer
    // takes for a parameter with its gradient.
    struct Share {
        at::Tensor parameter; // the whole one
        at::Tensor values;    // [n], n > 0; with their gradient behind finish()
        std::int64_t first = 0;
    };
    [[nodiscard]] std::vector<Share> shares() const;
    void gatherParameters(); // nothing where updates are not sharded
    // What each rank knows of its shares, for all parameters: `ofShare` gives [n] values or an undefined tensor for
    // zeros. `take` gets each parameter with values laid out like it, valid for the call. All ranks call it.
    void gather(const std::function<at::Tensor(const Share&)>& ofShare,
                const std::function<void(const at::Tensor& parameter, const at::Tensor& values)>& take) const;

    [[nodiscard]] std::size_t buckets() const { return m_buckets.size(); }
    [[nodiscard]] std::int64_t bytes() const; // that each rank sends in a step

    static constexpr std::int64_t kBucketBytes = 25 << 20;     // torch's DDP has the same
    static constexpr std::int64_t kFirstBucketBytes = 1 << 20; // goes out early

private:
    struct Bucket {
        at::Tensor flat, values; // gradients, and where updates are sharded the parameters themselves
        at::Tensor sent;         // the gradients as they are sent, where that is another type
        std::vector<at::Tensor> parameters, views;
        std::vector<Share> shares;
        std::vector<std::int64_t> begins; // of the shares, in flat
        std::size_t ready = 0;            // gradients that have come
        std::unique_ptr<ProcessGroup::Pending> pending;
    };
    [[nodiscard]] bool sharded() const { return m_settings.update == Update::Sharded; }
    struct Hook;
    void addBucket(std::vector<at::Tensor> parameters);
    void shareOut(Bucket& bucket) const;
    void send(Bucket& bucket);
    void arrived(std::size_t bucket);
    void sendReady();
    static void fill(Bucket& bucket);

    ProcessGroup& m_group;
    Settings m_settings;
    Sums m_sums = Sums::AsUpdated;
    std::vector<Bucket> m_buckets;
    std::vector<std::unique_ptr<Hook>> m_hooks;
    std::size_t m_sent = 0; // buckets
    bool m_last = false;
};

} // namespace engine
