#include "engine/models/weights/ziparchive.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        const engine::MappedFile file(bytes, "input.zip");
        const engine::ZipArchive archive(file);
        const std::string folder = archive.torchFolder();
        for (const char* name : {"data.pkl", "byteorder", "data/0"}) {
            if (!archive.contains(folder + name))
                continue;
            const std::string_view entry = archive.entry(folder + name);
            fuzz::touch(reinterpret_cast<const std::byte*>(entry.data()), entry.size());
        }
    });
}
