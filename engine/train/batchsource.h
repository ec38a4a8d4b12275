#pragma once

#include "engine/base/torchheader.h"
#include "engine/data/picturereader.h"
#include "engine/models/signal.h"
#include "engine/task/task.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace engine {

// A batch as the stages take it.
struct ModelBatch {
    Signal input;       // pictures [N, 3, H, W] in channels_last, bytes or normalised; or what stage firstStage takes
    at::Tensor targets; // [N, …], as the task makes them
    std::vector<std::int64_t> indices; // into the samples
    std::size_t firstStage = 0;        // where computing begins
    std::int64_t count = 0;            // N; 0: none of its pictures can be read, or a rank has none of it
};

// The batches of one epoch. Create, call and destroy it on one thread.
class BatchSource {
public:
    virtual ~BatchSource() = default;
    // False: the epoch is over, or it was cancelled. Throws Error(DataGone) where the pictures stay away.
    virtual bool next(ModelBatch& batch) = 0;
    virtual void cancel() noexcept = 0; // next() returns false at once from now on; any thread
    [[nodiscard]] virtual std::vector<BadFile> skipped() const { return {}; }
    [[nodiscard]] virtual bool readsPictures() const { return false; }
    [[nodiscard]] virtual double awaySeconds() const { return 0; } // for which pictures were away that came back
};

// Pictures decoded by the loader's threads.
class PictureSource final : public BatchSource {
public:
    PictureSource(const ImageFolder& folder, const Targets& targets, const PictureLoading& loading)
        : m_targets(targets), m_loader(pictureLoader(folder, targets.samples, loading)) {}
    // Batches without targets.
    PictureSource(const ImageFolder& folder, const SampleList& samples, const PictureLoading& loading)
        : m_loader(pictureLoader(folder, samples, loading)) {}

    bool next(ModelBatch& batch) override;
    void cancel() noexcept override { m_loader.cancel(); }
    [[nodiscard]] std::vector<BadFile> skipped() const override { return m_loader.skipped(); }
    [[nodiscard]] bool readsPictures() const override { return true; }
    [[nodiscard]] double awaySeconds() const override { return m_loader.awaySeconds(); }

private:
    std::optional<Targets> m_targets;
    Loader m_loader;
    Batch m_batch;
};

} // namespace engine
