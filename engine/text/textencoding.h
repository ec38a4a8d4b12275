#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

// How a file of text writes its characters.
enum class TextEncoding { Utf8, Utf16LittleEndian, Utf16BigEndian, Windows1252 };

[[nodiscard]] const char* textEncodingName(TextEncoding encoding); // "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252"

// Looks at a whole file, piece by piece, and says what it is: by its byte-order mark, by the zeros of UTF-16, else
// UTF-8 unless most of what is not ASCII is no UTF-8. Windows-1252 is Latin-1 with letters in place of control
// characters.
class EncodingGuess final {
public:
    void add(std::string_view bytes);
    [[nodiscard]] TextEncoding encoding() const;
    [[nodiscard]] std::size_t markBytes() const; // of the byte-order mark

private:
    void countUtf8(std::string_view bytes);

    std::string m_begin;               // the first bytes
    std::string m_rest;                // of a character that goes on in the next piece
    std::uint64_t m_valid = 0;         // characters of several bytes
    std::uint64_t m_broken = 0;        // pieces of none
    std::uint64_t m_zeros[2] = {0, 0}; // at even and odd places of the first bytes
};

// Makes UTF-8 of the bytes of a file, piece by piece; what is no character becomes U+FFFD and is counted.
class TextDecoder final {
public:
    explicit TextDecoder(TextEncoding encoding) : m_encoding(encoding) {}

    void decode(std::string_view bytes, std::string& into);
    void finish(std::string& into); // what is left is half a character
    [[nodiscard]] std::uint64_t broken() const { return m_broken; }

private:
    void decodeUtf8(std::string_view bytes, std::string& into, std::size_t& used);
    void decodeUtf16(std::string_view bytes, std::string& into, std::size_t& used);
    void replace(std::string& into);

    TextEncoding m_encoding;
    std::string m_rest;
    std::uint64_t m_broken = 0;
};

} // namespace engine
