#include "engine/data/shards/tarreader.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace engine {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kTarPiece = 8192;                         // a header and the small members behind it
constexpr std::uint64_t kLongestExtra = std::uint64_t{1} << 20; // of a name or of pax's records

std::string_view textAt(std::span<const char> header, std::size_t place, std::size_t most) {
    const std::string_view field(header.data() + place, most);
    return field.substr(0, std::min(field.find('\0'), field.size()));
}

// Octal digits, or a big-endian number behind a first byte of 0x80.
std::optional<std::uint64_t> numberAt(std::span<const char> header, std::size_t place, std::size_t most) {
    const std::string_view field(header.data() + place, most);
    std::uint64_t value = 0;
    if (const auto first = static_cast<unsigned char>(field.front()); (first & 0x80) != 0) {
        if (first != 0x80)
            return std::nullopt; // negative, or beyond any file
        for (const char c : field.substr(1)) {
            if (value >> 55 != 0)
                return std::nullopt;
            value = value << 8 | static_cast<unsigned char>(c);
        }
        return value;
    }
    std::size_t i = 0;
    while (i < field.size() && field[i] == ' ')
        ++i;
    for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i)
        value = value << 3 | static_cast<std::uint64_t>(field[i] - '0');
    return i == field.size() || field[i] == '\0' || field[i] == ' ' ? std::optional(value) : std::nullopt;
}

// The sum of all bytes with blanks in the sum's place; some old programs added them as signed.
bool sumFits(std::span<const char> header) {
    constexpr std::size_t kSum = 148, kSumBytes = 8;
    std::int64_t plain = 0, asSigned = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const char c = i >= kSum && i < kSum + kSumBytes ? ' ' : header[i];
        plain += static_cast<unsigned char>(c);
        asSigned += static_cast<signed char>(c);
    }
    const auto said = numberAt(header, kSum, kSumBytes);
    return said && (static_cast<std::int64_t>(*said) == plain || static_cast<std::int64_t>(*said) == asSigned);
}

std::string nameIn(std::span<const char> header) {
    const std::string_view name = textAt(header, 0, 100);
    const std::string_view prefix = textAt(header, 345, 155);
    if (std::string_view(header.data() + 257, 6) == std::string_view("ustar\0", 6) && !prefix.empty())
        return fmt::format("{}/{}", prefix, name);
    return std::string(name);
}

// Calls for "length key=value\n" after "length key=value\n". False where they are not that.
template <typename Take>
bool forEachRecord(std::string_view records, Take take) {
    while (!records.empty()) {
        std::size_t length = 0;
        const auto [stop, code] = std::from_chars(records.data(), records.data() + records.size(), length);
        const auto digits = static_cast<std::size_t>(stop - records.data());
        if (code != std::errc() || length > records.size() || length < digits + 3 || *stop != ' ' ||
            records[length - 1] != '\n')
            return false;
        const std::string_view record = records.substr(digits + 1, length - digits - 2);
        if (const std::size_t sign = record.find('='); sign != std::string_view::npos)
            take(record.substr(0, sign), record.substr(sign + 1));
        records.remove_prefix(length);
    }
    return true;
}

} // namespace

TarReader::TarReader(ReadAt read, std::uint64_t bytes) : m_read(std::move(read)), m_bytes(bytes) {}

bool TarReader::end(std::string trouble) {
    m_trouble = std::move(trouble);
    m_ended = true;
    return false;
}

// Fewer bytes than asked for: the tar ends there.
std::span<const char> TarReader::at(std::uint64_t place, std::size_t bytes) {
    if (place < m_bufferPlace || place + bytes > m_bufferPlace + m_buffer.size()) {
        m_buffer.resize(std::max(kTarPiece, bytes));
        m_bufferPlace = place;
        m_buffer.resize(m_read(place, m_buffer));
    }
    const auto begin = static_cast<std::size_t>(place - m_bufferPlace);
    return std::span<const char>(m_buffer).subspan(begin, std::min(bytes, m_buffer.size() - begin));
}

std::string TarReader::content(const TarMember& member, std::size_t most) {
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(member.bytes, most));
    const std::span<const char> found = at(member.offset, bytes);
    return {found.begin(), found.end()};
}

bool TarReader::takeExtras(char kind, std::uint64_t bytes, Extras& extras) {
    const std::span<const char> found = at(m_place + kBlock, static_cast<std::size_t>(bytes));
    const std::string_view text(found.data(), found.size());
    if (kind == 'L') {
        extras.name = text.substr(0, std::min(text.find('\0'), text.size()));
        return true;
    }
    if (kind != 'x')
        return true;
    return forEachRecord(text, [&extras](std::string_view key, std::string_view value) {
        if (key == "path")
            extras.name = value;
        else if (key == "size")
            extras.hasBytes =
                std::from_chars(value.data(), value.data() + value.size(), extras.bytes).ec == std::errc();
    });
}

bool TarReader::next(TarMember& member) {
    Extras extras;
    while (!m_ended) {
        const std::uint64_t place = m_place;
        if (place == m_bytes && place == 0)
            return end("is empty");
        if (place >= m_bytes)
            return end("has no mark at its end: it may have been cut off");
        const std::span<const char> header = at(place, kBlock);
        if (header.size() < kBlock)
            return end(m_isTar ? "ends in the middle of a header" : "is no tar");
        if (std::ranges::all_of(header, [](char c) { return c == '\0'; })) {
            m_isTar = true;
            return end({});
        }
        const auto stated = numberAt(header, 124, 12);
        if (!sumFits(header) || !stated)
            return end(m_isTar ? fmt::format("is damaged behind byte {}", place) : "is no tar");
        m_isTar = true;
        const char kind = header[156];
        const bool describes = kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K';
        const bool ordinary = kind == '0' || kind == '\0' || kind == '7';
        // Links, devices and folders have no content, whatever their header says.
        std::uint64_t bytes = kind >= '1' && kind <= '6' ? 0 : *stated;
        if (extras.hasBytes && !describes)
            bytes = extras.bytes;
        std::string name = extras.name.empty() || describes ? nameIn(header) : extras.name;
        if (bytes > m_bytes - place - kBlock)
            return end(describes ? "ends in the middle of a header" : fmt::format("ends in the middle of {}", name));
        if (describes && bytes > kLongestExtra)
            return end(fmt::format("is damaged behind byte {}", place));
        if (describes && !takeExtras(kind, bytes, extras))
            return end(fmt::format("is damaged behind byte {}", place));
        m_place = place + kBlock + (bytes + kBlock - 1) / kBlock * kBlock;
        if (describes)
            continue;
        extras = {};
        if (!ordinary || name.ends_with('/')) // of old, folders were files of such a name
            continue;
        member = {.name = std::move(name), .offset = place + kBlock, .bytes = bytes};
        return true;
    }
    return false;
}

} // namespace engine
