#pragma once

#include "engine/api/datareport.h"
#include "engine/data/sample.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// A rectangle of pixels; left and top inside, right and bottom outside.
struct Rectangle {
    int left = 0, top = 0, right = 0, bottom = 0;
    [[nodiscard]] int width() const { return right - left; }
    [[nodiscard]] int height() const { return bottom - top; }
};

// A part of a picture, possibly decoded at a fraction of its size: the part's edges lie at these coordinates of
// `image`.
struct ImagePart {
    RgbImage image;
    double left = 0, top = 0, right = 0, bottom = 0;
};

struct ImageFormat;

// A picture file whose header has been read and whose pixels have not, recognised by content; of animations and files
// of several pages the first. Everything becomes 8-bit RGB as Pillow's convert("RGB") makes it (alpha is dropped;
// 16-bit grey keeps its upper byte, which Pillow clips instead), turned upright by its EXIF tag. All functions throw
// Error(BadInput) with a sentence that leaves out the file's name; the constructor also Error(DataGone) where the file
// cannot be reached. One object, one thread.
class ImageFile final {
public:
    enum class Format { Jpeg, Png, WebP, Bmp, Gif, Tiff, Pnm, Heic, Avif };

    explicit ImageFile(const std::filesystem::path& file); // or a shard's and a picture's in it
    // `stop` ends a wait for a server: Error(Stopped).
    ImageFile(const std::filesystem::path& root, const ImageSample& sample, const std::stop_token& stop = {});
    explicit ImageFile(std::vector<std::uint8_t> content);

    [[nodiscard]] Format format() const;
    [[nodiscard]] const std::vector<std::uint8_t>& content() const { return m_content; }            // as it lies there
    [[nodiscard]] int width() const { return m_orientation > 4 ? m_storedHeight : m_storedWidth; }  // upright
    [[nodiscard]] int height() const { return m_orientation > 4 ? m_storedWidth : m_storedHeight; } // upright

    // The whole picture, bit for bit what the reference libraries decode.
    [[nodiscard]] RgbImage decode() const;
    // The part inside `crop`, decoded at least `wantedSide` pixels wide and high where it has them. A JPEG is decoded
    // at a half, quarter or eighth and only around the crop, which is several times faster and differs by rounding.
    [[nodiscard]] ImagePart decodePart(Rectangle crop, int wantedSide) const;
    // A cheap look for a body that was cut off. Empty where nothing speaks for it, else a sentence.
    [[nodiscard]] std::string truncation() const;

private:
    void readHeader();

    std::vector<std::uint8_t> m_content;
    const ImageFormat* m_row = nullptr; // of the table
    int m_storedWidth = 0;
    int m_storedHeight = 0;
    int m_orientation = 1;
};

} // namespace engine
