#pragma once

#include "engine/api/experiment.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace engine {

// A phase as far as a cache of its frozen stages' outputs is concerned.
struct CacheQuestion {
    std::size_t cut = 0; // stages before the first that trains
    int epochs = 1;      // of the phase, those that are still to come
    std::int64_t trainPictures = 0;
    std::int64_t validationPictures = 0;
    std::uint64_t rowBytes = 0;           // of one picture's output at the cut
    double secondsPerPicture = 0;         // of reading it and computing up to the cut, about
    std::uint64_t mostBytes = UINT64_MAX; // there is room for
};

// What is kept, why, and what it costs and saves.
struct CachePlan {
    bool training = false;
    bool validation = false;
    int views = 1; // of each training picture
    std::uint64_t bytes = 0;
    double savesSeconds = 0;
    std::string sentence; // never empty
};

// `auto` keeps what is needed more than once and fits; `on` keeps it in any case where it is exact and fits.
[[nodiscard]] CachePlan planCache(const Experiment& experiment, const CacheQuestion& question);

// Room for caches in `cacheFolder()/features`: a bounded share of what is free there.
[[nodiscard]] std::uint64_t cacheRoomBytes();

// Of reading a picture and computing the first `cut` stages, about: measured here before, or reckoned.
[[nodiscard]] double secondsPerFrozenPicture(const Experiment& experiment, std::size_t cut, int imageSize);
void rememberFrozenSpeed(const Experiment& experiment, std::size_t cut, int imageSize, double picturesPerSecond);

[[nodiscard]] std::string bytesInWords(std::uint64_t bytes);
[[nodiscard]] std::string secondsInWords(double seconds);

} // namespace engine
