#pragma once

#include "engine/api/devices.h"
#include "engine/data/imagefolder.h"
#include "engine/train/checkpoint.h"

#include <string>

namespace engine {

// environment.json of a run: versions, machine, data fingerprint, a backbone of one's own, command.
[[nodiscard]] std::string environmentJson(const DeviceInfo& device, int threads, const std::string& precision,
                                          const ImageFolder& folder, const ModelDescription& model);

} // namespace engine
