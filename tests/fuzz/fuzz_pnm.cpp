// PBM, PGM and PPM.
#include "tests/fuzz/picture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3 || data[0] != 'P' || data[1] < '1' || data[1] > '6')
        return 0; // taken for something else
    return fuzz::readPicture(data, size, engine::decode::pnmSize, engine::decode::pnm, engine::decode::pnmEndsEarly);
}
