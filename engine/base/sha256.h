#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
class Sha256 final {
public:
    void add(std::string_view bytes);
    [[nodiscard]] std::string hex(); // 64 digits; ends the sum

private:
    void block(const unsigned char* bytes);

    std::array<std::uint32_t, 8> m_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, 64> m_rest{};
    std::size_t m_restBytes = 0;
    std::uint64_t m_bytes = 0;
};

} // namespace engine
