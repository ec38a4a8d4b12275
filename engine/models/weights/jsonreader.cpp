#include "engine/models/weights/jsonreader.h"

#include "engine/models/weights/limits.h"

#include <charconv>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr int kDepth = 64;

void appendUtf8(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

} // namespace

void JsonReader::fail(std::string_view wanted) const {
    refuseWeights(fmt::format("{} is damaged: {} was expected at byte {}.", m_what, wanted, m_at + m_offset),
                  "Fetch the file again.");
}

void JsonReader::skipSpaces() {
    while (m_at < m_text.size() &&
           (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
        ++m_at;
}

char JsonReader::peek() {
    skipSpaces();
    return m_at < m_text.size() ? m_text[m_at] : '\0';
}

void JsonReader::expect(char wanted) {
    if (peek() != wanted)
        fail(fmt::format("“{}”", wanted));
    ++m_at;
}

bool JsonReader::takeWord(std::string_view word) {
    skipSpaces();
    if (m_text.substr(m_at, word.size()) != word)
        return false;
    m_at += word.size();
    return true;
}

JsonReader::Kind JsonReader::kind() {
    switch (const char next = peek()) {
    case '{':
        return Kind::Object;
    case '[':
        return Kind::Array;
    case '"':
        return Kind::Text;
    case 't':
    case 'f':
        return Kind::Boolean;
    case 'n':
        return Kind::Null;
    default:
        if ((next >= '0' && next <= '9') || next == '-' || next == 'N' || next == 'I')
            return Kind::Number;
        fail("a value");
    }
}

void JsonReader::beginObject() {
    expect('{');
    m_first = true;
}

void JsonReader::beginArray() {
    expect('[');
    m_first = true;
}

bool JsonReader::nextKey(std::string& key) {
    if (peek() == '}') {
        ++m_at;
        m_first = false;
        return false;
    }
    if (!m_first)
        expect(',');
    key = text();
    expect(':');
    m_first = false;
    return true;
}

bool JsonReader::nextElement() {
    if (peek() == ']') {
        ++m_at;
        m_first = false;
        return false;
    }
    if (!m_first)
        expect(',');
    m_first = false;
    return true;
}

unsigned JsonReader::hexFour() {
    unsigned code = 0;
    if (m_text.size() - m_at < 4)
        fail("an escape of four digits");
    const char* begin = m_text.data() + m_at;
    const auto [end, problem] = std::from_chars(begin, begin + 4, code, 16);
    if (problem != std::errc{} || end != begin + 4)
        fail("an escape of four digits");
    m_at += 4;
    return code;
}

void JsonReader::appendEscape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = m_at < m_text.size() ? m_text[m_at++] : '\0';
    if (letter == 'u') {
        unsigned code = hexFour();
        if (code >= 0xd800 && code < 0xdc00 && m_text.substr(m_at, 2) == "\\u") {
            m_at += 2;
            code = 0x10000 + ((code - 0xd800) << 10) + ((hexFour() - 0xdc00) & 0x3ff);
        }
        appendUtf8(out, code);
        return;
    }
    const std::size_t which = kLetters.find(letter);
    if (which == std::string_view::npos)
        fail("a known escape");
    out += kMeanings[which];
}

std::string JsonReader::text() {
    expect('"');
    std::string out;
    while (m_at < m_text.size() && m_text[m_at] != '"') {
        if (out.size() > limits::kMetadataBytes * 16)
            fail("a shorter text");
        if (m_text[m_at] == '\\') {
            ++m_at;
            appendEscape(out);
        } else {
            out += m_text[m_at++];
        }
    }
    if (m_at == m_text.size())
        fail("the end of a text");
    ++m_at;
    return out;
}

std::uint64_t JsonReader::unsignedInteger() {
    skipSpaces();
    std::uint64_t value = 0;
    const char* begin = m_text.data() + m_at;
    const auto [end, problem] = std::from_chars(begin, m_text.data() + m_text.size(), value);
    if (problem != std::errc{})
        fail("a whole number of at most 64 bits");
    m_at += static_cast<std::size_t>(end - begin);
    return value;
}

double JsonReader::number() {
    skipSpaces();
    double value = 0;
    const char* begin = m_text.data() + m_at;
    const auto [end, problem] = std::from_chars(begin, m_text.data() + m_text.size(), value);
    if (problem != std::errc{})
        fail("a number");
    m_at += static_cast<std::size_t>(end - begin);
    return value;
}

bool JsonReader::boolean() {
    if (takeWord("true"))
        return true;
    if (!takeWord("false"))
        fail("true or false");
    return false;
}

void JsonReader::skipValue() { skip(0); }

void JsonReader::skip(int depth) {
    if (depth == kDepth)
        fail("less nesting");
    switch (kind()) {
    case Kind::Object: {
        beginObject();
        for (std::string key; nextKey(key);)
            skip(depth + 1);
        return;
    }
    case Kind::Array:
        beginArray();
        while (nextElement())
            skip(depth + 1);
        return;
    case Kind::Text:
        static_cast<void>(text());
        return;
    case Kind::Number:
        static_cast<void>(number());
        return;
    case Kind::Boolean:
        static_cast<void>(boolean());
        return;
    case Kind::Null:
        if (!takeWord("null"))
            fail("null");
        return;
    }
}

void JsonReader::end() {
    skipSpaces();
    if (m_at != m_text.size())
        fail("the end");
}

} // namespace engine
