// What is looked at before torch loads a TorchScript program.
#include "engine/models/weights/torchpickle.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(
        data, size, [](std::string_view bytes) { engine::checkProgramFile(engine::MappedFile(bytes, "input.pt")); });
}
