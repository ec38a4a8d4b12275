#pragma once

#include "engine/data/samplelist.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// Writes samples of shards to a file without a name, which is gone with the list that reads it: a million of them take
// no memory. One thread.
class StoredSamplesWriter final {
public:
    StoredSamplesWriter(); // throws Error(DiskFull | BadInput) where the cache cannot be written to, as add() and
                           // list()
    ~StoredSamplesWriter();
    StoredSamplesWriter(const StoredSamplesWriter&) = delete;
    StoredSamplesWriter& operator=(const StoredSamplesWriter&) = delete;

    void add(const ImageSample& sample); // in a shard; those of one shard follow each other
    [[nodiscard]] std::int64_t count() const;
    // `window`: of the shuffle. The writer is of no more use.
    [[nodiscard]] SampleList list(std::int64_t window);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
