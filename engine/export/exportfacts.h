#pragma once

#include "engine/api/export.h"
#include "engine/export/tracing.h"

#include <filesystem>
#include <string>

namespace engine {

// What an exported folder says of itself in export.json, which also stands inside a file that computes.
struct ExportFacts {
    ExportFormat format = ExportFormat::Safetensors;
    ExportPrecision precision = ExportPrecision::Float32;
    ExportInput input = ExportInput::Pixels;
    PictureSizes sizes = PictureSizes::ThisOne;
    Library names = Library::Unknown;
    std::string file; // that holds the parameters
    std::string run;  // its folder's name
    std::string name; // the person's
    std::int64_t step = -1;
    int epoch = 0;
};

[[nodiscard]] std::string factsText(const ExportFacts& facts);
// Throws Error(BadInput): nothing that was exported. `where` is for sentences.
[[nodiscard]] ExportFacts factsIn(const std::string& text, const std::string& where);
[[nodiscard]] at::ScalarType typeOf(ExportPrecision precision);

} // namespace engine
