#pragma once

#include <string>

namespace engine {

// "20261123-141502-ants-and-bees": the folder of a run that began at this time (seconds since 1970).
[[nodiscard]] std::string runFolderName(const std::string& name, double time);

} // namespace engine
