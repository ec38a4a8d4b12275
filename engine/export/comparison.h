#pragma once

#include "engine/export/exportedmodel.h"
#include "engine/train/trainedmodel.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace engine {

// Pictures on which an exported file and Thaw are compared.
struct ComparedPictures {
    std::vector<RgbImage> pictures;
    bool madeUp = false;
};
// Up to `most` of the run's validation pictures, from all over its list; drawn ones where these are not here.
[[nodiscard]] ComparedPictures picturesOf(const std::filesystem::path& run, const Preprocess& preprocess,
                                          std::size_t most);

// Runs both and puts what differs into the certificate. Progress: a step a picture.
void compare(Certificate& certificate, ExportedModel& exported, const ExportFacts& facts, const TrainedModel& model,
             const ComparedPictures& pictures, ProgressSink* progress);
// The first stage of the backbone whose parameters the file has otherwise; empty: all are there, or it does not name
// them.
[[nodiscard]] std::string firstDifference(const ExportedModel& exported, Backbone& backbone);

} // namespace engine
