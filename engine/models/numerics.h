#pragma once

#include <optional>

namespace engine {

// What padding a convolution adds: a fixed number of pixels on each side, or as many as keep ceil(size / stride), the
// odd one at the right and bottom (TensorFlow's "same").
enum class Padding { Fixed, Same };

// How a library computes where another one computes otherwise with the same parameters. What is not said is the
// backbone's own.
struct Numerics {
    double normEpsilon = 0;         // of every normalisation; 0: its own
    double lastNormEpsilon = 0;     // of the last normalisation, where it has one of its own; 0: as the others
    std::optional<Padding> padding; // of strided convolutions

    bool operator==(const Numerics&) const = default;
};

} // namespace engine
