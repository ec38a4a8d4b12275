#pragma once

#include "engine/export/exportfacts.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <map>
#include <string>

namespace engine {

// README.md of an exported folder: what the model was trained on and from, how good it is, what opens it. With it the
// pictures that it shows; by name.
[[nodiscard]] std::map<std::string, std::string> modelCard(const std::filesystem::path& run, const ExportFacts& facts,
                                                           const ModelDescription& description,
                                                           const ExportReport& report);

} // namespace engine
