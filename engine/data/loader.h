#pragma once

#include "engine/api/datareport.h"
#include "engine/data/batch.h"
#include "engine/data/batching.h"
#include "engine/data/order.h"
#include "engine/data/samplereader.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace engine {

struct LoaderOptions {
    Batching batching;
    EpochOrder order{0};
    std::int64_t firstSample = 0;             // place in the order, to go on in its middle
    int workers = 0;                          // reading threads; 0: one per core
    int prefetch = 3;                         // batches that may wait ready
    std::chrono::milliseconds patience{6000}; // with samples that are away
    // More that cannot be read are taken for gone, whatever is wrong with them.
    std::int64_t mostSkipped = std::numeric_limits<std::int64_t>::max();
};

// Reads ahead of its owner in threads of its own and stacks what it read to batches. Batches come in the given order:
// it depends neither on the number of workers nor on where reading began. A sample that cannot be read is left out of
// its batch and named in skipped(). One that is away, with its folder or for a failing disk or network, is tried again
// for as long as patience lasts. Create, call and destroy it on one thread.
class Loader final {
public:
    Loader(std::shared_ptr<const SampleReader> reader, LoaderOptions options);
    ~Loader(); // ends the threads within one sample's time
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    // Waits for the next batch; false after the last one, or once cancelled. A batch may be empty if none of its
    // samples can be read. Throws Error(DataGone) where the data folder or more than a few samples stay away.
    bool next(Batch& batch);
    [[nodiscard]] std::int64_t batches() const; // from the first sample on
    [[nodiscard]] std::vector<BadFile> skipped() const;
    [[nodiscard]] bool waits() const;         // for samples that are away
    [[nodiscard]] double awaySeconds() const; // for which samples were away that came back
    void cancel();                            // from any thread: a waiting next() returns false

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// How many of so many samples may be missing that could be read before.
[[nodiscard]] constexpr std::int64_t fewOf(std::int64_t samples) { return samples / 20 > 1 ? samples / 20 : 1; }

} // namespace engine
