#pragma once

#include "engine/export/exportfacts.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <string>

namespace engine {

// README.md of an exported folder: what the model was trained on and from, how good it is, what opens it.
[[nodiscard]] std::string modelCard(const std::filesystem::path& run, const ExportFacts& facts,
                                    const ModelDescription& description, const ExportReport& report);

} // namespace engine
