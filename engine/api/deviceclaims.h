#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace engine {

struct GpuMachine;
class FileLock;

// GPUs that were taken for a run: no other run of this person's takes them as long as the object lives, in whatever
// program. A lock file each in the cache folder; it is let go with the process, also by a crash, but not before the
// ranks that were started with it have ended. One thread at a time.
class DeviceClaims final {
public:
    DeviceClaims();
    ~DeviceClaims();
    DeviceClaims(DeviceClaims&&) noexcept;
    DeviceClaims& operator=(DeviceClaims&&) noexcept;

    // False: another run has it. `address` as GpuState has it. Throws Error(BadInput) where the cache folder cannot be
    // written to.
    [[nodiscard]] bool take(const std::string& device, const std::string& address, const std::filesystem::path& run);
    [[nodiscard]] const std::vector<std::string>& devices() const { return m_devices; } // "cuda:0", as they were taken
    [[nodiscard]] std::vector<int> descriptors() const; // that hold the locks: for processes that are to share them

private:
    std::vector<std::string> m_devices;
    std::vector<FileLock> m_locks;
};

// What [devices] use wants of a machine.
struct DeviceWish {
    enum class Kind {
        Cpu,
        Named, // these GPUs
        Free,  // so many that nobody uses
        All,
    };
    Kind kind = Kind::Cpu;
    std::vector<std::string> named;
    std::size_t count = 1; // GPUs, or ranks of the CPU
};
// Where there are no GPUs, `auto` and `all` are the CPU.
[[nodiscard]] DeviceWish deviceWish(const std::vector<std::string>& use, std::size_t gpus);

// Takes for a run what it wants, as the machine is now. Nothing for the CPU. GPUs that are named are the run's even
// where others use them too. Throws Error(Device), a sentence on who uses them, where not so many are free.
[[nodiscard]] DeviceClaims takeDevices(const std::filesystem::path& run, const DeviceWish& wish,
                                       const GpuMachine& machine);

// The run that a device is taken for; empty: none.
[[nodiscard]] std::filesystem::path takenFor(const std::string& device, const std::string& address);
// Who took it: a process id; 0: nobody.
[[nodiscard]] std::int64_t takenBy(const std::string& device, const std::string& address);

} // namespace engine
