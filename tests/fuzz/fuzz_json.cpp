// Any JSON, walked value by value.
#include "engine/models/weights/jsonreader.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        engine::JsonReader json(bytes, "input.json");
        json.skipValue();
        json.end();
    });
}
