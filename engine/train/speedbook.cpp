#include "engine/train/speedbook.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/log.h"
#include "engine/device/computedevice.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace engine {
using nlohmann::json;

namespace {

// Of one core: the middle of what five backbones reached, frozen and whole, on a server's processor of 2023 (25 to 105
// in float32, 15 to 190 in bfloat16: depthwise convolutions wait for memory, dense ones do not).
constexpr double kFloatFlopsPerCore = 40e9, kBfloat16FlopsPerCore = 70e9;
// Of a GPU's multiprocessor, likewise.
constexpr double kFlopsPerMultiprocessor = 300e9;
constexpr double kDecodeSeconds = 0.002;             // of a JPEG file, on one core
constexpr double kStartOnCpu = 0.5, kStartOnGpu = 4; // seconds
constexpr const char* kStart = "+start";             // behind the preset's name

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

std::optional<double> remembered(const std::string& key) {
    try {
        const json book = readBook();
        const auto found = book.find(key);
        if (found != book.end() && found->is_number())
            return found->get<double>();
    } catch (const Error& error) {
        logLine("speed", error.what());
    }
    return std::nullopt;
}

void remember(const std::string& key, double value) {
    try {
        json book = readBook();
        book[key] = value;
        std::filesystem::create_directories(cacheFolder());
        writeFileAtomically(cacheFolder() / "speed.json", book.dump(1) + "\n");
    } catch (const std::exception& error) {
        logLine("speed", error.what());
    }
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
    return remembered(keyOf(device, backbone, freezePreset, imageSize));
}

void rememberSpeed(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double samplesPerSecond) {
    remember(keyOf(device, backbone, freezePreset, imageSize), samplesPerSecond);
}

double startSeconds(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                    int imageSize) {
    const auto known = remembered(keyOf(device, backbone, freezePreset + kStart, imageSize));
    return known.value_or(device.id == "cpu" ? kStartOnCpu : kStartOnGpu);
}

void rememberStart(const DeviceInfo& device, const std::string& backbone, const std::string& freezePreset,
                   int imageSize, double seconds) {
    remember(keyOf(device, backbone, freezePreset + kStart, imageSize), seconds);
}

double guessedSpeed(const DeviceInfo& device, Precision precision, double flops) {
    const double cores = std::max(1U, std::thread::hardware_concurrency());
    if (device.id == "cpu") { // which decodes as well
        const double rate = precision == Precision::BFloat16 ? kBfloat16FlopsPerCore : kFloatFlopsPerCore;
        return cores / (kDecodeSeconds + flops / rate);
    }
    return std::min(kFlopsPerMultiprocessor * device.cores / flops, cores / kDecodeSeconds);
}

} // namespace engine
