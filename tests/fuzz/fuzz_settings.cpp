// config.json and preprocessor_config.json beside weights.
#include "engine/models/weights/settingsfile.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        engine::SettingsFile settings;
        engine::readSettings({bytes, "config.json"}, settings);
        for (const auto& side : {settings.inputSize, settings.imageSize, settings.size, settings.cropSize})
            if (side && *side <= 0)
                std::abort();
        if (settings.cropShare && !(*settings.cropShare > 0 && *settings.cropShare <= 1))
            std::abort();
    });
}
