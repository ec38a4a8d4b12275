#include "engine/train/frozenpart.h"

#include "engine/api/weights.h"
#include "engine/base/hash.h"
#include "engine/data/picturebytes.h"
#include "engine/device/procfs.h"
#include "engine/models/ownmodel.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kBuildBatch = 32, kMostBuildBatch = 256;
constexpr auto kProgressInterval = std::chrono::milliseconds(100);

// Names, sizes and times of the files: another picture is another cache.
std::uint64_t identityOf(const ImageFolder& data, const SampleList& samples) {
    std::uint64_t hash = samples.size();
    for (const ImageSample& sample : samples) {
        if (const auto stamp = pictureStamp(data.root, sample)) {
            const std::int64_t facts[] = {static_cast<std::int64_t>(stamp->bytes), stamp->seconds, stamp->nanoseconds};
            hash = hashBytes(facts, sizeof facts, hash);
        }
        hash = hashText(sample.file, hash);
    }
    return hash;
}

} // namespace

FrozenPart::FrozenPart(const Setting& setting, Backbone& backbone, Listeners listeners)
    : m_setting(setting), m_backbone(backbone), m_listeners(std::move(listeners)) {}

// A GPU plans every batch size anew: there it is the training's.
int FrozenPart::buildBatch() const {
    return m_prefix->device().is_cpu()
               ? kBuildBatch
               : std::clamp(m_setting.resolved.experiment.train.batchSize, kBuildBatch, kMostBuildBatch);
}

FrozenPart::Ended FrozenPart::enter(std::size_t cut, int epochs) {
    const Experiment& experiment = m_setting.resolved.experiment;
    if (m_entered && cut == m_cut)
        return Ended::Done;
    const bool hadCache = m_training.cache || m_validation.cache;
    drop();
    m_cut = cut;
    const std::vector<Stage> stages = m_backbone.stages();
    if (cut > 0 && experiment.freeze.batchNorm != "train" && FrozenPrefix::possible(m_backbone, cut))
        m_prefix = std::make_unique<FrozenPrefix>(m_backbone, cut, typeOf(m_setting.resolved.precision));
    m_pool = cut < stages.size() && stages[cut].poolsFirst;
    CacheQuestion question{.cut = m_prefix ? cut : 0,
                           .epochs = epochs,
                           .trainPictures = static_cast<std::int64_t>(m_setting.data.train.size()),
                           .validationPictures = static_cast<std::int64_t>(m_setting.data.validation.size()),
                           .mostBytes = cacheRoomBytes()};
    FeatureShape shape;
    if (m_prefix) {
        const int batch = m_prefix->device().is_cpu() ? 1 : buildBatch();
        shape = featureShape(*m_prefix, m_setting.resolved.preprocess.imageSize, batch, m_pool,
                             m_setting.resolved.precision);
        question.rowBytes = shape.bytes();
        question.secondsPerPicture = secondsPerFrozenPicture(experiment, cut, m_setting.resolved.preprocess.imageSize);
    }
    CachePlan plan = planCache(experiment, question);
    if (m_setting.resolved.world.size > 1) // each rank reads other pictures in each epoch
        plan = {};
    if (plan.training || plan.validation) {
        m_listeners.event(EventKind::Note,
                          hadCache ? "The cache moves with the freeze. " + plan.sentence : plan.sentence);
        m_listeners.progress(plan.sentence);
    } else if (hadCache) {
        m_listeners.event(EventKind::Note, "The cache of frozen outputs ends here. " + plan.sentence);
    }
    if ((plan.training && keep(m_training, shape, m_setting.data.train, plan.views) == Ended::Stopped) ||
        (plan.validation && keep(m_validation, shape, m_setting.data.validation, 0) == Ended::Stopped)) {
        drop();
        return Ended::Stopped;
    }
    m_entered = true;
    return Ended::Done;
}

void FrozenPart::drop() {
    m_training = {};
    m_validation = {};
    m_prefix.reset();
    m_entered = false;
}

// `views` 0: as validation sees them.
FrozenPart::Ended FrozenPart::keep(Kept& kept, const FeatureShape& shape, const SampleList& samples, int views) {
    const bool augmented = views > 0 && m_setting.resolved.experiment.data.augmentation != "none";
    const int stored = augmented ? views : 1;
    const auto rows = static_cast<std::int64_t>(samples.size()) * stored;
    std::string warning;
    auto cache = FeatureCache::open({.folder = cacheFolder() / "features",
                                     .key = keyOf(samples, augmented ? views : 0),
                                     .mostBytes = cacheRoomBytes(),
                                     .memoryBytes = procfs::memory("MemAvailable") / 4},
                                    rows, shape, warning);
    if (!warning.empty())
        m_listeners.event(EventKind::Warning,
                          fmt::format("{} {}", warning,
                                      cache ? "The outputs are held in memory for this run."
                                            : "The frozen blocks are computed anew in each epoch."));
    if (!cache)
        return Ended::Done;
    const std::int64_t missing = cache->missing();
    const auto begin = Clock::now();
    Clock::time_point lastTold; // the first batch is told at once
    std::int64_t computed = 0;
    PictureLoading loading{.batchSize = buildBatch(),
                           .preprocess = m_setting.resolved.preprocess,
                           .training = augmented,
                           .seed = m_setting.resolved.experiment.seed,
                           .workers = m_setting.resolved.experiment.data.workers};
    if (augmented)
        loading.augmentation = m_setting.resolved.experiment.data.augmentation;
    const FeatureBuilding building{
        .folder = m_setting.data,
        .samples = samples,
        .loading = loading,
        .views = stored,
        .pool = m_pool,
        .precision = m_setting.resolved.precision,
        .stop = m_listeners.stop,
        .stopAsked = m_listeners.stopAsked,
        .progress = [&](std::int64_t done) {
            computed = done;
            if (Clock::now() - lastTold < kProgressInterval)
                return;
            lastTold = Clock::now();
            m_listeners.progress(fmt::format("Computing the frozen blocks once: {} of {} pictures", done, missing));
        }};
    if (!buildFeatures(*cache, *m_prefix, building, m_skipped))
        return Ended::Stopped;
    if (const double seconds = std::chrono::duration<double>(Clock::now() - begin).count(); computed >= kBuildBatch)
        rememberFrozenSpeed(m_setting.resolved.experiment, m_cut, m_setting.resolved.preprocess.imageSize,
                            static_cast<double>(computed) / seconds);
    kept.rows = cache->rows();
    // Beside the head, where that is no memory of this machine.
    const at::Device device = m_backbone.parameters().back().device();
    if (!device.is_cpu())
        kept.rows = kept.rows.to(device);
    kept.cache = std::move(cache);
    return Ended::Done;
}

std::uint64_t FrozenPart::keyOf(const SampleList& samples, int views) const {
    const Experiment& experiment = m_setting.resolved.experiment;
    const Preprocess& p = m_setting.resolved.preprocess;
    const std::string augmentation =
        views > 0 ? fmt::format("{} {} {}", experiment.data.augmentation, views, experiment.seed) : "none";
    const std::string& name = m_backbone.info().name;
    const std::string text = fmt::format(
        "{:x} {}{} {} {}|{} {} {} {} {} {} {} {}|{}|{:x}", weightsHash(m_backbone, m_cut), name, programChecksum(name),
        m_cut, nameOf(m_setting.resolved.precision), p.imageSize, p.resizeSize, static_cast<int>(p.interpolation),
        static_cast<int>(p.cropMode), static_cast<int>(p.cropRounding), p.divisor, fmt::join(p.mean, ","),
        fmt::join(p.standardDeviation, ","), augmentation, identityOf(m_setting.data, samples));
    return hashText(text);
}

std::unique_ptr<FrozenPrefix> FrozenPart::forValidation() const {
    const std::size_t stages = m_backbone.stages().size();
    if (m_cut + 1 >= stages || !FrozenPrefix::possible(m_backbone, stages))
        return nullptr;
    return std::make_unique<FrozenPrefix>(m_backbone, stages, typeOf(m_setting.resolved.precision));
}

int FrozenPart::views() const {
    const FreezeSettings& freeze = m_setting.resolved.experiment.freeze;
    const bool counts = m_prefix && freeze.cache != "off" && m_setting.resolved.experiment.data.augmentation != "none";
    return counts ? freeze.views : 0;
}

std::unique_ptr<BatchSource> FrozenPart::training(int epoch, std::int64_t firstSample, Batching batching) const {
    if (!m_training.cache)
        return nullptr;
    const auto count = static_cast<std::int64_t>(m_setting.data.train.size());
    const std::int64_t view = views() > 0 ? epoch % views() : 0;
    return std::make_unique<FeatureSource>(
        *m_training.cache, m_training.rows,
        Targets(*m_setting.resolved.task, m_setting.data.train, m_setting.data.classes),
        FeatureOptions{.batching = batching,
                       .firstStage = m_cut,
                       .firstRow = view * count,
                       .training = true,
                       .seed = m_setting.resolved.experiment.seed,
                       .epoch = epoch,
                       .firstSample = firstSample});
}

std::unique_ptr<BatchSource> FrozenPart::validation() const {
    if (!m_validation.cache)
        return nullptr;
    return std::make_unique<FeatureSource>(
        *m_validation.cache, m_validation.rows,
        Targets(*m_setting.resolved.task, m_setting.data.validation, m_setting.data.classes),
        FeatureOptions{.batching = {.size = m_setting.resolved.experiment.train.batchSize}, .firstStage = m_cut});
}

} // namespace engine
