#pragma once

#include "engine/runs/seriesfile.h"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// What TensorBoard's event files of one folder hold: scalars by tag, as TensorBoard itself shows them.
struct EventScalars {
    std::map<std::string, std::vector<SeriesPoint>> tags; // in the order in which they were written
    std::set<std::string> others;                         // tags of pictures, histograms, texts …
    std::map<std::string, std::string> settings;          // hyperparameters that were recorded beside them
    std::vector<std::string> notes;                       // damage, a sentence each
};

// Adds what an event file holds: TFRecord frames, whose checksums are verified, around Event messages. Behind a damaged
// frame nothing of the file is read. `read` hears of bytes as they are read. Throws Error(NotFound | BadInput) where it
// is no event file, Error(Stopped).
void readEventFile(const std::filesystem::path& file, EventScalars& into, const std::stop_token& stop = {},
                   const std::function<void(std::int64_t bytes)>& read = {});

[[nodiscard]] bool isEventFileName(const std::filesystem::path& file);

} // namespace engine
