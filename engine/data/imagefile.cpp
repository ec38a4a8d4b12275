#include "engine/data/imagefile.h"

#include "engine/api/error.h"
#include "engine/data/decode.h"
#include "engine/data/imageformat.h"
#include "engine/data/picturebytes.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace engine {
namespace {

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

void decode::failEndsEarly() { fail("ends early; a part of the picture is missing"); }

void decode::requireSize(std::int64_t width, std::int64_t height) {
    constexpr std::int64_t kLongestSide = 1'000'000'000;
    if (width <= 0 || height <= 0 || width > kLongestSide || height > kLongestSide || width * height > kLargestPicture)
        fail(fmt::format("has {} × {} pixels; 200 million are the most", width, height));
}

RgbImage decode::blank(Size size) {
    RgbImage image{.width = size.width, .height = size.height, .pixels = {}};
    image.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
    return image;
}

ImageFile::ImageFile(const std::filesystem::path& file) : m_content(PictureBytes(file).all()) { readHeader(); }

ImageFile::ImageFile(const std::filesystem::path& root, const ImageSample& sample, const std::stop_token& stop)
    : m_content(PictureBytes(root, sample, stop).all()) {
    readHeader();
}

ImageFile::ImageFile(std::vector<std::uint8_t> content) : m_content(std::move(content)) { readHeader(); }

void ImageFile::readHeader() {
    m_row = &formatOf(m_content);
    const decode::Size size = m_row->size(m_content);
    decode::requireSize(size.width, size.height);
    m_storedWidth = size.width;
    m_storedHeight = size.height;
    if (m_row->orientation != nullptr)
        m_orientation = m_row->orientation(m_content);
}

ImageFile::Format ImageFile::format() const { return m_row->format; }

RgbImage ImageFile::decode() const {
    RgbImage stored = m_row->decode(m_content);
    return m_orientation == 1 ? stored : turned(stored, m_orientation);
}

ImagePart ImageFile::decodePart(Rectangle crop, int wantedSide) const {
    if (format() == Format::Jpeg && m_orientation == 1) {
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
    try {
        if (m_row->endsEarly(m_content))
            decode::failEndsEarly();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace engine
