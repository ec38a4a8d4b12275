#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

// Reads JSON token by token without building a tree, so that a header takes no more memory than what is kept of it.
// Every function throws Error(BadWeights) where the text is something else.
class JsonReader final {
public:
    // `what` is the text in sentences ("The header of x.safetensors"), `offset` where it starts in its file. A
    // byte-order mark is skipped.
    JsonReader(std::string_view text, std::string what, std::size_t offset = 0)
        : m_text(text), m_what(std::move(what)), m_offset(offset), m_at(text.starts_with("\xef\xbb\xbf") ? 3 : 0) {}

    enum class Kind { Object, Array, Text, Number, Boolean, Null };
    [[nodiscard]] Kind kind(); // of the value that comes next

    // beginObject(); while (nextKey(key)) value(); and likewise for arrays.
    void beginObject();
    [[nodiscard]] bool nextKey(std::string& key);
    void beginArray();
    [[nodiscard]] bool nextElement();
    [[nodiscard]] std::string text();
    [[nodiscard]] std::uint64_t unsignedInteger();
    [[nodiscard]] double number(); // also NaN and Infinity, which Python writes
    [[nodiscard]] bool boolean();
    void skipValue(); // any value with all that is in it
    void end();       // nothing but spaces may follow

private:
    void skipSpaces();
    [[nodiscard]] char peek();
    void expect(char wanted);
    [[nodiscard]] bool takeWord(std::string_view word);
    void skip(int depth);
    [[nodiscard]] unsigned hexFour();
    void appendEscape(std::string& out);
    [[noreturn]] void fail(std::string_view wanted) const;

    std::string_view m_text;
    std::string m_what;
    std::size_t m_offset;
    std::size_t m_at;
    bool m_first = false; // just inside a bracket: no comma yet
};

} // namespace engine
