#include "engine/data/decode.h"

#include <csetjmp>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

namespace engine::decode {
namespace {

// libjpeg reports errors by a call that must not return; this one jumps back to the function that set the mark.
struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf mark;
    char message[JMSG_LENGTH_MAX];
    bool endsEarly;
};

extern "C" void thawJpegError(j_common_ptr info) {
    auto* manager = reinterpret_cast<ErrorManager*>(info->err);
    (*info->err->format_message)(info, manager->message);
    std::longjmp(manager->mark, 1);
}

extern "C" void thawJpegWarning(j_common_ptr info, int level) {
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF)
        reinterpret_cast<ErrorManager*>(info->err)->endsEarly = true;
}

// Owns a libjpeg decompressor. Between a set mark and its last libjpeg call no C++ object may be created.
struct Decompressor {
    jpeg_decompress_struct info{};
    ErrorManager errors{};

    explicit Decompressor(Bytes file) {
        info.err = jpeg_std_error(&errors.base);
        errors.base.error_exit = thawJpegError;
        errors.base.emit_message = thawJpegWarning;
        jpeg_create_decompress(&info);
        jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
    }
    ~Decompressor() { jpeg_destroy_decompress(&info); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    [[noreturn]] void failFromJump() const { fail(std::string("is a damaged JPEG (") + errors.message + ")"); }
};

void chooseColour(jpeg_decompress_struct& info) {
    info.out_color_space = info.num_components == 4 ? JCS_CMYK : JCS_RGB;
}

// Reads `rows` rows of `width` pixels into rgb; the buffers exist before the mark is set.
bool readRows(Decompressor& jpeg, int skip, int rows, int width, std::uint8_t* rgb, std::uint8_t* cmykRow) {
    if (setjmp(jpeg.errors.mark) != 0)
        return false;
    if (skip > 0)
        jpeg_skip_scanlines(&jpeg.info, static_cast<JDIMENSION>(skip));
    for (int y = 0; y < rows; ++y) {
        std::uint8_t* out = rgb + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
        JSAMPROW row = cmykRow != nullptr ? cmykRow : out;
        jpeg_read_scanlines(&jpeg.info, &row, 1);
        for (int x = 0; cmykRow != nullptr && x < width; ++x)
            invertedCmykToRgb(cmykRow + x * 4, out + x * 3);
    }
    return true;
}

bool start(Decompressor& jpeg, int eighths) {
    if (setjmp(jpeg.errors.mark) != 0)
        return false;
    jpeg_read_header(&jpeg.info, TRUE);
    chooseColour(jpeg.info);
    jpeg.info.scale_num = static_cast<unsigned>(eighths);
    jpeg.info.scale_denom = 8;
    jpeg_start_decompress(&jpeg.info);
    return true;
}

bool cropColumns(Decompressor& jpeg, JDIMENSION& left, JDIMENSION& width) {
    if (setjmp(jpeg.errors.mark) != 0)
        return false;
    jpeg_crop_scanline(&jpeg.info, &left, &width);
    return true;
}

bool readSize(Decompressor& jpeg) {
    if (setjmp(jpeg.errors.mark) != 0)
        return false;
    jpeg_read_header(&jpeg.info, TRUE);
    return true;
}

RgbImage readPixels(Decompressor& jpeg, int skip, int rows, int width) {
    RgbImage image{.width = width, .height = rows, .pixels = {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(rows) * 3);
    std::vector<std::uint8_t> cmykRow;
    if (jpeg.info.out_color_space == JCS_CMYK)
        cmykRow.resize(static_cast<std::size_t>(jpeg.info.output_width) * 4);
    if (!readRows(jpeg, skip, rows, width, image.pixels.data(), cmykRow.empty() ? nullptr : cmykRow.data()))
        jpeg.failFromJump();
    if (jpeg.errors.endsEarly)
        failEndsEarly();
    return image;
}

} // namespace

Size jpegSize(Bytes file) {
    Decompressor jpeg(file);
    if (!readSize(jpeg))
        jpeg.failFromJump();
    return {static_cast<int>(jpeg.info.image_width), static_cast<int>(jpeg.info.image_height)};
}

RgbImage jpeg(Bytes file) {
    Decompressor jpeg(file);
    if (!start(jpeg, 8))
        jpeg.failFromJump();
    return readPixels(jpeg, 0, static_cast<int>(jpeg.info.output_height), static_cast<int>(jpeg.info.output_width));
}

ImagePart jpegPart(Bytes file, Rectangle crop, int eighths) {
    Decompressor jpeg(file);
    if (!start(jpeg, eighths))
        jpeg.failFromJump();
    const double scaleX = double(jpeg.info.output_width) / jpeg.info.image_width;
    const double scaleY = double(jpeg.info.output_height) / jpeg.info.image_height;
    constexpr int kMargin = 4; // pixels around the crop that the resampling filter and chroma upsampling look at
    const int outWidth = static_cast<int>(jpeg.info.output_width);
    const int outHeight = static_cast<int>(jpeg.info.output_height);
    const int left = std::max(0, static_cast<int>(crop.left * scaleX) - kMargin);
    const int right = std::min(outWidth, static_cast<int>(crop.right * scaleX) + 1 + kMargin);
    const int top = std::max(0, static_cast<int>(crop.top * scaleY) - kMargin);
    const int bottom = std::min(outHeight, static_cast<int>(crop.bottom * scaleY) + 1 + kMargin);

    auto readLeft = static_cast<JDIMENSION>(left);
    auto readWidth = static_cast<JDIMENSION>(right - left);
    // libjpeg moves the left edge to the next smaller block of its own; progressive files gain nothing from it.
    if (right - left < outWidth && !cropColumns(jpeg, readLeft, readWidth))
        jpeg.failFromJump();
    ImagePart part;
    part.image = readPixels(jpeg, top, bottom - top, static_cast<int>(jpeg.info.output_width));
    part.left = crop.left * scaleX - readLeft;
    part.right = crop.right * scaleX - readLeft;
    part.top = crop.top * scaleY - top;
    part.bottom = crop.bottom * scaleY - top;
    return part;
}

bool jpegEndsEarly(Bytes file) {
    // The end marker stands in the last bytes, but some cameras append data of their own.
    for (std::size_t i = file.size(); i-- > 1;)
        if (file[i] == 0xd9 && file[i - 1] == 0xff)
            return false;
    return true;
}

} // namespace engine::decode
