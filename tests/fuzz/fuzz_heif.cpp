// HEIC and AVIF.
#include "tests/fuzz/picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 12)
        return 0; // taken for something else
    return fuzz::readPicture(data, size, engine::decode::heifSize, engine::decode::heif, engine::decode::heifEndsEarly);
}
