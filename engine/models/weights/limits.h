#pragma once

#include "engine/api/error.h"

#include <cstddef>
#include <string>
#include <string_view>

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
inline constexpr std::size_t kShards = 1000;
inline constexpr std::size_t kTypes = 20'000; // that a pickle names
inline constexpr std::size_t kMetadataEntries = 1000;
inline constexpr std::size_t kMetadataBytes = 4096; // of one entry
} // namespace limits

// Text from a file as it may be shown: control characters and what is not UTF-8 as \xNN.
[[nodiscard]] std::string printable(std::string_view text);

// Error(BadWeights) with one sentence; what it quotes from the file is made printable, and cut where it is long.
[[noreturn]] void refuseWeights(const std::string& message, const std::string& remedy);

} // namespace engine
