#include "engine/api/devices.h"

#include "engine/device/cudamodule.h"
#include "engine/device/procfs.h"

#include <fmt/format.h>
#include <fstream>
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
    for (const GpuInfo& gpu : cuda().gpus)
        all.push_back(gpu.device);
    return all;
}

std::string gpuAbsenceReason() { return cuda().absence; }

} // namespace engine
