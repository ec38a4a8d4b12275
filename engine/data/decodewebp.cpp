#include "engine/data/decode.h"

#include <algorithm>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

namespace engine::decode {
namespace {

WebPBitstreamFeatures features(Bytes file) {
    WebPBitstreamFeatures found;
    if (WebPGetFeatures(file.data(), file.size(), &found) != VP8_STATUS_OK)
        fail("is a damaged WebP");
    return found;
}

// The canvas after the first frame; what the frame does not cover is black.
RgbImage firstFrame(Bytes file, Size canvas) {
    const WebPData data{file.data(), file.size()};
    WebPAnimDecoderOptions options;
    if (WebPAnimDecoderOptionsInit(&options) == 0)
        throw std::bad_alloc();
    options.color_mode = MODE_RGBA;
    const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                               WebPAnimDecoderDelete);
    std::uint8_t* rgba = nullptr;
    int timestamp = 0;
    WebPAnimInfo info;
    if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
        info.canvas_width != static_cast<std::uint32_t>(canvas.width) ||
        info.canvas_height != static_cast<std::uint32_t>(canvas.height) ||
        WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp) == 0)
        fail("is a damaged WebP animation");
    RgbImage image = blank(canvas);
    for (std::size_t i = 0; i < image.pixels.size(); i += 3, rgba += 4)
        std::copy_n(rgba, 3, &image.pixels[i]);
    return image;
}

} // namespace

Size webpSize(Bytes file) {
    const WebPBitstreamFeatures found = features(file);
    return {found.width, found.height};
}

RgbImage webp(Bytes file) {
    const WebPBitstreamFeatures found = features(file);
    requireSize(found.width, found.height);
    if (found.has_animation != 0)
        return firstFrame(file, {found.width, found.height});
    RgbImage image = blank({found.width, found.height});
    if (WebPDecodeRGBInto(file.data(), file.size(), image.pixels.data(), image.pixels.size(), found.width * 3) ==
        nullptr)
        fail("is a damaged WebP");
    return image;
}

bool webpEndsEarly(Bytes file) {
    const std::size_t declared =
        std::size_t{file[4]} | std::size_t{file[5]} << 8 | std::size_t{file[6]} << 16 | std::size_t{file[7]} << 24;
    return file.size() < declared + 8;
}

} // namespace engine::decode
