#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/models/weights/settingsfile.h"
#include "engine/models/weights/statedrules.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

constexpr float kTolerance = 1e-3f; // files round 0.485 and 1/255 in their own ways

std::string words(const std::array<float, 3>& values) { return fmt::format("{:.4g}", fmt::join(values, ", ")); }

bool same(const std::array<float, 3>& one, const std::array<float, 3>& other) {
    for (std::size_t i = 0; i < one.size(); ++i)
        if (std::abs(one[i] - other[i]) > kTolerance)
            return false;
    return true;
}

} // namespace

StatedPreprocess statedPreprocess(const std::filesystem::path& weights) {
    StatedPreprocess stated;
    SettingsFile settings;
    for (const char* name : {"config.json", "preprocessor_config.json", "processor_config.json"}) {
        const std::filesystem::path file = weights.parent_path() / name;
        std::error_code code;
        if (!std::filesystem::is_regular_file(file, code))
            continue;
        try {
            readSettings(MappedFile(file), settings);
        } catch (const Error& error) {
            StatedPreprocess unread;
            unread.problem = error.what();
            return unread;
        }
        stated.files.push_back(file);
    }
    followSettings(settings, stated);
    stated.architecture = std::move(settings.architecture);
    stated.labels = std::move(settings.labels);
    return stated;
}

BackboneInfo preparedAsStated(BackboneInfo backbone, const StatedPreprocess& stated) {
    if (stated.imageSize) {
        backbone.resizeSize =
            static_cast<int>(std::lround(double(*stated.imageSize) * backbone.resizeSize / backbone.imageSize));
        backbone.imageSize = *stated.imageSize;
    }
    backbone.resizeSize = stated.resizeSize.value_or(std::max(backbone.resizeSize, backbone.imageSize));
    backbone.cropMode = stated.cropMode.value_or(backbone.cropMode);
    backbone.cropRounding = stated.cropRounding.value_or(backbone.cropRounding);
    backbone.divisor = stated.divisor.value_or(backbone.divisor);
    backbone.interpolation = stated.interpolation.value_or(backbone.interpolation);
    backbone.mean = stated.mean.value_or(backbone.mean);
    backbone.standardDeviation = stated.standardDeviation.value_or(backbone.standardDeviation);
    return backbone;
}

std::vector<Finding> preprocessFindings(const StatedPreprocess& stated, const BackboneInfo& used, int imageSize) {
    std::vector<Finding> findings;
    if (!stated.problem.empty())
        findings.push_back({.key = "model.weights",
                            .severity = Severity::Warning,
                            .message = "What stands beside the weights about preparing pictures cannot be read.",
                            .detail = stated.problem});
    const auto add = [&](std::string what, const std::string& made, const std::string& now) {
        findings.push_back({.key = "model.weights",
                            .severity = Severity::Warning,
                            .message = fmt::format("These weights were made with another {}.", what),
                            .detail = fmt::format("{} says {}; pictures are prepared with {}.",
                                                  stated.files.back().filename().string(), made, now)});
    };
    if (stated.mean && !same(*stated.mean, used.mean))
        add("mean", words(*stated.mean), words(used.mean));
    if (stated.standardDeviation && !same(*stated.standardDeviation, used.standardDeviation))
        add("standard deviation", words(*stated.standardDeviation), words(used.standardDeviation));
    if (stated.interpolation && *stated.interpolation != used.interpolation)
        add("interpolation", interpolationName(*stated.interpolation), interpolationName(used.interpolation));
    for (const std::string& sentence : stated.notFollowed)
        findings.push_back(
            {.key = "model.weights",
             .severity = Severity::Warning,
             .message = sentence,
             .detail = fmt::format("It stands in {} beside the weights.", stated.files.back().filename().string())});
    const int chosen = imageSize > 0 ? imageSize : used.imageSize;
    if (stated.imageSize && *stated.imageSize != chosen)
        findings.push_back({.key = "data.image_size",
                            .severity = Severity::Warning,
                            .message = fmt::format("These weights were made with pictures of {} pixels; {} are chosen.",
                                                   *stated.imageSize, chosen),
                            .detail = fmt::format("{} says so.", stated.files.back().filename().string()),
                            .fixLabel = fmt::format("Use {}", *stated.imageSize),
                            .fixKey = "data.image_size",
                            .fixValue = std::to_string(*stated.imageSize)});
    return findings;
}

} // namespace engine
