#pragma once

#include "engine/freeze/featurecache.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/train/batchsource.h"
#include "engine/train/precision.h"

#include <atomic>
#include <functional>
#include <stop_token>

namespace engine {

// How an epoch reads a cache. The order is the loader's for the same (seed, epoch).
struct FeatureOptions {
    Batching batching;
    std::size_t firstStage = 0; // behind the frozen ones
    std::int64_t firstRow = 0;  // of the view that this epoch sees
    bool training = false;      // shuffled
    std::uint64_t seed = 0;
    int epoch = 0;
    std::int64_t firstSample = 0; // place in the epoch's order, to go on in its middle
};

// Batches of what the frozen stages made of the pictures. Pictures without a row are left out, as the loader leaves out
// those it cannot read.
class FeatureSource final : public BatchSource {
public:
    // `rows` are the cache's, on the device that trains.
    FeatureSource(const FeatureCache& cache, at::Tensor rows, const Targets& targets, const FeatureOptions& options);

    bool next(ModelBatch& batch) override;
    void cancel() noexcept override { m_cancelled = true; }

private:
    FeatureShape m_shape;
    at::Tensor m_rows;
    at::Tensor m_targets; // of every sample, beside the rows
    FeatureOptions m_options;
    std::vector<std::int64_t> m_order;
    std::vector<char> m_good; // samples with a row
    at::Tensor m_orderThere;  // the order beside the rows, where every sample has one
    std::int64_t m_batch = 0; // the next one
    std::atomic<bool> m_cancelled = false;
};

// What building a cache needs to know and whom it tells.
struct FeatureBuilding {
    const ImageFolder& folder;
    SampleList samples;
    PictureLoading loading; // epoch and first batch are set by the building
    int views = 1;
    bool pool = false; // rows are averaged over the picture
    Precision precision = Precision::Float32;
    std::stop_token stop;
    std::function<bool()> stopAsked;                 // may wait while paused
    std::function<void(std::int64_t rows)> progress; // done, of those that were missing
};

// Computes the rows that are missing, view by view. False where it was stopped: what was made is kept. `skipped` names
// the pictures that cannot be read. Throws Error(DataGone) where they stay away; what was made is kept then, too.
[[nodiscard]] bool buildFeatures(FeatureCache& cache, const FrozenPrefix& prefix, const FeatureBuilding& building,
                                 std::vector<BadFile>& skipped);
// What one picture of `imageSize` becomes, found out with `batch` of them at once.
[[nodiscard]] FeatureShape featureShape(const FrozenPrefix& prefix, int imageSize, int batch, bool pool,
                                        Precision precision);

} // namespace engine
