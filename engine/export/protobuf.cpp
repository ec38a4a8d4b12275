#include "engine/export/protobuf.h"

#include <bit>
#include <cstring>

namespace engine {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are written as they lie in memory");

enum WireType { Varint = 0, Bytes = 2, FourBytes = 5 };

} // namespace

void ProtobufMessage::varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        m_bytes += static_cast<char>(value | 0x80);
    m_bytes += static_cast<char>(value);
}

void ProtobufMessage::key(int field, int wireType) {
    varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wireType));
}

void ProtobufMessage::number(int field, std::int64_t value) {
    key(field, Varint);
    varint(static_cast<std::uint64_t>(value));
}

void ProtobufMessage::real(int field, float value) {
    key(field, FourBytes);
    m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void ProtobufMessage::text(int field, std::string_view bytes) {
    key(field, Bytes);
    varint(bytes.size());
    m_bytes += bytes;
}

void ProtobufMessage::numbers(int field, std::span<const std::int64_t> values) {
    ProtobufMessage packed;
    for (const std::int64_t value : values)
        packed.varint(static_cast<std::uint64_t>(value));
    text(field, packed.bytes());
}

void ProtobufMessage::reals(int field, std::span<const float> values) {
    text(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

} // namespace engine
