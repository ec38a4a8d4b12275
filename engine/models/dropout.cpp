#include "engine/models/dropout.h"

#include "engine/base/hash.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <mutex>

namespace engine {
namespace {

constexpr double kDraws = 65536;         // values of one draw of 16 bits
constexpr std::int64_t kBlock = 1024;    // elements whose draws are made before they are used
constexpr std::int64_t kBlocksShare = 8; // blocks worth a thread of their own

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

} // namespace

at::Tensor dropoutOf(const at::Tensor& input, double p, bool training) {
    const bool known = input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16;
    if (!training || !input.is_cpu() || !known || p <= 0 || p >= 1)
        return at::dropout(input, p, training);
    const auto gone = static_cast<std::uint16_t>(std::min(std::lround(p * kDraws), std::lround(kDraws) - 1));
    const auto factor = static_cast<float>(kDraws / (kDraws - gone));
    const at::Tensor mask = at::empty_like(input.detach());
    if (input.scalar_type() == at::kFloat)
        draw(static_cast<std::uint32_t*>(mask.data_ptr()), mask.numel(), gone, std::bit_cast<std::uint32_t>(factor),
             drawSeed());
    else
        draw(static_cast<std::uint16_t*>(mask.data_ptr()), mask.numel(), gone, at::BFloat16(factor).x, drawSeed());
    return input * mask;
}

} // namespace engine
