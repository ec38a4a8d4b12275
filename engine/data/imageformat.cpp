#include "engine/data/imageformat.h"

#include "engine/api/datareport.h"
#include "engine/api/error.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace engine {
namespace {

using decode::Bytes;
using Format = ImageFile::Format;
using std::string_view;
using std::string_view_literals::operator""sv;

bool has(Bytes file, string_view magic, std::size_t at = 0) {
    return file.size() >= at + magic.size() && std::memcmp(file.data() + at, magic.data(), magic.size()) == 0;
}

// A box of HEIF's names the brands that the file follows.
bool isBrand(Bytes file, std::initializer_list<string_view> brands) {
    if (!has(file, "ftyp"sv, 4))
        return false;
    const std::size_t size = std::min<std::size_t>(file.size(), std::size_t{file[2]} << 8 | file[3]);
    const auto named = [&](std::size_t at) {
        return std::ranges::any_of(brands, [&](string_view brand) { return has(file, brand, at); });
    };
    for (std::size_t at = 16; at + 4 <= size; at += 4)
        if (named(at))
            return true;
    return named(8);
}

bool isAvif(Bytes file) { return isBrand(file, {"avif"sv, "avis"sv}); }
bool isHeif(Bytes file) {
    return !isAvif(file) && isBrand(file, {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "mif1"sv});
}
bool isPnm(Bytes file) {
    return file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' &&
           (file[2] == ' ' || (file[2] >= '\t' && file[2] <= '\r') || file[2] == '#');
}
bool isTiff(Bytes file) {
    return (has(file, "II*\0"sv) || has(file, "MM\0*"sv) || has(file, "II+\0"sv) || has(file, "MM\0+"sv)) &&
           !has(file, "CR"sv, 8);
}

constexpr std::array kJpegEndings{".jpg"sv, ".jpeg"sv, ".jpe"sv, ".jfif"sv};
constexpr std::array kPngEndings{".png"sv};
constexpr std::array kWebpEndings{".webp"sv};
constexpr std::array kBmpEndings{".bmp"sv, ".dib"sv};
constexpr std::array kGifEndings{".gif"sv};
constexpr std::array kTiffEndings{".tif"sv, ".tiff"sv};
constexpr std::array kPnmEndings{".ppm"sv, ".pgm"sv, ".pbm"sv, ".pnm"sv};
constexpr std::array kHeicEndings{".heic"sv, ".heif"sv, ".hif"sv};
constexpr std::array kAvifEndings{".avif"sv};

const std::array kTable{
    ImageFormat{Format::Jpeg, "JPEG", kJpegEndings, [](Bytes file) { return has(file, "\xff\xd8\xff"sv); },
                decode::jpegSize, decode::jpeg, decode::jpegEndsEarly, decode::jpegOrientation},
    ImageFormat{Format::Png, "PNG", kPngEndings, [](Bytes file) { return has(file, "\x89PNG\r\n\x1a\n"sv); },
                decode::pngSize, decode::png, decode::pngEndsEarly, decode::pngOrientation},
    ImageFormat{Format::WebP, "WebP", kWebpEndings,
                [](Bytes file) { return has(file, "RIFF"sv) && has(file, "WEBP"sv, 8); }, decode::webpSize,
                decode::webp, decode::webpEndsEarly, decode::webpOrientation},
    ImageFormat{Format::Bmp, "BMP", kBmpEndings, [](Bytes file) { return has(file, "BM"sv); }, decode::bmpSize,
                decode::bmp, decode::bmpEndsEarly},
    ImageFormat{Format::Gif, "GIF", kGifEndings, [](Bytes file) { return has(file, "GIF8"sv); }, decode::gifSize,
                decode::gif, decode::gifEndsEarly},
    ImageFormat{Format::Tiff, "TIFF", kTiffEndings, isTiff, decode::tiffSize, decode::tiff, decode::tiffEndsEarly,
                decode::tiffOrientation},
    ImageFormat{Format::Pnm, "PPM", kPnmEndings, isPnm, decode::pnmSize, decode::pnm, decode::pnmEndsEarly},
    ImageFormat{Format::Heic, "HEIC", kHeicEndings, isHeif, decode::heifSize, decode::heif, decode::heifEndsEarly},
    ImageFormat{Format::Avif, "AVIF", kAvifEndings, isAvif, decode::heifSize, decode::heif, decode::heifEndsEarly}};

// First bytes and what they stand for; `at` for those that stand further in.
struct Other {
    string_view magic;
    const char* name;
    std::size_t at = 0;
};
constexpr Other kOthers[] = {
    {"CR"sv, "a camera raw file (CR2)", 8},
    {"ftypcrx"sv, "a camera raw file (CR3)", 4},
    {"FUJIFILMCCD-RAW"sv, "a camera raw file (RAF)"},
    {"IIRO"sv, "a camera raw file (ORF)"},
    {"IIRS"sv, "a camera raw file (ORF)"},
    {"MMOR"sv, "a camera raw file (ORF)"},
    {"IIU\0"sv, "a camera raw file (RW2)"},
    {"FOVb"sv, "a camera raw file (X3F)"},
    {"\0MRM"sv, "a camera raw file (MRW)"},
    {"HEAPCCDR"sv, "a camera raw file (CRW)", 6},
    {"\xff\x0a"sv, "a JPEG XL picture"},
    {"\0\0\0\x0cJXL "sv, "a JPEG XL picture"},
    {"\0\0\0\x0cjP  "sv, "a JPEG 2000 picture"},
    {"\xff\x4f\xff\x51"sv, "a JPEG 2000 picture"},
    {"II\xbc"sv, "a JPEG XR picture"},
    {"8BPS"sv, "a Photoshop picture (PSD)"},
    {"gimp xcf"sv, "a GIMP picture (XCF)"},
    {"%PDF"sv, "a PDF document"},
    {"%!PS"sv, "a PostScript document"},
    {"v/1\x01"sv, "an OpenEXR picture"},
    {"#?RADIANCE"sv, "a Radiance HDR picture"},
    {"DDS "sv, "a DDS texture"},
    {"qoif"sv, "a QOI picture"},
    {"icns"sv, "an icon (ICNS)"},
    {"\0\0\1\0"sv, "an icon (ICO)"},
    {"\0\0\2\0"sv, "a cursor (CUR)"},
    {"P7\n"sv, "a PAM picture"},
    {"PF\n"sv, "a PFM picture"},
    {"Pf\n"sv, "a PFM picture"},
    {"/* XPM"sv, "an XPM picture"},
    {"\xd7\xcd\xc6\x9a"sv, "a WMF drawing"},
    {"BPG\xfb"sv, "a BPG picture"},
    {"FLIF"sv, "a FLIF picture"},
    {"SIMPLE  ="sv, "a FITS picture"},
    {"DICM"sv, "a DICOM picture", 128},
    {"AT&TFORM"sv, "a DjVu document"},
    {"\x1a\x45\xdf\xa3"sv, "a video (Matroska or WebM)"},
    {"FLV\x01"sv, "a video (FLV)"},
    {"\0\0\1\xba"sv, "a video (MPEG)"},
    {"\0\0\1\xb3"sv, "a video (MPEG)"},
    {"\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, "a video (WMV)"},
    {"OggS"sv, "a video or sound (Ogg)"},
    {"moov"sv, "a video (MOV)", 4},
    {"mdat"sv, "a video (MOV)", 4},
    {"ID3"sv, "a sound (MP3)"},
    {"fLaC"sv, "a sound (FLAC)"},
    {"PK\3\4"sv, "a zip archive"},
    {"\x1f\x8b"sv, "a gzip archive"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive"},
    {"Rar!"sv, "a rar archive"},
    {"ustar"sv, "a tar archive", 257},
    {"\x93NUMPY"sv, "a NumPy array"},
    {"\x89HDF"sv, "an HDF5 file"},
    {"version https://git-lfs"sv, "a Git LFS pointer; the file itself is fetched with “git lfs pull”"},
};

// SVG, HTML and the like begin with words.
std::string nameOfText(Bytes file) {
    std::string head(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 1024));
    std::ranges::transform(head, head.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const std::size_t begin = head.find_first_not_of("\xef\xbb\xbf \t\r\n");
    if (begin == std::string::npos || (head[begin] != '<' && head[begin] != '{'))
        return {};
    if (head[begin] == '{')
        return "a text in JSON";
    if (head.find("<svg") != std::string::npos)
        return "an SVG drawing";
    if (head.find("<html") != std::string::npos || head.find("<!doctype html") != std::string::npos)
        return "a web page";
    return head.starts_with("<?xml") ? "a text in XML" : "";
}

} // namespace

std::string nameOfOther(Bytes file) {
    for (const Other& other : kOthers)
        if (has(file, other.magic, other.at))
            return other.name;
    if (has(file, "RIFF"sv) && has(file, "AVI "sv, 8))
        return "a video (AVI)";
    if (has(file, "RIFF"sv) && has(file, "WAVE"sv, 8))
        return "a sound (WAV)";
    if (has(file, "ftyp"sv, 4))
        return isBrand(file, {"qt  "sv}) ? "a video (MOV)" : "a video (MP4)";
    if (has(file, "G"sv) && has(file, "G"sv, 188) && has(file, "G"sv, 376))
        return "a video (MPEG)";
    return nameOfText(file);
}

const ImageFormat& formatOf(Bytes file) {
    if (file.empty())
        decode::fail("is empty");
    const auto row = std::ranges::find_if(kTable, [&](const ImageFormat& format) { return format.begins(file); });
    if (row != kTable.end())
        return *row;
    const std::string other = nameOfOther(file);
    if (other.empty())
        decode::fail(fmt::format("is not a picture ({} are read)", formatNames()));
    throw Error(ErrorKind::BadInput, fmt::format("is {}", other), "Turn it into a JPEG or PNG, or leave it out.");
}

const ImageFormat& rowOf(ImageFile::Format format) { return *std::ranges::find(kTable, format, &ImageFormat::format); }

const std::vector<std::string>& pictureEndings() {
    static const auto endings = [] {
        std::vector<std::string> all;
        for (const ImageFormat& format : kTable)
            all.insert(all.end(), format.endings.begin(), format.endings.end());
        return all;
    }();
    return endings;
}

const std::string& formatNames() {
    static const auto names = [] {
        std::string all;
        for (const ImageFormat& format : kTable)
            all += (all.empty() ? "" : &format == &kTable.back() ? " and " : ", ") + std::string(format.name);
        return all;
    }();
    return names;
}

} // namespace engine
