// Whole files as torch.save writes them, zip and legacy, through the same door as in the program.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        const auto file = engine::WeightsFile::read(engine::MappedFile(bytes, "input.pth"));
        for (const engine::StoredTensor& tensor : file.tensors())
            fuzz::touch(tensor.data, tensor.bytes);
    });
}
