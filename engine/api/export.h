#pragma once

#include "engine/api/weights.h"

#include <filesystem>
#include <string>
#include <vector>

namespace engine {

// A folder that another program opens: model.safetensors and config.json; for transformers also
// preprocessor_config.json.
struct ExportRequest {
    std::filesystem::path run;        // its best checkpoint is written, adapters worked in
    std::filesystem::path out;        // a folder that is not there yet
    Library names = Library::Unknown; // under whose names; Unknown: those of the library the backbone is from
};

struct ExportReport {
    std::string architecture;       // that library's name for the network
    std::string opening;            // the lines of Python that open it there
    std::vector<std::string> notes; // sentences: in what its answers may differ there
};

// Writes `out` as a whole or not at all; nothing is overwritten. Throws Error(NotFound | BadWeights) for the run,
// Error(BadInput) where `out` is there already or that library has no such network, Error(DiskFull). Blocks; any
// thread.
[[nodiscard]] ExportReport exportModel(const ExportRequest& request);

} // namespace engine
