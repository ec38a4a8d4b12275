#pragma once

#include "engine/models/otherlibrary.h"
#include "engine/train/checkpoint.h"

#include <map>
#include <string>

namespace engine {

// File name → content of what a library reads beside the tensors: classes, preparation and, for transformers, sizes.
[[nodiscard]] std::map<std::string, std::string> exportConfigs(Backbone& backbone, const ModelDescription& description,
                                                               const OtherNetwork& network, Library library);
// model.safetensors and these, in a folder that is there. Throws Error(DiskFull | BadInput).
void writeForLibrary(const std::filesystem::path& folder, Backbone& backbone, const ModelDescription& description,
                     const OtherNetwork& network, Library library);
// The lines of Python that open the folder there.
[[nodiscard]] std::string openingLines(const ModelDescription& description, const OtherNetwork& network,
                                       Library library, const std::string& folder);

} // namespace engine
