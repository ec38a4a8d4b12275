#include "engine/train/speedbook.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/log.h"
#include "engine/device/computedevice.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
using nlohmann::json;

namespace {

std::string keyOf(const DeviceInfo& device, const std::string& backbone, const std::string& preset, int imageSize) {
    const std::string work = fmt::format("{}|{}|{}", backbone, preset, imageSize);
    return device.id == "cpu" ? work : work + '|' + device.name;
}

json readBook() {
    std::error_code code;
    const auto file = cacheFolder() / "speed.json";
    if (!std::filesystem::exists(file, code))
        return json::object();
    json book = json::parse(readFile(file), nullptr, false);
    return book.is_object() ? book : json::object();
}

} // namespace

DeviceInfo deviceOf(const Experiment& experiment) {
    try {
        return chooseDevice(experiment.devices.use);
    } catch (const Error&) {
        return devices().front();
    }
}

std::optional<double> rememberedSpeed(const DeviceInfo& device, const std::string& backbone,
                                      const std::string& freezePreset, int imageSize) {
    try {
        const json book = readBook();
        const auto found = book.find(keyOf(device, backbone, freezePreset, imageSize));
        if (found != book.end() && found->is_number())
            return found->get<double>();
    } catch (const Error& error) {
        logLine("speed", error.what());
    }
    return std::nullopt;
}

void rememberSpeed(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double samplesPerSecond) {
    try {
        json book = readBook();
        book[keyOf(device, backbone, freezePreset, imageSize)] = samplesPerSecond;
        std::filesystem::create_directories(cacheFolder());
        writeFileAtomically(cacheFolder() / "speed.json", book.dump(1) + "\n");
    } catch (const std::exception& error) {
        logLine("speed", error.what());
    }
}

} // namespace engine
