// config.json and preprocessor_config.json beside weights.
#include "engine/models/weights/settingsfile.h"
#include "engine/models/weights/statedrules.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::readOrRefuse(data, size, [](std::string_view bytes) {
        engine::SettingsFile settings;
        engine::readSettings({bytes, "config.json"}, settings);
        for (const auto& stated : {settings.inputSize, settings.size, settings.cropSize})
            if (std::min({stated.number, stated.height, stated.width, stated.shortestEdge, stated.longestEdge}) < 0)
                std::abort();
        engine::StatedPreprocess followed;
        engine::followSettings(settings, followed);
        for (const auto& side : {settings.imageSize, settings.resizeSize, followed.imageSize, followed.resizeSize})
            if (side && *side <= 0)
                std::abort();
        if (followed.divisor && !(*followed.divisor > 0))
            std::abort();
        if (settings.cropShare && !(*settings.cropShare > 0 && *settings.cropShare <= 1))
            std::abort();
    });
}
