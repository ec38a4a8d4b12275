#pragma once

#include "engine/export/exportfacts.h"
#include "engine/train/checkpoint.h"

#include <string>

namespace engine {

// predict.cpp of an exported file that computes: reads binary PPM, so that it needs nothing but the runtime.
[[nodiscard]] std::string cppProgram(const ExportFacts& facts, const ModelDescription& description);

} // namespace engine
