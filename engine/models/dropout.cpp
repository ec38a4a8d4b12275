#include "engine/models/dropout.h"

#include "engine/base/hash.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

// Functions made for several generations of processors, of which the program takes the best at its start. A sanitizer
// is not ready yet when that is chosen.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) &&                \
    !defined(__SANITIZE_ADDRESS__)
#define THAW_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define THAW_FOR_EACH_PROCESSOR
#endif

namespace engine {
namespace {

constexpr double kDraws = 65536;         // values of one draw of 16 bits
constexpr std::int64_t kBlock = 1024;    // elements whose draws are made before they are used
constexpr std::int64_t kBlocksShare = 8; // blocks worth a thread of their own
constexpr std::int64_t kDrawsInWord = 4;

std::uint64_t drawSeed() {
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const std::scoped_lock lock(generator.mutex());
    return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}

// `kept` (the bits of a factor) where an element stays, 0 where it goes; in the order of memory. Without branches, for
// these would be guessed wrong every other time.
template <typename Bits>
void draw(Bits* mask, std::int64_t count, std::uint16_t gone, Bits kept, std::uint64_t seed) {
    at::parallel_for(0, (count + kBlock - 1) / kBlock, kBlocksShare, [=](std::int64_t begin, std::int64_t end) {
        std::array<std::uint64_t, kBlock / 4> words;
        std::array<std::uint16_t, kBlock> draws;
        for (std::int64_t block = begin; block < end; ++block) {
            SplitMix random(seed + static_cast<std::uint64_t>(block) * words.size() * SplitMix::kStep);
            for (std::uint64_t& word : words)
                word = random.next();
            std::memcpy(draws.data(), words.data(), sizeof draws);
            Bits* out = mask + block * kBlock;
            const std::int64_t size = std::min(kBlock, count - block * kBlock);
            for (std::int64_t i = 0; i < size; ++i)
                out[i] = static_cast<Bits>(-static_cast<Bits>(draws[static_cast<std::size_t>(i)] >= gone) & kept);
        }
    });
}

// Of the 65536 values of a draw those below `gone` drop their element.
std::uint16_t goneOf(double p) {
    return static_cast<std::uint16_t>(std::min(std::lround(p * kDraws), std::lround(kDraws) - 1));
}
float factorOf(std::uint16_t gone) { return static_cast<float>(kDraws / (kDraws - gone)); }

float widened(float value) { return value; }
float widened(std::uint16_t bf16) { return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16); }

// Whether the elements are drawn here; at::dropout does the rest.
bool draws(const at::Tensor& input, double p) {
    return input.is_cpu() && (input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16) && p > 0 &&
           p < 1;
}

void drawMask(const at::Tensor& mask, std::uint16_t gone, std::uint64_t seed) {
    const float factor = factorOf(gone);
    if (mask.scalar_type() == at::kFloat)
        draw(static_cast<std::uint32_t*>(mask.data_ptr()), mask.numel(), gone, std::bit_cast<std::uint32_t>(factor),
             seed);
    else
        draw(static_cast<std::uint16_t*>(mask.data_ptr()), mask.numel(), gone, at::BFloat16(factor).x, seed);
}

// What the fused operator works on: rows (pixels) of `channels` elements, one after the other in memory, of which
// `outputs` sums are made. At most kMostOutputs, in kShares parts whatever the number of threads.
constexpr std::int64_t kMostOutputs = 16;
constexpr std::int64_t kMostChannels = 4096;
constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kShares = 64;

struct Rows {
    std::int64_t count;
    std::int64_t channels;
    std::int64_t outputs;
    std::uint16_t gone;
    std::uint64_t seed;
};

using Row = std::array<float, kMostChannels>;

// One row after dropout, not yet scaled: the draws of `draw` for the same seed.
template <typename Element>
[[gnu::always_inline]] inline void dropRow(const Rows& rows, const Element* elements, std::int64_t row, Row& kept) {
    std::array<std::uint64_t, kMostChannels / kDrawsInWord> words;
    std::array<std::uint16_t, kMostChannels> draws;
    const std::int64_t count = rows.channels / kDrawsInWord;
    SplitMix random(rows.seed + static_cast<std::uint64_t>(row * count) * SplitMix::kStep);
    for (std::int64_t i = 0; i < count; ++i)
        words[static_cast<std::size_t>(i)] = random.next();
    std::memcpy(draws.data(), words.data(), static_cast<std::size_t>(count) * sizeof(std::uint64_t));
    const Element* in = elements + row * rows.channels;
    for (std::int64_t i = 0; i < rows.channels; ++i) {
        const auto stays =
            static_cast<std::uint32_t>(-static_cast<std::int32_t>(draws[static_cast<std::size_t>(i)] >= rows.gone));
        kept[static_cast<std::size_t>(i)] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(widened(in[i])) & stays);
    }
}

[[gnu::always_inline]] inline float product(const float* a, const float* b, std::int64_t count) {
    std::array<float, kLanes> sums{};
    for (std::int64_t i = 0; i < count; i += kLanes)
        for (std::int64_t lane = 0; lane < kLanes; ++lane)
            sums[static_cast<std::size_t>(lane)] += a[i + lane] * b[i + lane];
    float sum = 0;
    for (const float lane : sums)
        sum += lane;
    return sum;
}

// out[row][k] = Σ kept[row][c] · weight[k][c] for rows first … last - 1.
template <typename Element>
THAW_FOR_EACH_PROCESSOR void projectRows(const Rows& rows, const Element* elements, const float* weight, float* out,
                                         std::int64_t first, std::int64_t last) {
    Row kept;
    for (std::int64_t row = first; row < last; ++row) {
        dropRow(rows, elements, row, kept);
        for (std::int64_t k = 0; k < rows.outputs; ++k)
            out[row * rows.outputs + k] = product(kept.data(), weight + k * rows.channels, rows.channels);
    }
}
// sums[k][c] += Σ kept[row][c] · gradient[row][k] over the same.
template <typename Element>
THAW_FOR_EACH_PROCESSOR void sumRows(const Rows& rows, const Element* elements, const float* gradient, float* sums,
                                     std::int64_t first, std::int64_t last) {
    Row kept;
    for (std::int64_t row = first; row < last; ++row) {
        dropRow(rows, elements, row, kept);
        for (std::int64_t k = 0; k < rows.outputs; ++k) {
            float* sum = sums + k * rows.channels;
            const float factor = gradient[row * rows.outputs + k];
            for (std::int64_t c = 0; c < rows.channels; ++c)
                sum[c] += factor * kept[static_cast<std::size_t>(c)];
        }
    }
}

template <typename Element>
void projectAll(const Rows& rows, const Element* elements, const float* weight, float* out) {
    at::parallel_for(0, rows.count, rows.count / kShares + 1, [&](std::int64_t first, std::int64_t last) {
        projectRows(rows, elements, weight, out, first, last);
    });
}
// sums [kShares, outputs, channels]: the rows in kShares parts.
template <typename Element>
void sumAll(const Rows& rows, const Element* elements, const float* gradient, float* sums) {
    const std::int64_t each = (rows.count + kShares - 1) / kShares;
    at::parallel_for(0, kShares, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t share = begin; share < end; ++share)
            sumRows(rows, elements, gradient, sums + share * rows.outputs * rows.channels, share * each,
                    std::min(rows.count, (share + 1) * each));
    });
}

// Calls `operation` with the elements of `input` as they are to be read.
template <typename Operation>
void withElements(const at::Tensor& input, const Operation& operation) {
    if (input.scalar_type() == at::kFloat)
        operation(input.const_data_ptr<float>());
    else
        operation(static_cast<const std::uint16_t*>(input.const_data_ptr()));
}

// Maps [N, C, H, W], channels last, as their rows in memory.
at::Tensor rowsOf(const at::Tensor& maps) { return maps.permute({0, 2, 3, 1}).reshape({-1, maps.size(1)}); }
at::Tensor mapsOf(const at::Tensor& rows, const at::Tensor& like) {
    return rows.view({like.size(0), like.size(2), like.size(3), rows.size(1)}).permute({0, 3, 1, 2});
}

// Input [rows, C], weight [K, C] → [rows, K]; the mask is drawn again for the gradient instead of being kept.
class DroppedProduct final : public torch::autograd::Function<DroppedProduct> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                              const at::Tensor& weight, std::int64_t gone, std::int64_t seed) {
        context->save_for_backward({input, weight});
        context->saved_data["gone"] = gone;
        context->saved_data["seed"] = seed;
        const at::Tensor scaled = scaledBy(weight, gone);
        at::Tensor output = at::empty({input.size(0), weight.size(0)}, at::kFloat);
        const Rows rows = rowsFor(input, weight, gone, seed);
        withElements(input, [&](const auto* elements) {
            projectAll(rows, elements, scaled.const_data_ptr<float>(), output.data_ptr<float>());
        });
        return output;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor& input = saved[0];
        const at::Tensor& weight = saved[1];
        const std::int64_t gone = context->saved_data["gone"].toInt(), seed = context->saved_data["seed"].toInt();
        const at::Tensor gradient = gradients[0].to(at::kFloat).contiguous();
        const Rows rows = rowsFor(input, weight, gone, seed);
        at::Tensor ofInput, ofWeight;
        if (context->needs_input_grad(0)) {
            const at::Tensor mask = at::empty_like(input);
            drawMask(mask, static_cast<std::uint16_t>(gone), static_cast<std::uint64_t>(seed));
            ofInput = at::mm(gradient, weight).to(input.scalar_type()).mul_(mask);
        }
        if (context->needs_input_grad(1)) {
            const at::Tensor sums = at::zeros({kShares, rows.outputs, rows.channels}, at::kFloat);
            withElements(input, [&](const auto* elements) {
                sumAll(rows, elements, gradient.const_data_ptr<float>(), sums.data_ptr<float>());
            });
            ofWeight = scaledBy(sums.sum(0), gone);
        }
        return {ofInput, ofWeight, {}, {}};
    }

private:
    static Rows rowsFor(const at::Tensor& input, const at::Tensor& weight, std::int64_t gone, std::int64_t seed) {
        return {.count = input.size(0),
                .channels = input.size(1),
                .outputs = weight.size(0),
                .gone = static_cast<std::uint16_t>(gone),
                .seed = static_cast<std::uint64_t>(seed)};
    }
    static at::Tensor scaledBy(const at::Tensor& weight, std::int64_t gone) {
        return weight.detach() * static_cast<double>(factorOf(static_cast<std::uint16_t>(gone)));
    }
};

} // namespace

at::Tensor dropoutOf(const at::Tensor& input, double p, bool training) {
    if (!training || !draws(input, p))
        return at::dropout(input, p, training);
    const at::Tensor mask = at::empty_like(input.detach());
    drawMask(mask, goneOf(p), drawSeed());
    return input * mask;
}

at::Tensor dropoutThenPointwise(const at::Tensor& maps, const at::Tensor& weight, const at::Tensor& bias, double p) {
    const std::int64_t channels = maps.size(1), outputs = weight.size(0);
    if (!draws(maps, p) || weight.scalar_type() != at::kFloat || outputs > kMostOutputs || channels > kMostChannels ||
        channels % kLanes != 0 || !maps.is_contiguous(at::MemoryFormat::ChannelsLast))
        return at::conv2d(dropoutOf(maps, p, true), weight, bias);
    const at::Tensor sums = DroppedProduct::apply(rowsOf(maps), weight.view({outputs, channels}), goneOf(p),
                                                  static_cast<std::int64_t>(drawSeed()));
    return mapsOf(bias.defined() ? sums + bias : sums, maps);
}

} // namespace engine
