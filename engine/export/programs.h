#pragma once

#include "engine/export/exportfacts.h"
#include "engine/train/checkpoint.h"

#include <map>
#include <string>

namespace engine {

// Three short programs that use an exported folder, by file name: predict.py, predict.cpp and predict.sh. Each says for
// each picture the most probable class, or every label above its threshold, and runs as it stands.
[[nodiscard]] std::map<std::string, std::string>
programsFor(const ExportFacts& facts, const ModelDescription& description, const std::string& architecture);

} // namespace engine
