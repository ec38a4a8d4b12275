#include "engine/models/weights/finite.h"

#include <cstring>

namespace engine {
namespace {

// A number is finite where the bits of its exponent are not all ones.
template <typename Bits>
bool allFinite(const std::byte* data, std::size_t bytes, Bits exponent) {
    for (std::size_t at = 0; at + sizeof(Bits) <= bytes; at += sizeof(Bits)) {
        Bits bits{};
        std::memcpy(&bits, data + at, sizeof bits);
        if ((bits & exponent) == exponent)
            return false;
    }
    return true;
}

} // namespace

bool isFinite(const StoredTensor& tensor) {
    switch (tensor.dtype) {
    case DType::Float16:
        return allFinite<std::uint16_t>(tensor.data, tensor.bytes, 0x7c00);
    case DType::BFloat16:
        return allFinite<std::uint16_t>(tensor.data, tensor.bytes, 0x7f80);
    case DType::Float32:
        return allFinite<std::uint32_t>(tensor.data, tensor.bytes, 0x7f800000);
    case DType::Float64:
        return allFinite<std::uint64_t>(tensor.data, tensor.bytes, 0x7ff0000000000000);
    default:
        return true;
    }
}

} // namespace engine
