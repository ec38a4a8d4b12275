#include "engine/api/devices.h"

#include "engine/device/cudamodule.h"
#include "engine/device/madeupgpus.h"
#include "engine/device/nvml.h"
#include "engine/device/procfs.h"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace engine {
namespace procfs {

std::string valueOf(const std::filesystem::path& file, std::string_view key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(key))
            continue;
        const std::size_t colon = line.find(':');
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        return colon == std::string::npos || begin == std::string::npos ? std::string() : line.substr(begin);
    }
    return {};
}

std::uint64_t memory(std::string_view key) {
    const std::string value = valueOf("/proc/meminfo", key); // "24675436 kB"
    return value.empty() ? 0 : std::strtoull(value.c_str(), nullptr, 10) * 1024;
}

std::uint64_t processBytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t total = 0, resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<double> cpuCelsius() {
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/hwmon", code)) {
        std::string name;
        std::ifstream(entry.path() / "name") >> name;
        if (name != "coretemp" && name != "k10temp" && name != "zenpower" && name != "cpu_thermal")
            continue;
        double thousandths = 0;
        if (std::ifstream(entry.path() / "temp1_input") >> thousandths)
            return thousandths / 1000;
    }
    return std::nullopt;
}

std::string programOf(std::int64_t process) {
    std::string name;
    std::ifstream in(fmt::format("/proc/{}/comm", process));
    std::getline(in, name);
    return name;
}

std::string userOf(std::int64_t process) {
    struct stat status {};
    if (stat(fmt::format("/proc/{}", process).c_str(), &status) != 0)
        return {};
    std::array<char, 4096> room{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(status.st_uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return std::to_string(status.st_uid);
}

} // namespace procfs

std::vector<DeviceInfo> devices() {
    DeviceInfo cpu{.id = "cpu", .name = procfs::valueOf("/proc/cpuinfo", "model name")};
    if (cpu.name.empty())
        cpu.name = "CPU";
    cpu.cores = static_cast<int>(std::thread::hardware_concurrency());
    cpu.totalBytes = procfs::memory("MemTotal");
    cpu.freeBytes = procfs::memory("MemAvailable");
    const std::string flags = fmt::format(" {} ", procfs::valueOf("/proc/cpuinfo", "flags"));
    cpu.bf16 = flags.find(" avx512_bf16 ") != std::string::npos || flags.find(" amx_bf16 ") != std::string::npos;
    std::vector<DeviceInfo> all = {cpu};
    const std::vector<GpuInfo> gpus = gpuInfos();
    for (std::size_t i = 0; i < gpus.size(); ++i) {
        all.push_back(gpus[i].device);
        if (gpusAreMadeUp())
            continue;
        const auto told = driverSensors().freeBytes(gpus[i].pciAddress);
        all.back().freeBytes = told ? *told : cuda().provider->freeBytes(static_cast<int>(i));
    }
    return all;
}

std::string gpuAbsenceReason() { return gpusAreMadeUp() ? std::string() : cuda().absence; }

} // namespace engine
