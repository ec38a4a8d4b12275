// One pickle by itself: no archive around it stands between the fuzzer and the machine.
#include "engine/models/weights/pickle.h"
#include "engine/models/weights/statedict.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        static const std::string storage(256, '\0');
        engine::Pickle pickle(bytes, "input.pkl");
        std::size_t at = 0;
        const engine::PickleValue& root = pickle.read(at);
        const auto storageBytes = [](const engine::PickledStorage&) { return std::string_view(storage); };
        for (const engine::StoredTensor& tensor : engine::collectTensors(root, storageBytes, "input.pkl").tensors)
            fuzz::touch(tensor.data, tensor.bytes);
    });
}
