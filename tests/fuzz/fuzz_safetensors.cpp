#include "engine/models/weights/safetensors.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        const engine::MappedFile file(bytes, "input.safetensors");
        for (const engine::StoredTensor& tensor : engine::readSafetensors(file).tensors)
            fuzz::touch(tensor.data, tensor.bytes);
    });
}
