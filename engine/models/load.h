#pragma once

#include "engine/api/weights.h"
#include "engine/models/backbone.h"
#include "engine/models/weights/safetensorswriter.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace engine {

// Copies what the file has into the backbone (CPU, fp32; half precision is widened) and reports every tensor.
// keepHead false: the classifier's tensors are left as they are and reported as New. keepHead true: they are loaded too
// and must fit. Names of known other libraries are renamed by explicit rules, verified by shape, and the backbone then
// computes as that library does.
// Throws Error(NotFound | BadWeights): also where no tensor fits, and where keepHead is true and the head is missing or
// of another shape. Nothing is changed when it throws. Blocks; the backbone's thread.
WeightsReport loadWeights(Backbone& backbone, const std::filesystem::path& file, bool keepHead);

// The classifier that a file brings for a backbone.
struct FileHead {
    int classes = 0;                // 0: it has none
    std::vector<std::string> names; // of the classes, by index, as the file or those beside it say; may be empty
};
// Throws Error(NotFound | BadWeights | BadInput). Any thread.
[[nodiscard]] FileHead headOf(const std::filesystem::path& file, const BackboneInfo& backbone);

// Puts the rows of the head, one for each class, into another order.
void pickHeadRows(Backbone& backbone, const std::vector<int>& rows);

// A checkpoint of this very backbone: every tensor present, same shape and dtype, nothing besides; else
// Error(BadWeights) that names the first difference. Nothing is changed when it throws.
WeightsReport loadCheckpoint(Backbone& backbone, const std::filesystem::path& file);

// Parameters and buffers under their state-dict names, contiguous on the CPU, in the module's order. Views into the
// parameters where these are contiguous on the CPU already, else copies that the views own. Without those named.
[[nodiscard]] std::vector<TensorView> stateViews(Backbone& backbone, const std::set<std::string>& without = {});

} // namespace engine
