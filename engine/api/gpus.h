#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// A process that computes on a GPU, as the driver and the kernel tell of it. What they do not tell is left out.
struct GpuUser {
    enum class Is {
        Other,    // somebody's program
        Rank,     // of a run that Thaw trains
        IdleThaw, // a Thaw of this person that trains nothing there
    };
    std::int64_t process = 0;  // its id
    std::string program, user; // "python", "anna"
    std::uint64_t bytes = 0;   // of the memory; 0: not told
    Is is = Is::Other;
    std::filesystem::path run{}; // of a rank: the folder
    int rank = -1;               // of several ranks the number
};

// What a GPU is doing just now.
struct GpuState {
    std::string id;      // "cuda:0"
    std::string name;    // "NVIDIA H200 NVL"
    std::string address; // on the bus, by which it is the same for every program
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0;
    double utilisation = std::numeric_limits<double>::quiet_NaN(); // 0..1
    double celsius = std::numeric_limits<double>::quiet_NaN();
    double watts = std::numeric_limits<double>::quiet_NaN();
    double pcieGigabytes = std::numeric_limits<double>::quiet_NaN(); // a second, each way, at most
    std::optional<std::vector<GpuUser>> users;                       // nothing: the driver does not tell
    std::filesystem::path takenFor; // the run that a Thaw of this person took it for; empty: none
};

// Two GPUs that are joined by NVLink; all others talk over PCIe.
struct GpuLink {
    std::string first, second; // "cuda:0"
    int lanes = 0;
    double gigabytes = std::numeric_limits<double>::quiet_NaN(); // a second, each way, of all lanes
};

struct GpuMachine {
    std::vector<GpuState> gpus; // in the order of their numbers
    std::vector<GpuLink> links;
};

// The GPUs that training can use, with what the driver tells (NVML, opened at run time); none where there are none,
// gpuAbsenceReason() then says why. Takes some milliseconds, the first call of a process up to a second. Any thread.
// THAW_GPUS names a file as `thaw devices --json` writes it: then its GPUs are there, and the CPU computes for them.
[[nodiscard]] GpuMachine lookAtGpus();

// Nobody computes there: a program that the driver does not tell of does not count.
[[nodiscard]] bool isFree(const GpuState& gpu);
// Those nobody uses, in the order in which `count` of them are best taken: joined by the most NVLinks, then by number.
// Fewer where not so many are free.
[[nodiscard]] std::vector<std::string> freeGpus(const GpuMachine& machine, std::size_t count);
[[nodiscard]] int lanesBetween(const GpuMachine& machine, const std::string& first, const std::string& second);

// "python of anna, 61.4 GB", "Thaw, run <id>, rank 1"
[[nodiscard]] std::string gpuUserWords(const GpuUser& user);
// "free", or who uses it, in one line.
[[nodiscard]] std::string gpuUseWords(const GpuState& gpu);
// "NVLink between all, 450 GB/s each way"; "cuda:0 and cuda:1: NVLink, 450 GB/s each way; else PCIe, 64 GB/s". Empty
// where there is one GPU, or nothing is known.
[[nodiscard]] std::string gpuLinkWords(const GpuMachine& machine);

} // namespace engine
