#pragma once

#include "engine/api/run.h"
#include "engine/train/cacheplan.h"
#include "engine/train/featuresource.h"
#include "engine/train/resolvedexperiment.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// The frozen stages at the front of a training: they run without autograd and folded, and their outputs come from a
// cache where the experiment wants one and it pays. The trainer's thread.
class FrozenPart final {
public:
    struct Listeners {
        std::function<void(EventKind kind, const std::string& sentence)> event;
        std::function<void(const std::string& sentence)> progress;
        std::stop_token stop;
        std::function<bool()> stopAsked; // may wait while paused
    };
    struct Setting {
        const ResolvedExperiment& resolved;
        const ImageFolder& data;
    };
    FrozenPart(const Setting& setting, Backbone& backbone, Listeners listeners);

    enum class Ended { Done, Stopped };
    // The stages [0, cut) are frozen for the next `epochs` epochs. Builds the cache where there is to be one; stopped,
    // it keeps what it has built.
    [[nodiscard]] Ended enter(std::size_t cut, int epochs);

    [[nodiscard]] const FrozenPrefix* prefix() const { return m_prefix.get(); } // null: the first stage trains
    // All stages as they are now, where more than a head behind the frozen ones is to be folded; else null.
    [[nodiscard]] std::unique_ptr<FrozenPrefix> forValidation() const;
    [[nodiscard]] bool trainsFromCache() const { return m_training.cache != nullptr; }
    // Null where the pictures themselves are to be read.
    [[nodiscard]] std::unique_ptr<BatchSource> training(int epoch, std::int64_t firstSample, Batching batching) const;
    [[nodiscard]] std::unique_ptr<BatchSource> validation() const;
    // Of each training picture, cached or not: a run's results do not depend on its cache. 0: a new one each epoch.
    [[nodiscard]] int views() const;
    [[nodiscard]] const std::vector<BadFile>& skipped() const { return m_skipped; }

private:
    struct Kept {
        std::unique_ptr<FeatureCache> cache;
        at::Tensor rows; // where the head is computed
    };
    [[nodiscard]] Ended keep(Kept& kept, const FeatureShape& shape, const SampleList& samples, int views);
    [[nodiscard]] std::uint64_t keyOf(const SampleList& samples, int views) const;
    void drop();
    [[nodiscard]] int buildBatch() const;

    Setting m_setting;
    Backbone& m_backbone;
    Listeners m_listeners;
    std::unique_ptr<FrozenPrefix> m_prefix;
    std::size_t m_cut = 0;
    bool m_entered = false;
    bool m_pool = false;
    Kept m_training, m_validation;
    std::vector<BadFile> m_skipped;
};

} // namespace engine
