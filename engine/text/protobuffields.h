#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace engine {

// The fields of a protobuf message, one after the other.
class ProtobufFields final {
public:
    explicit ProtobufFields(std::string_view bytes) : m_bytes(bytes) {}

    enum class Wire { Varint = 0, Eight = 1, Bytes = 2, Four = 5 };
    struct Field {
        std::uint32_t number = 0;
        Wire wire = Wire::Varint;
        std::uint64_t value = 0; // of a Varint
        std::string_view bytes;  // of the others
        std::string_view whole;  // with its head
    };
    // False at the end, and where the rest is no field; damaged() tells them apart.
    [[nodiscard]] bool next(Field& field) {
        const std::size_t begin = m_at;
        std::uint64_t key = 0;
        if (m_at == m_bytes.size() || !varint(key))
            return false;
        field = {.number = static_cast<std::uint32_t>(key >> 3), .wire = static_cast<Wire>(key & 7)};
        if (field.number == 0 || !content(field)) {
            m_damaged = true;
            return false;
        }
        field.whole = m_bytes.substr(begin, m_at - begin);
        return true;
    }
    [[nodiscard]] bool damaged() const { return m_damaged; }

    [[nodiscard]] static float asFloat(std::string_view four) {
        float value = 0;
        std::memcpy(&value, four.data(), sizeof value);
        return value;
    }

private:
    bool varint(std::uint64_t& value) {
        value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (m_at == m_bytes.size())
                break;
            const auto byte = static_cast<unsigned char>(m_bytes[m_at++]);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80)
                return true;
        }
        m_damaged = true;
        return false;
    }
    bool content(Field& field) {
        std::uint64_t length = 0;
        switch (field.wire) {
        case Wire::Varint:
            return varint(field.value);
        case Wire::Eight:
            length = 8;
            break;
        case Wire::Four:
            length = 4;
            break;
        case Wire::Bytes:
            if (!varint(length))
                return false;
            break;
        default:
            return false;
        }
        if (length > m_bytes.size() - m_at)
            return false;
        field.bytes = m_bytes.substr(m_at, static_cast<std::size_t>(length));
        m_at += static_cast<std::size_t>(length);
        return true;
    }

    std::string_view m_bytes;
    std::size_t m_at = 0;
    bool m_damaged = false;
};

} // namespace engine
