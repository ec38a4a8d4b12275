// BatchNorm in training with what follows it, for values whose channels lie beside each other (channels_last). Each
// direction reads its arrays twice: once for sums, which each block leaves for its rows and a small kernel adds up, and
// once for the result.
#include "engine/cuda/batchnorm.h"

#include <algorithm>
#include <cuda_bf16.h>

namespace engine::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kVector = 4;                  // neighbouring channels of one thread
constexpr int kTile = 32;                   // threads beside each other at most
constexpr int kAtATime = 4;                 // rows that a thread has under way
constexpr int kBlocksPerProcessor = 4;      // all of them run at once: as many bytes are under way as the memory needs
constexpr int kChannels = 32, kSlices = 16; // of the blocks that add up

template <typename T, int V>
struct alignas(sizeof(T) * V) Pack {
    T values[V];
};

template <typename T, int V>
__device__ Pack<T, V> load(const T* array, std::int64_t at) {
    return *reinterpret_cast<const Pack<T, V>*>(array + at);
}

template <Activation A>
__device__ float activated(float z) {
    if constexpr (A == Activation::Relu)
        return fmaxf(z, 0.0F);
    else if constexpr (A == Activation::Relu6)
        return fminf(fmaxf(z, 0.0F), 6.0F);
    else if constexpr (A == Activation::Silu)
        return z / (1.0F + __expf(-z));
    else if constexpr (A == Activation::Hardswish)
        return z * fminf(fmaxf(z + 3.0F, 0.0F), 6.0F) / 6.0F;
    else
        return z;
}

template <Activation A>
__device__ float slope(float z) {
    if constexpr (A == Activation::Relu)
        return z > 0.0F ? 1.0F : 0.0F;
    else if constexpr (A == Activation::Relu6)
        return z > 0.0F && z < 6.0F ? 1.0F : 0.0F;
    else if constexpr (A == Activation::Silu) {
        const float s = 1.0F / (1.0F + __expf(-z));
        return s * (1.0F + z * (1.0F - s));
    } else if constexpr (A == Activation::Hardswish)
        return z < -3.0F ? 0.0F : z <= 3.0F ? z / 3.0F + 0.5F : 1.0F;
    else
        return 1.0F;
}

// Which channels and rows a thread has.
template <int V>
struct Share {
    int channel; // the first of V
    bool inside;
    std::int64_t row, step;

    __device__ explicit Share(int channels)
        : channel(static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * V),
          inside(channel < channels),
          row(static_cast<std::int64_t>(blockIdx.y) * blockDim.y + threadIdx.y),
          step(static_cast<std::int64_t>(gridDim.y) * blockDim.y) {}
};

template <int Value>
struct Constant {
    static constexpr int value = Value;
};
// Calls `each(row, Constant<n>)` for the thread's rows: n of them at once.
template <int V, typename Each>
__device__ void forRows(const Share<V>& share, std::int64_t rows, const Each& each) {
    if (!share.inside)
        return;
    std::int64_t row = share.row;
    for (; row + (kAtATime - 1) * share.step < rows; row += kAtATime * share.step)
        each(row, Constant<kAtATime>());
    for (; row < rows; row += share.step)
        each(row, Constant<1>());
}

// Adds the sums of the block's threads up into scratch [blockIdx.y][2][channels].
template <int V>
__device__ void store(const float (&first)[V], const float (&second)[V], int channels, float* scratch) {
    __shared__ float sums[2][kThreads * V];
    const int width = static_cast<int>(blockDim.x) * V;
    for (int i = 0; i < V; ++i) {
        const int at = static_cast<int>(threadIdx.y) * width + static_cast<int>(threadIdx.x) * V + i;
        sums[0][at] = first[i];
        sums[1][at] = second[i];
    }
    __syncthreads();
    const int thread = static_cast<int>(threadIdx.y * blockDim.x + threadIdx.x);
    const int channel = static_cast<int>(blockIdx.x) * width + thread;
    if (thread >= width || channel >= channels)
        return;
    float a = 0, b = 0;
    for (int y = 0; y < static_cast<int>(blockDim.y); ++y) {
        a += sums[0][y * width + thread];
        b += sums[1][y * width + thread];
    }
    float* mine = scratch + static_cast<std::int64_t>(blockIdx.y) * 2 * channels + channel;
    mine[0] = a;
    mine[channels] = b;
}

// The two sums of channel `channel` over all blocks, for threads with threadIdx.y == 0; the others get nothing. Blocks
// of kChannels × kSlices.
__device__ float2 gather(const float* scratch, int parts, int channels, int channel) {
    __shared__ float2 some[kSlices][kChannels];
    float2 sum = make_float2(0, 0);
    if (channel < channels) {
#pragma unroll 4
        for (int part = static_cast<int>(threadIdx.y); part < parts; part += kSlices) {
            const float* at = scratch + static_cast<std::int64_t>(part) * 2 * channels + channel;
            sum.x += at[0];
            sum.y += at[channels];
        }
    }
    some[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0) {
        for (int slice = 1; slice < kSlices; ++slice) {
            sum.x += some[slice][threadIdx.x].x;
            sum.y += some[slice][threadIdx.x].y;
        }
    }
    return sum;
}

// What a thread knows of its channels.
template <int V>
struct Channels {
    float mean[V] = {}, scale[V] = {}, shift[V] = {};

    __device__ Channels(const Share<V>& share, const float* means, const float* inverse, const float* weight,
                        const float* bias) {
        if (!share.inside)
            return;
        for (int i = 0; i < V; ++i) {
            const int channel = share.channel + i;
            mean[i] = means[channel];
            scale[i] = inverse[channel] * weight[channel];
            shift[i] = bias[channel];
        }
    }
};

// Sums of the distances from the first row, and of their squares: near the mean, so that little cancels.
template <typename T, int V>
__global__ void __launch_bounds__(kThreads, kBlocksPerProcessor)
    statisticsKernel(const T* __restrict__ input, std::int64_t rows, int channels, float* __restrict__ scratch) {
    const Share<V> share(channels);
    float origin[V] = {}, sum[V] = {}, square[V] = {};
    if (share.inside) {
        const auto first = load<T, V>(input, share.channel);
        for (int i = 0; i < V; ++i)
            origin[i] = static_cast<float>(first.values[i]);
    }
    forRows(share, rows, [&](std::int64_t row, auto number) {
        constexpr int Count = decltype(number)::value;
        Pack<T, V> x[Count];
#pragma unroll
        for (int r = 0; r < Count; ++r)
            x[r] = load<T, V>(input, (row + r * share.step) * channels + share.channel);
#pragma unroll
        for (int r = 0; r < Count; ++r)
#pragma unroll
            for (int i = 0; i < V; ++i) {
                const float distance = static_cast<float>(x[r].values[i]) - origin[i];
                sum[i] += distance;
                square[i] += distance * distance;
            }
    });
    store<V>(sum, square, channels, scratch);
}

template <typename T>
__global__ void __launch_bounds__(kChannels* kSlices)
    finishStatisticsKernel(BatchNormForward arrays, std::int64_t rows, int channels, int parts) {
    const int channel = static_cast<int>(blockIdx.x) * kChannels + static_cast<int>(threadIdx.x);
    const float2 sums = gather(arrays.scratch, parts, channels, channel);
    if (threadIdx.y != 0 || channel >= channels)
        return;
    const float count = static_cast<float>(rows), momentum = static_cast<float>(arrays.momentum);
    const float distance = sums.x / count;
    const float variance = fmaxf(sums.y / count - distance * distance, 0.0F);
    const float mean = static_cast<float>(static_cast<const T*>(arrays.input)[channel]) + distance;
    arrays.mean[channel] = mean;
    arrays.inverse[channel] = rsqrtf(variance + static_cast<float>(arrays.epsilon));
    arrays.runningMean[channel] += momentum * (mean - arrays.runningMean[channel]);
    arrays.runningVar[channel] += momentum * (variance * (count / (count - 1.0F)) - arrays.runningVar[channel]);
    if (channel == 0)
        ++*arrays.batches;
}

template <typename T, int V, Activation A, bool Added>
__global__ void __launch_bounds__(kThreads, kBlocksPerProcessor)
    forwardKernel(BatchNormForward arrays, std::int64_t rows, int channels) {
    const auto* input = static_cast<const T*>(arrays.input);
    const Share<V> share(channels);
    const Channels<V> known(share, arrays.mean, arrays.inverse, arrays.weight, arrays.bias);
    const auto* added = static_cast<const T*>(arrays.added);
    auto* output = static_cast<T*>(arrays.output);
    forRows(share, rows, [&](std::int64_t row, auto number) {
        constexpr int Count = decltype(number)::value;
        Pack<T, V> x[Count];
        [[maybe_unused]] Pack<T, V> more[Added ? Count : 1];
#pragma unroll
        for (int r = 0; r < Count; ++r) {
            const std::int64_t at = (row + r * share.step) * channels + share.channel;
            x[r] = load<T, V>(input, at);
            if constexpr (Added)
                more[r] = load<T, V>(added, at);
        }
#pragma unroll
        for (int r = 0; r < Count; ++r) {
#pragma unroll
            for (int i = 0; i < V; ++i) {
                float z = (static_cast<float>(x[r].values[i]) - known.mean[i]) * known.scale[i] + known.shift[i];
                if constexpr (Added)
                    z += static_cast<float>(more[r].values[i]);
                x[r].values[i] = static_cast<T>(activated<A>(z));
            }
            *reinterpret_cast<Pack<T, V>*>(output + (row + r * share.step) * channels + share.channel) = x[r];
        }
    });
}

// Sums of the gradient before the activation, and of its products with the distances from the mean. Behind a shortcut
// the activation's output tells its slope, and that gradient is kept: it is the shortcut's.
template <typename T, int V, Activation A, bool Added>
__global__ void __launch_bounds__(kThreads, kBlocksPerProcessor)
    gradientSumsKernel(BatchNormBackward arrays, std::int64_t rows, int channels) {
    const auto *grad = static_cast<const T*>(arrays.grad), *input = static_cast<const T*>(arrays.input),
               *output = static_cast<const T*>(arrays.output);
    auto* kept = static_cast<T*>(arrays.gradAdded);
    const Share<V> share(channels);
    const Channels<V> known(share, arrays.mean, arrays.inverse, arrays.weight, arrays.bias);
    float sum[V] = {}, product[V] = {};
    forRows(share, rows, [&](std::int64_t row, auto number) {
        constexpr int Count = decltype(number)::value;
        Pack<T, V> g[Count], x[Count];
        [[maybe_unused]] Pack<T, V> y[Added ? Count : 1];
#pragma unroll
        for (int r = 0; r < Count; ++r) {
            const std::int64_t at = (row + r * share.step) * channels + share.channel;
            g[r] = load<T, V>(grad, at);
            x[r] = load<T, V>(input, at);
            if constexpr (Added)
                y[r] = load<T, V>(output, at);
        }
#pragma unroll
        for (int r = 0; r < Count; ++r) {
#pragma unroll
            for (int i = 0; i < V; ++i) {
                const float distance = static_cast<float>(x[r].values[i]) - known.mean[i];
                float z;
                if constexpr (Added)
                    z = static_cast<float>(y[r].values[i]);
                else
                    z = distance * known.scale[i] + known.shift[i];
                const float inner = static_cast<float>(g[r].values[i]) * slope<A>(z);
                sum[i] += inner;
                product[i] += inner * distance;
                if constexpr (Added)
                    g[r].values[i] = static_cast<T>(inner);
            }
            if constexpr (Added)
                *reinterpret_cast<Pack<T, V>*>(kept + (row + r * share.step) * channels + share.channel) = g[r];
        }
    });
    store<V>(sum, product, channels, arrays.scratch);
}

__global__ void __launch_bounds__(kChannels* kSlices)
    finishGradientSumsKernel(BatchNormBackward arrays, int channels, int parts) {
    const int channel = static_cast<int>(blockIdx.x) * kChannels + static_cast<int>(threadIdx.x);
    const float2 sums = gather(arrays.scratch, parts, channels, channel);
    if (threadIdx.y != 0 || channel >= channels)
        return;
    arrays.gradBias[channel] = sums.x;
    arrays.gradWeight[channel] = sums.y * arrays.inverse[channel];
}

// `grad` is that behind the activation A.
template <typename T, int V, Activation A>
__global__ void __launch_bounds__(kThreads, kBlocksPerProcessor)
    backwardKernel(BatchNormBackward arrays, const T* grad, std::int64_t rows, int channels) {
    const auto* input = static_cast<const T*>(arrays.input);
    auto* result = static_cast<T*>(arrays.gradInput);
    const Share<V> share(channels);
    const Channels<V> known(share, arrays.mean, arrays.inverse, arrays.weight, arrays.bias);
    float offset[V] = {}, along[V] = {};
    if (share.inside) {
        for (int i = 0; i < V; ++i) {
            const int channel = share.channel + i;
            offset[i] = arrays.gradBias[channel] / static_cast<float>(rows);
            along[i] = arrays.gradWeight[channel] * arrays.inverse[channel] / static_cast<float>(rows);
        }
    }
    forRows(share, rows, [&](std::int64_t row, auto number) {
        constexpr int Count = decltype(number)::value;
        Pack<T, V> g[Count], x[Count];
#pragma unroll
        for (int r = 0; r < Count; ++r) {
            const std::int64_t at = (row + r * share.step) * channels + share.channel;
            g[r] = load<T, V>(grad, at);
            x[r] = load<T, V>(input, at);
        }
#pragma unroll
        for (int r = 0; r < Count; ++r) {
#pragma unroll
            for (int i = 0; i < V; ++i) {
                const float distance = static_cast<float>(x[r].values[i]) - known.mean[i];
                const float inner =
                    static_cast<float>(g[r].values[i]) * slope<A>(distance * known.scale[i] + known.shift[i]);
                x[r].values[i] = static_cast<T>((inner - offset[i] - distance * along[i]) * known.scale[i]);
            }
            *reinterpret_cast<Pack<T, V>*>(result + (row + r * share.step) * channels + share.channel) = x[r];
        }
    });
}

dim3 addingBlocks(int channels) { return dim3(static_cast<unsigned>((channels + kChannels - 1) / kChannels)); }

template <typename T, int V, Activation A>
void forward(const BatchNormForward& arrays, const BatchNormLayout& layout, cudaStream_t stream) {
    const auto [rows, channels, vector, blocks, threads] = layout;
    statisticsKernel<T, V>
        <<<blocks, threads, 0, stream>>>(static_cast<const T*>(arrays.input), rows, channels, arrays.scratch);
    finishStatisticsKernel<T><<<addingBlocks(channels), dim3(kChannels, kSlices), 0, stream>>>(
        arrays, rows, channels, static_cast<int>(blocks.y));
    if constexpr (A == Activation::None || A == Activation::Relu) {
        if (arrays.added != nullptr) {
            forwardKernel<T, V, A, true><<<blocks, threads, 0, stream>>>(arrays, rows, channels);
            return;
        }
    }
    forwardKernel<T, V, A, false><<<blocks, threads, 0, stream>>>(arrays, rows, channels);
}

template <typename T, int V, Activation A, bool Added>
void backward(const BatchNormBackward& arrays, const BatchNormLayout& layout, cudaStream_t stream) {
    const auto [rows, channels, vector, blocks, threads] = layout;
    gradientSumsKernel<T, V, A, Added><<<blocks, threads, 0, stream>>>(arrays, rows, channels);
    finishGradientSumsKernel<<<addingBlocks(channels), dim3(kChannels, kSlices), 0, stream>>>(
        arrays, channels, static_cast<int>(blocks.y));
    if (arrays.gradInput == nullptr)
        return;
    const auto* inner = static_cast<const T*>(Added ? arrays.gradAdded : arrays.grad);
    backwardKernel<T, V, Added ? Activation::None : A><<<blocks, threads, 0, stream>>>(arrays, inner, rows, channels);
}

template <typename Value, int Vector, Activation Kind>
struct Choice {
    using T = Value;
    static constexpr int V = Vector;
    static constexpr Activation A = Kind;
};

template <typename T, int V, typename Run>
void chooseActivation(Activation activation, const Run& run) {
    switch (activation) {
    case Activation::None:
        return run(Choice<T, V, Activation::None>());
    case Activation::Relu:
        return run(Choice<T, V, Activation::Relu>());
    case Activation::Relu6:
        return run(Choice<T, V, Activation::Relu6>());
    case Activation::Silu:
        return run(Choice<T, V, Activation::Silu>());
    case Activation::Hardswish:
        return run(Choice<T, V, Activation::Hardswish>());
    }
}

// Calls `run` with type, vector and activation as a Choice.
template <typename Run>
void choose(Element element, int vector, Activation activation, const Run& run) {
    if (element == Element::Bfloat16)
        vector == 1 ? chooseActivation<__nv_bfloat16, 1>(activation, run)
                    : chooseActivation<__nv_bfloat16, kVector>(activation, run);
    else
        vector == 1 ? chooseActivation<float, 1>(activation, run) : chooseActivation<float, kVector>(activation, run);
}

} // namespace

BatchNormLayout batchNormLayout(std::int64_t rows, int channels, bool aligned, int processors) {
    const int vector = aligned && channels % kVector == 0 ? kVector : 1;
    const int vectors = channels / vector;
    const int tiles = (vectors + kTile - 1) / kTile;
    const int across = (vectors + tiles - 1) / tiles, down = kThreads / across;
    const std::int64_t wanted = std::max(1, kBlocksPerProcessor * processors / tiles);
    const std::int64_t useful = (rows + std::int64_t{kAtATime} * down - 1) / (std::int64_t{kAtATime} * down);
    return {rows, channels, vector, dim3(static_cast<unsigned>(tiles), static_cast<unsigned>(std::min(wanted, useful))),
            dim3(static_cast<unsigned>(across), static_cast<unsigned>(down))};
}

std::int64_t batchNormScratch(const BatchNormLayout& layout) {
    return std::int64_t{layout.blocks.y} * 2 * layout.channels;
}

void batchNormActivate(const BatchNormForward& arrays, Element element, Activation activation,
                       const BatchNormLayout& layout, cudaStream_t stream) {
    choose(element, layout.vector, activation, [&](auto choice) {
        using C = decltype(choice);
        forward<typename C::T, C::V, C::A>(arrays, layout, stream);
    });
}

void batchNormActivateBackward(const BatchNormBackward& arrays, Element element, Activation activation,
                               const BatchNormLayout& layout, cudaStream_t stream) {
    choose(element, layout.vector, activation, [&](auto choice) {
        using C = decltype(choice);
        if constexpr (C::A == Activation::Relu) {
            if (arrays.output != nullptr)
                return backward<typename C::T, C::V, C::A, true>(arrays, layout, stream);
        }
        backward<typename C::T, C::V, C::A, false>(arrays, layout, stream);
    });
}

} // namespace engine::cuda
