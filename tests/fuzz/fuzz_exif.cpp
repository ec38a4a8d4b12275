// The orientation that JPEG, PNG, WebP and TIFF files name.
#include "tests/fuzz/picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto copy = std::make_unique<std::uint8_t[]>(size); // the sanitizer sees a step past its end
    std::copy(data, data + size, copy.get());
    const engine::decode::Bytes bytes(copy.get(), size);
    for (const auto orientation : {engine::decode::jpegOrientation, engine::decode::pngOrientation,
                                   engine::decode::webpOrientation, engine::decode::tiffOrientation}) {
        const int found = orientation(bytes);
        if (found < 1 || found > 8)
            std::abort();
    }
    return 0;
}
