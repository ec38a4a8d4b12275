#pragma once

#include "engine/ops/activation.h"

#include <cstdint>
#include <cuda_runtime_api.h>

namespace engine::cuda {

enum class Element { Float, Bfloat16 };

// Values that lie as `rows` times `channels`, channels next to each other, and how a device's blocks share them.
struct BatchNormLayout {
    std::int64_t rows; // pictures × height × width
    int channels;
    int vector;  // neighbouring channels that one thread takes
    dim3 blocks; // x: tiles of the channels, y: parts of the rows
    dim3 threads;
};
// `aligned`: every array starts at a multiple of 16 bytes.
[[nodiscard]] BatchNormLayout batchNormLayout(std::int64_t rows, int channels, bool aligned, int processors);
// Of partial sums: floats [blocks.y][2][channels].
[[nodiscard]] std::int64_t batchNormScratch(const BatchNormLayout& layout);

// All pointers are of one device; arrays of values are of `element`, all others float32 [channels]. Queued on `stream`;
// the results of equal inputs are equal bit by bit.
struct BatchNormForward {
    const void* input;
    const void* added; // or null; then None or Relu follows
    const float* weight;
    const float* bias;
    float* runningMean;
    float* runningVar;
    std::int64_t* batches;
    double momentum, epsilon;
    void* output;
    float* mean;
    float* inverse; // 1 / deviation
    float* scratch;
};
void batchNormActivate(const BatchNormForward& arrays, Element element, Activation activation,
                       const BatchNormLayout& layout, cudaStream_t stream);

struct BatchNormBackward {
    const void* grad;
    const void* input;
    const void* output; // of ReLU behind a shortcut, else null
    const float* weight;
    const float* bias;
    const float* mean;
    const float* inverse;
    void* gradInput; // or null
    void* gradAdded; // where `output` is
    float* gradWeight;
    float* gradBias;
    float* scratch;
};
void batchNormActivateBackward(const BatchNormBackward& arrays, Element element, Activation activation,
                               const BatchNormLayout& layout, cudaStream_t stream);

} // namespace engine::cuda
