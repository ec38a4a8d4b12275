#pragma once

#include "engine/train/trainedmodel.h"

#include <filesystem>

namespace engine {

// A file that thaw export wrote as TorchScript or ONNX, or the folder around it, as a model that answers like a run's:
// its backbone is a single stage without parameters, on the CPU. Throws Error(NotFound | BadInput | BadWeights).
[[nodiscard]] TrainedModel loadExportedModel(const std::filesystem::path& fileOrFolder);

} // namespace engine
