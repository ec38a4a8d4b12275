#pragma once

#include "engine/data/imagefolder.h"
#include "engine/train/checkpoint.h"
#include "engine/train/resolvedexperiment.h"

#include <string>

namespace engine {

// environment.json of a run: versions, machine, data fingerprint, a backbone of one's own, command.
[[nodiscard]] std::string environmentJson(const ResolvedExperiment& resolved, const ImageFolder& folder,
                                          const ModelDescription& model);

} // namespace engine
