#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

// Reads JSON token by token without building a tree, so that a header takes no more memory than what is kept of it.
// Every function throws Error(BadWeights) where the text is something else.
class JsonReader final {
public:
    JsonReader(std::string_view text, std::string file) : m_text(text), m_file(std::move(file)) {}

    // beginObject(); while (nextKey(key)) value(); and likewise for arrays.
    void beginObject();
    [[nodiscard]] bool nextKey(std::string& key);
    void beginArray();
    [[nodiscard]] bool nextElement();
    [[nodiscard]] std::string text();
    [[nodiscard]] std::uint64_t unsignedInteger();
    void end(); // nothing but spaces may follow

private:
    void skipSpaces();
    [[nodiscard]] char peek();
    void expect(char wanted);
    [[nodiscard]] unsigned hexFour();
    void appendEscape(std::string& out);
    [[noreturn]] void fail(std::string_view wanted) const;

    std::string_view m_text;
    std::string m_file;
    std::size_t m_at = 0;
    bool m_first = false; // just inside a bracket: no comma yet
};

} // namespace engine
