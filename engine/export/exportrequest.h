#pragma once

#include "engine/api/export.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <string>

namespace engine {

// Throws Error(BadInput): something of that name is there, or no folder can be made there.
void requireNew(const std::filesystem::path& out);
// The folder that is there and in which `path` would lie, with others that are made between them.
[[nodiscard]] std::filesystem::path nearestThere(const std::filesystem::path& path);
// Throws Error(BadInput): no such model can be written so.
void requirePossible(const ExportRequest& request, const ModelDescription& description);
// "best", "last" or the number of a step. Throws Error(NotFound | BadWeights).
[[nodiscard]] std::filesystem::path checkpointNamed(const std::filesystem::path& run, const std::string& word);
// Those that are whole, the best first, then from the newest on.
[[nodiscard]] std::vector<ExportCheckpoint> exportCheckpoints(const std::filesystem::path& run);
// Whose names tensors of a file of parameters have; Unknown: the backbone's own.
[[nodiscard]] Library libraryWanted(ExportFormat format, Library names, const BackboneInfo& backbone);

} // namespace engine
