#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

// What the kernel tells about this machine, as text files.
namespace engine::procfs {

// The value of the first line "key : value" or "key: value" of a file; empty where there is none.
[[nodiscard]] std::string valueOf(const std::filesystem::path& file, std::string_view key);
// Bytes of a line of /proc/meminfo.
[[nodiscard]] std::uint64_t memory(std::string_view key);
[[nodiscard]] std::uint64_t processBytes(); // resident memory of this process
[[nodiscard]] std::optional<double> cpuCelsius();
// Of a process by its id; empty where it is gone, or not seen from here.
[[nodiscard]] std::string programOf(std::int64_t process); // "python", its first 15 letters
[[nodiscard]] std::string userOf(std::int64_t process);    // "anna", or the number of one without a name

} // namespace engine::procfs
