#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engine {

// A 64-bit hash of bytes; the same on every machine, so it may be stored (fingerprints, seeds).
[[nodiscard]] std::uint64_t hashBytes(const void* data, std::size_t bytes, std::uint64_t seed = 0) noexcept;
[[nodiscard]] inline std::uint64_t hashText(std::string_view text, std::uint64_t seed = 0) noexcept {
    return hashBytes(text.data(), text.size(), seed);
}

// SplitMix64 (Steele, Lea, Flood 2014): the n-th number of a seed is the first of seed + (n - 1) × kStep.
class SplitMix final {
public:
    static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
    explicit constexpr SplitMix(std::uint64_t seed) noexcept : m_state(seed) {}
    constexpr std::uint64_t next() noexcept {
        std::uint64_t z = m_state += kStep;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t m_state;
};

// One independent, well mixed seed for (base, stream, index): per-epoch shuffles, per-sample augmentation.
[[nodiscard]] constexpr std::uint64_t deriveSeed(std::uint64_t base, std::uint64_t stream,
                                                 std::uint64_t index = 0) noexcept {
    const auto mix = [](std::uint64_t z) { return SplitMix(z).next(); };
    return mix(mix(mix(base) ^ stream) ^ index);
}

// A small, fast generator with the same numbers on every machine and library (std's distributions are not).
class Random final {
public:
    explicit constexpr Random(std::uint64_t seed) noexcept : m_state(seed) {}
    constexpr std::uint64_t next() noexcept { return deriveSeed(m_state += SplitMix::kStep, 1); }
    // [0, 1)
    constexpr double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    constexpr double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
    // [0, bound); bound > 0
    constexpr std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

private:
    std::uint64_t m_state;
};

} // namespace engine
