#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Matched: same name and shape. Renamed: by a rule. Reshaped: adapted to another shape. New: initialised freshly (the
// head). Missing: the backbone has it, the file not. Unexpected: the file has it, the backbone not.
enum class TensorMatch { Matched, Renamed, Reshaped, New, Missing, Unexpected, Unmapped };
[[nodiscard]] const char*
tensorMatchName(TensorMatch match) noexcept; // "matched", …; Unmapped: no backbone was asked for

struct TensorReport {
    std::string name; // in the file (for New and Missing: in the backbone)
    std::vector<std::int64_t> shape;
    std::string dtype; // "float32", "float16", "bfloat16", "int64"
    TensorMatch match = TensorMatch::Unmapped;
    std::string target; // name in the backbone; empty where unexpected
    std::string rule;   // which rule renamed or reshaped it
};

struct WeightsReport {
    std::string format; // "safetensors", "torch zip pickle", "torch legacy pickle"
    std::vector<TensorReport> tensors;
    std::vector<std::string> wrappers; // "state_dict", "module." …: what the tensors were wrapped in
    std::int64_t parameters = 0;       // numbers in the file's tensors
    double pretrainedShare = 0; // share of the backbone's parameters, head left out, that comes from the file; 0..1
    int matched = 0, renamed = 0, reshaped = 0, fresh = 0, missing = 0, unexpected = 0;
};

// Lists a weights file, and with `backbone` how it would load. `classes` 0: keep the weights' own head.
// Reads headers only; nothing from the file is ever executed. Throws Error(NotFound | BadWeights). Any thread.
[[nodiscard]] WeightsReport inspectWeights(const std::filesystem::path& file, std::string_view backbone = {},
                                           int classes = 0);

// Where packaging/bootstrap puts the bundled weights; the file may not exist. THAW_CACHE, else XDG_CACHE_HOME/thaw,
// else ~/.cache/thaw.
[[nodiscard]] std::filesystem::path bundledWeights(std::string_view backbone);
[[nodiscard]] std::filesystem::path cacheFolder();

} // namespace engine
