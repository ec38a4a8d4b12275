#pragma once

#include "engine/data/imagefolder.h"
#include "engine/data/loader.h"
#include "engine/data/preprocess.h"
#include "engine/data/samplereader.h"

#include <cstdint>
#include <string>

namespace engine {

// How the pictures of a set are read in an epoch.
struct PictureLoading {
    int batchSize = 32; // of one rank
    Batching::Single single = Batching::Single::BatchOfItsOwn;
    World world;
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

// Decodes, augments, resizes and cuts pictures to the bytes that a model sees, in the field kPixels. A picture's view
// depends only on (seed, epoch, picture). Throws Error(BadInput) for an unknown augmentation.
[[nodiscard]] std::shared_ptr<const SampleReader> makePictureReader(const std::filesystem::path& root,
                                                                    SampleList samples, const PictureLoading& loading);

// A loader of the pictures `samples` of `folder`.
[[nodiscard]] Loader pictureLoader(const ImageFolder& folder, const SampleList& samples, const PictureLoading& loading);

} // namespace engine
