#include "engine/models/hub/hublisting.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        if (engine::readHubListing(bytes).commit.size() != 40)
            std::abort();
    });
}
