#pragma once

#include "engine/api/datareport.h"
#include "engine/data/batching.h"
#include "engine/data/imagefolder.h"
#include "engine/data/order.h"
#include "engine/data/preprocess.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace engine {

// One batch: `count` pictures as normalised float32 in N × H × W × 3 order, which is what channels-last tensors look
// like.
struct Batch {
    std::shared_ptr<float[]> pixels; // 64-byte aligned; goes back to the loader's pool with its last owner
    int count = 0;
    int size = 0; // H and W
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> indices; // into the samples
};

struct LoaderOptions {
    int batchSize = 32;
    Batching::Single single = Batching::Single::BatchOfItsOwn;
    Preprocess preprocess;
    std::string augmentation = "none"; // only where training
    bool training = false;             // shuffled and augmented; else in order, as validation sees it
    std::uint64_t seed = 0;
    int epoch = 0;
    int views = 0; // > 0: so many views of each picture, which come again in turn; 0: a new one each epoch
    std::int64_t firstSample = 0;             // place in the epoch's order, to go on in its middle
    int workers = 0;                          // decoding threads; 0: one per core
    int prefetch = 3;                         // batches that may wait ready
    std::chrono::milliseconds patience{6000}; // with pictures that are away
    // More that cannot be read are taken for gone, whatever is wrong with them.
    std::int64_t mostSkipped = std::numeric_limits<std::int64_t>::max();
};

// Decodes and augments ahead of its reader in threads of its own. Batches come in an order and with views that depend
// only on (seed, epoch, sample): not on the number of workers, nor on where reading began. A picture that cannot be
// read is left out of its batch and named in skipped(). One that is away, with its folder or for a failing disk or
// network, is tried again for as long as patience lasts. Create, call and destroy it on one thread.
class Loader final {
public:
    Loader(const ImageFolder& folder, std::span<const ImageSample> samples, LoaderOptions options);
    ~Loader(); // ends the threads within one picture's time
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    // Waits for the next batch; false after the last one, or once cancelled. A batch may be empty if none of its
    // pictures can be read. Throws Error(DataGone) where the data folder or more than a few pictures stay away.
    bool next(Batch& batch);
    [[nodiscard]] std::int64_t batches() const; // from the first sample on
    [[nodiscard]] std::vector<BadFile> skipped() const;
    [[nodiscard]] bool waits() const;         // for pictures that are away
    [[nodiscard]] double awaySeconds() const; // for which pictures were away that came back
    void cancel();                            // from any thread: a waiting next() returns false

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// How many of so many pictures may be missing that could be read before.
[[nodiscard]] constexpr std::int64_t fewOf(std::int64_t pictures) { return pictures / 20 > 1 ? pictures / 20 : 1; }

} // namespace engine
