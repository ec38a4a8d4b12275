#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace engine {

// A message of protocol buffers as bytes, field by field. LibTorch brings a protobuf library of its own version inside
// it, beside which no other can be linked.
class ProtobufMessage final {
public:
    void number(int field, std::int64_t value);
    void real(int field, float value);
    void text(int field, std::string_view bytes); // also what is packed or an inner message
    void message(int field, const ProtobufMessage& inner) { text(field, inner.bytes()); }
    void numbers(int field, std::span<const std::int64_t> values); // packed
    void reals(int field, std::span<const float> values);          // packed
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

private:
    void varint(std::uint64_t value);
    void key(int field, int wireType);

    std::string m_bytes;
};

} // namespace engine
