#include "engine/data/exif.h"

#include "engine/data/decode.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <zlib.h>

namespace engine {
namespace {

using decode::Bytes;

constexpr std::size_t kLargestText = std::size_t{1} << 20; // bytes of a PNG's text, unpacked

bool startsWith(Bytes bytes, std::string_view magic) noexcept {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

std::string_view textOf(Bytes bytes) noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// A TIFF block, which is what EXIF is, of either byte order.
class Directory final {
public:
    explicit Directory(Bytes tiff) noexcept : m_tiff(tiff) {
        m_little = startsWith(tiff, {"II*\0", 4});
        if (tiff.size() >= 8 && (m_little || startsWith(tiff, {"MM\0*", 4})))
            m_first = number(4, 4);
    }

    // The place of the tag's twelve bytes in the first directory; nothing where it has none.
    [[nodiscard]] std::optional<std::size_t> entry(std::uint32_t tag) const noexcept {
        if (m_first == 0 || m_first > m_tiff.size() - 2)
            return std::nullopt;
        const std::size_t entries = number(m_first, 2);
        for (std::size_t i = 0; i < entries; ++i) {
            const std::size_t at = m_first + 2 + 12 * i;
            if (at + 12 > m_tiff.size())
                return std::nullopt;
            if (number(at, 2) == tag)
                return at;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::uint32_t number(std::size_t at, int bytes) const noexcept {
        std::uint32_t value = 0;
        for (int i = 0; i < bytes; ++i)
            value |= std::uint32_t{m_tiff[at + static_cast<std::size_t>(i)]} << 8 * (m_little ? i : bytes - 1 - i);
        return value;
    }

private:
    Bytes m_tiff;
    bool m_little = false;
    std::size_t m_first = 0;
};

std::optional<int> orientationInTiff(Bytes tiff) noexcept {
    constexpr std::uint32_t kOrientation = 0x0112, kByte = 1, kShort = 3, kLong = 4;
    const Directory directory(tiff);
    const auto entry = directory.entry(kOrientation);
    if (!entry)
        return std::nullopt;
    const std::uint32_t type = directory.number(*entry + 2, 2);
    const std::uint32_t value = directory.number(*entry + 8, type == kByte ? 1 : type == kLong ? 4 : 2);
    const bool number = type == kByte || type == kShort || type == kLong;
    return number && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

// “\nexif\n   1234\n4578…”: how ImageMagick writes EXIF into a PNG's text.
std::optional<int> orientationInHex(std::string_view text) {
    for (int line = 0; line < 3; ++line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(end + 1);
    }
    std::vector<std::uint8_t> bytes;
    int digits = 0;
    for (const char c : text) {
        const char small = static_cast<char>(c | 0x20);
        const int digit = c >= '0' && c <= '9' ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
        if (digit < 0)
            continue;
        if (digits++ % 2 == 0)
            bytes.push_back(static_cast<std::uint8_t>(digit << 4));
        else
            bytes.back() = static_cast<std::uint8_t>(bytes.back() | digit);
    }
    return exifOrientation(bytes);
}

std::string unpacked(Bytes packed) {
    std::string text(kLargestText, '\0');
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        return {};
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    (void)inflate(&stream, Z_FINISH); // what there is up to an error or the limit
    text.resize(text.size() - stream.avail_out);
    inflateEnd(&stream);
    return text;
}

// What a PNG's text chunk says under `keyword`; nothing where it speaks of something else.
std::optional<std::string> pngText(std::string_view kind, Bytes chunk, std::string_view keyword) {
    if (!startsWith(chunk, keyword) || chunk.size() < keyword.size() + 3 || chunk[keyword.size()] != 0)
        return std::nullopt;
    Bytes rest = chunk.subspan(keyword.size() + 1);
    if (kind == "tEXt")
        return std::string(textOf(rest));
    if (kind == "zTXt")
        return unpacked(rest.subspan(1));
    const bool packed = rest[0] != 0;
    rest = rest.subspan(2);
    for (int skipped = 0; skipped < 2; ++skipped) { // language and translated keyword
        const auto end = std::ranges::find(rest, std::uint8_t{0});
        if (end == rest.end())
            return std::nullopt;
        rest = rest.subspan(static_cast<std::size_t>(end - rest.begin()) + 1);
    }
    return packed ? unpacked(rest) : std::string(textOf(rest));
}

// Big-endian length before the kind and a checksum behind (PNG); little-endian length behind the kind, even places
// (RIFF).
enum class Chunks { Png, Riff };

// Calls each(kind, content) for every chunk; it may say false to end.
template <Chunks chunks, typename Each>
void forEachChunk(Bytes file, Each each) {
    constexpr bool kPng = chunks == Chunks::Png;
    constexpr std::size_t kAround = kPng ? 12 : 8;
    for (std::size_t at = kPng ? 8 : 12; at + kAround <= file.size();) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length |= std::size_t{file[at + (kPng ? i : 4 + i)]} << 8 * (kPng ? 3 - i : i);
        if (length > file.size() - at - kAround)
            return;
        if (!each(textOf(file.subspan(at + (kPng ? 4 : 0), 4)), file.subspan(at + 8, length)))
            return;
        at += kAround + length + (kPng ? 0 : length % 2);
    }
}

} // namespace

std::optional<int> exifOrientation(std::span<const std::uint8_t> exif) noexcept {
    while (startsWith(exif, {"Exif\0\0", 6}))
        exif = exif.subspan(6);
    return orientationInTiff(exif);
}

std::optional<std::uint64_t> endOfTiffValues(Bytes tiff, std::uint32_t tag) noexcept {
    constexpr std::uint64_t kSizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}; // by type
    const Directory directory(tiff);
    const auto entry = directory.entry(tag);
    const std::uint32_t type = entry ? directory.number(*entry + 2, 2) : 0;
    if (type == 0 || type >= std::size(kSizes))
        return std::nullopt;
    const std::uint64_t bytes = kSizes[type] * directory.number(*entry + 4, 4);
    return bytes > 4 ? std::optional(directory.number(*entry + 8, 4) + bytes) : std::nullopt;
}

int xmpOrientation(std::string_view xmp) noexcept {
    constexpr std::string_view kName = "tiff:Orientation";
    for (std::size_t at = xmp.find(kName); at != std::string_view::npos; at = xmp.find(kName, at + 1)) {
        std::string_view rest = xmp.substr(at + kName.size());
        if (!rest.starts_with("=\"") && !rest.starts_with('>'))
            continue;
        rest.remove_prefix(rest.front() == '>' ? 1 : 2);
        if (!rest.empty() && rest.front() >= '0' && rest.front() <= '9')
            return rest.front() >= '1' && rest.front() <= '8' ? rest.front() - '0' : 1;
    }
    return 1;
}

int decode::jpegOrientation(Bytes file) noexcept {
    constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
    int byXmp = 1;
    std::size_t at = 2;
    while (at + 4 <= file.size() && file[at] == 0xff) {
        const int marker = file[at + 1];
        if (marker == 0xff) { // fill byte
            ++at;
            continue;
        }
        if (marker == 0xda || marker == 0xd9)
            break;
        const std::size_t length = std::size_t{file[at + 2]} << 8 | file[at + 3];
        if (length < 2 || at + 2 + length > file.size())
            break;
        const Bytes segment = file.subspan(at + 4, length - 2);
        if (marker == 0xe1 && startsWith(segment, {"Exif\0\0", 6})) {
            if (const auto found = exifOrientation(segment))
                return *found;
        } else if (marker == 0xe1 && startsWith(segment, kXmp)) {
            byXmp = xmpOrientation(textOf(segment));
        }
        at += 2 + length;
    }
    return byXmp;
}

int decode::pngOrientation(Bytes file) noexcept {
    std::optional<int> byChunk, byText;
    int byXmp = 1;
    try {
        forEachChunk<Chunks::Png>(file, [&](std::string_view kind, Bytes content) {
            if (kind == "eXIf")
                byChunk = exifOrientation(content);
            if (kind != "tEXt" && kind != "zTXt" && kind != "iTXt")
                return kind != "IEND";
            if (const auto text = pngText(kind, content, "Raw profile type exif"))
                byText = orientationInHex(*text);
            if (const auto text = pngText(kind, content, "XML:com.adobe.xmp"))
                byXmp = xmpOrientation(*text);
            return true;
        });
    } catch (const std::bad_alloc&) { // then upright
    }
    return byChunk.value_or(byText.value_or(byXmp));
}

int decode::webpOrientation(Bytes file) noexcept {
    std::optional<int> byExif;
    int byXmp = 1;
    forEachChunk<Chunks::Riff>(file, [&](std::string_view kind, Bytes content) {
        if (kind == "EXIF" && !byExif)
            byExif = exifOrientation(content);
        if (kind == "XMP ")
            byXmp = xmpOrientation(textOf(content));
        return true;
    });
    return byExif.value_or(byXmp);
}

} // namespace engine
