// TIFF.
#include "tests/fuzz/picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 8)
        return 0; // taken for something else
    return fuzz::readPicture(data, size, engine::decode::tiffSize, engine::decode::tiff, engine::decode::tiffEndsEarly);
}
