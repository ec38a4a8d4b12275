#pragma once

#include "engine/api/error.h"

#include <cstddef>
#include <string>

namespace engine {

// Bounds on what a file may ask for before it is believed. Together they keep a hostile file below 64 MB of memory; the
// largest published vision and text backbones stay below a tenth of each.
namespace limits {
inline constexpr std::size_t kTensors = 100'000;
inline constexpr std::size_t kNameBytes = 1024;
inline constexpr std::size_t kAllNameBytes = 8u << 20;
inline constexpr std::size_t kDimensions = 64;
inline constexpr std::size_t kPickleObjects = 200'000;
inline constexpr std::size_t kPickleSteps = 600'000; // things put on the stack
inline constexpr std::size_t kMetadataEntries = 1000;
inline constexpr std::size_t kMetadataBytes = 4096; // of one entry
} // namespace limits

// Error(BadWeights) with one sentence about `file`.
[[noreturn]] void refuseWeights(const std::string& message, const std::string& remedy);

} // namespace engine
