#include "engine/data/imagefile.h"

#include "engine/api/error.h"
#include "engine/data/decode.h"
#include "engine/data/exif.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

constexpr std::int64_t kLargestPicture = 200'000'000; // pixels; more is taken for an attack or a mistake
constexpr off_t kLargestFile = off_t{1} << 30;

// A file that cannot be reached may be there again later; one whose name or kind is wrong stays so.
[[noreturn]] void failToRead(const char* verb, int problem) {
    const bool forGood = problem == ELOOP || problem == ENAMETOOLONG || problem == EISDIR || problem == EINVAL;
    throw Error(forGood ? ErrorKind::BadInput : ErrorKind::DataGone,
                fmt::format("{} ({})", verb, std::strerror(problem)), "Replace the file or leave it out.");
}

std::vector<std::uint8_t> readBytes(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); // a pipe must not block
    if (descriptor < 0)
        failToRead("cannot be opened", errno);
    struct stat status {};
    if (fstat(descriptor, &status) != 0) {
        const int problem = errno;
        close(descriptor);
        failToRead("cannot be opened", problem);
    }
    if (!S_ISREG(status.st_mode) || status.st_size > kLargestFile) {
        close(descriptor);
        decode::fail(S_ISREG(status.st_mode) ? "is larger than 1 GB" : "is no ordinary file");
    }
    std::vector<std::uint8_t> content(static_cast<std::size_t>(status.st_size));
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t got = read(descriptor, content.data() + done, content.size() - done);
        if (got < 0) {
            const int problem = errno;
            close(descriptor);
            failToRead("cannot be read", problem);
        }
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    close(descriptor);
    content.resize(done);
    return content;
}

ImageFile::Format formatOf(const std::vector<std::uint8_t>& content) {
    auto starts = [&](const char* magic, std::size_t length, std::size_t at = 0) {
        return content.size() >= at + length && std::memcmp(content.data() + at, magic, length) == 0;
    };
    if (content.empty())
        decode::fail("is empty");
    if (starts("\xff\xd8\xff", 3))
        return ImageFile::Format::Jpeg;
    if (starts("\x89PNG\r\n\x1a\n", 8))
        return ImageFile::Format::Png;
    if (starts("RIFF", 4) && starts("WEBP", 4, 8))
        return ImageFile::Format::WebP;
    if (starts("BM", 2))
        return ImageFile::Format::Bmp;
    if (starts("GIF8", 4))
        return ImageFile::Format::Gif;
    decode::fail("is not a JPEG, PNG, WebP, BMP or GIF picture");
}

// EXIF's eight orientations: 2–4 mirror or turn by 180°, 5–8 exchange rows and columns.
RgbImage turned(const RgbImage& in, int orientation) {
    if (orientation == 1)
        return in;
    const bool exchange = orientation > 4;
    RgbImage out{.width = exchange ? in.height : in.width, .height = exchange ? in.width : in.height, .pixels = {}};
    out.pixels.resize(in.pixels.size());
    const bool mirrorX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool mirrorY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            int sourceX = exchange ? y : x;
            int sourceY = exchange ? x : y;
            if (mirrorX)
                sourceX = in.width - 1 - sourceX;
            if (mirrorY)
                sourceY = in.height - 1 - sourceY;
            std::memcpy(&out.pixels[(std::size_t(y) * std::size_t(out.width) + std::size_t(x)) * 3],
                        &in.pixels[(std::size_t(sourceY) * std::size_t(in.width) + std::size_t(sourceX)) * 3], 3);
        }
    }
    return out;
}

} // namespace

void decode::fail(const std::string& message) {
    throw Error(ErrorKind::BadInput, message, "Replace the file or leave it out.");
}

ImageFile::ImageFile(const std::filesystem::path& file) : m_content(readBytes(file)) { readHeader(); }

ImageFile::ImageFile(std::vector<std::uint8_t> content) : m_content(std::move(content)) { readHeader(); }

void ImageFile::readHeader() {
    m_format = formatOf(m_content);
    decode::Size size;
    switch (m_format) {
    case Format::Jpeg:
        size = decode::jpegSize(m_content);
        m_orientation = jpegOrientation(m_content);
        break;
    case Format::Png:
        size = decode::pngSize(m_content);
        break;
    case Format::WebP:
        size = decode::webpSize(m_content);
        break;
    case Format::Bmp:
    case Format::Gif:
        size = decode::stbSize(m_content);
        break;
    }
    if (size.width <= 0 || size.height <= 0 || std::int64_t{size.width} * size.height > kLargestPicture)
        decode::fail(fmt::format("has {} × {} pixels; 200 million are the most", size.width, size.height));
    m_storedWidth = size.width;
    m_storedHeight = size.height;
}

RgbImage ImageFile::decodeStored() const {
    switch (m_format) {
    case Format::Jpeg:
        return decode::jpeg(m_content);
    case Format::Png:
        return decode::png(m_content);
    case Format::WebP:
        return decode::webp(m_content);
    default:
        return decode::stb(m_content);
    }
}

RgbImage ImageFile::decode() const {
    return m_orientation == 1 ? decodeStored() : turned(decodeStored(), m_orientation);
}

ImagePart ImageFile::decodePart(Rectangle crop, int wantedSide) const {
    if (m_format == Format::Jpeg && m_orientation == 1) {
        const int side = std::min(crop.width(), crop.height());
        int eighths = 8;
        while (eighths > 1 && side * (eighths / 2) >= wantedSide * 8)
            eighths /= 2;
        return decode::jpegPart(m_content, crop, eighths);
    }
    return {.image = decode(),
            .left = double(crop.left),
            .top = double(crop.top),
            .right = double(crop.right),
            .bottom = double(crop.bottom)};
}

std::string ImageFile::truncation() const {
    const std::size_t size = m_content.size();
    if (m_format == Format::Jpeg) {
        // The end marker stands in the last bytes, but some cameras append data of their own.
        for (std::size_t i = size; i-- > 1;)
            if (m_content[i] == 0xd9 && m_content[i - 1] == 0xff)
                return {};
        return "ends early; the lower part of the picture is missing";
    }
    static constexpr std::uint8_t kIend[] = {'I', 'E', 'N', 'D'};
    if (m_format == Format::Png &&
        std::search(m_content.rbegin(), m_content.rend(), std::rbegin(kIend), std::rend(kIend)) == m_content.rend())
        return "ends early; a part of the picture is missing";
    if (m_format == Format::WebP) {
        const std::size_t declared = std::size_t{m_content[4]} | std::size_t{m_content[5]} << 8 |
                                     std::size_t{m_content[6]} << 16 | std::size_t{m_content[7]} << 24;
        if (size < declared + 8)
            return "ends early; a part of the picture is missing";
    }
    if ((m_format == Format::Bmp || m_format == Format::Gif) && decode::stbEndsEarly(m_content))
        return "ends early; a part of the picture is missing";
    return {};
}

} // namespace engine
