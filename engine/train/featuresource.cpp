#include "engine/train/featuresource.h"

#include "engine/api/error.h"
#include "engine/train/pixelnormalisation.h"
#include "engine/train/precision.h"

#include <algorithm>

namespace engine {
namespace {

EpochOrder orderOf(const SampleList& samples, bool training, std::uint64_t seed, int epoch) {
    return training ? EpochOrder(samples, seed, epoch) : EpochOrder(static_cast<std::int64_t>(samples.size()));
}

at::Tensor features(const FrozenPrefix& prefix, const Signal& pixels, bool pool) {
    const at::Tensor value = prefix.forward(pixels).value;
    return pool ? at::adaptive_avg_pool2d(value, {1, 1}) : value;
}

} // namespace

FeatureSource::FeatureSource(const FeatureCache& cache, at::Tensor rows, const Targets& targets,
                             const FeatureOptions& options)
    : m_shape(cache.shape()),
      m_rows(std::move(rows)),
      m_options(options),
      m_order(orderOf(targets.samples, options.training, options.seed, options.epoch).all()) {
    for (std::size_t i = 0; i < targets.samples.size(); ++i)
        m_good.push_back(cache.has(options.firstRow + static_cast<std::int64_t>(i)) ? 1 : 0);
    m_targets = targets.all().to(m_rows.device());
    // A copy to a GPU in each step would wait for the step before it.
    if (std::ranges::all_of(m_good, [](char good) { return good != 0; }))
        m_orderThere = at::tensor(m_order, at::kLong).to(m_rows.device());
}

bool FeatureSource::next(ModelBatch& batch) {
    const std::int64_t first = m_options.firstSample;
    const std::int64_t left = std::max<std::int64_t>(0, static_cast<std::int64_t>(m_order.size()) - first);
    if (m_cancelled || m_batch >= m_options.batching.batches(left))
        return false;
    const std::int64_t begin = first + m_options.batching.begin(m_batch);
    const std::int64_t end = first + m_options.batching.end(m_batch, left);
    ++m_batch;
    batch.indices.clear();
    for (std::int64_t at = begin; at < end; ++at)
        if (const std::int64_t index = m_order[static_cast<std::size_t>(at)]; m_good[static_cast<std::size_t>(index)])
            batch.indices.push_back(index);
    batch.count = static_cast<std::int64_t>(batch.indices.size());
    batch.firstStage = m_options.firstStage;
    const at::Tensor indices = m_orderThere.defined()
                                   ? m_orderThere.narrow(0, begin, batch.count)
                                   : at::from_blob(batch.indices.data(), {batch.count}, at::kLong).to(m_rows.device());
    batch.targets = m_targets.index_select(0, indices);
    // In their own order the rows are used where they lie.
    const bool asTheyLie = m_orderThere.defined() && !m_options.training;
    batch.input = m_shape.batchOf(asTheyLie ? m_rows.narrow(0, m_options.firstRow + begin, batch.count)
                                            : m_rows.index_select(0, indices + m_options.firstRow));
    return true;
}

FeatureShape featureShape(const FrozenPrefix& prefix, int imageSize, int batch, bool pool, Precision precision) {
    const torch::NoGradGuard noGrad;
    const AutocastGuard autocast(precision, prefix.device().type());
    const at::Tensor pixels = at::zeros({batch, imageSize, imageSize, 3}).permute({0, 3, 1, 2}).to(prefix.device());
    return FeatureShape::of(features(prefix, pixels, pool));
}

bool buildFeatures(FeatureCache& cache, const FrozenPrefix& prefix, const FeatureBuilding& building,
                   std::vector<BadFile>& skipped) {
    const torch::NoGradGuard noGrad;
    const AutocastGuard autocast(building.precision, prefix.device().type());
    const auto count = static_cast<std::int64_t>(building.samples.size());
    const PixelNormalisation normalise(building.loading.preprocess, prefix.device());
    const auto there = [&](const at::Tensor& host) { return host.to(prefix.device()); };
    std::int64_t done = 0;
    for (int view = 0; view < building.views; ++view) {
        PictureLoading loading = building.loading;
        loading.epoch = view;
        const std::int64_t firstRow = view * count;
        const std::vector<std::int64_t> order = orderOf(building.samples, loading.training, loading.seed, view).all();
        const auto missing =
            std::ranges::find_if(order, [&](std::int64_t index) { return !cache.has(firstRow + index); });
        if (missing == order.end())
            continue;
        loading.firstSample = (missing - order.begin()) / loading.batchSize * loading.batchSize;
        PictureSource pictures(building.folder, building.samples, loading);
        const std::stop_callback cancel(building.stop, [&pictures] { pictures.cancel(); });
        const auto next = [&](ModelBatch& batch) {
            try {
                return pictures.next(batch);
            } catch (const Error&) {
                cache.save();
                throw;
            }
        };
        ModelBatch batch;
        while (next(batch)) {
            if (building.stopAsked()) {
                cache.save();
                return false;
            }
            if (batch.count == 0)
                continue;
            const at::Tensor values = features(prefix, normalise(batch.input.with(there)), building.pool).cpu();
            for (std::int64_t i = 0; i < batch.count; ++i)
                cache.put(firstRow + batch.indices[static_cast<std::size_t>(i)], values, i);
            building.progress(done += batch.count);
        }
        if (building.stop.stop_requested()) {
            cache.save();
            return false;
        }
        for (BadFile& file : pictures.skipped())
            skipped.push_back(std::move(file));
    }
    cache.complete();
    return true;
}

} // namespace engine
