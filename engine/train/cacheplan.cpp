#include "engine/train/cacheplan.h"

#include "engine/api/catalog.h"
#include "engine/api/weights.h"
#include "engine/train/precision.h"
#include "engine/train/speedbook.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::uint64_t kMostBytes = 20'000'000'000; // of all caches of a person

std::string frozenName(std::size_t cut) { return fmt::format("frozen:{}", cut); }

std::string kept(const CachePlan& plan, const CacheQuestion& question) {
    const std::string blocks =
        question.cut == 1 ? "the frozen block" : fmt::format("the {} frozen blocks", question.cut);
    const std::string cost = fmt::format("{}, saves about {} in {} epochs", bytesInWords(plan.bytes),
                                         secondsInWords(plan.savesSeconds), question.epochs);
    if (!plan.training)
        return fmt::format("Only the validation pictures' outputs of {} are kept, for training pictures are augmented "
                           "anew each epoch: {}.",
                           blocks, cost);
    const std::string views = plan.views > 1 ? fmt::format(", {} views of each training picture", plan.views) : "";
    return fmt::format("The outputs of {} are kept: {} pictures{}, {}.", blocks,
                       question.trainPictures + question.validationPictures, views, cost);
}

} // namespace

std::string bytesInWords(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value >= 1e9)
        return fmt::format("{:.1f} GB", value / 1e9);
    return value >= 1e6 ? fmt::format("{:.0f} MB", value / 1e6) : fmt::format("{:.0f} kB", std::ceil(value / 1e3));
}

std::string secondsInWords(double seconds) {
    if (seconds >= 5400)
        return fmt::format("{:.1f} h", seconds / 3600);
    return seconds >= 90 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.0f} s", std::max(0.0, seconds));
}

CachePlan planCache(const Experiment& experiment, const CacheQuestion& question) {
    const FreezeSettings& freeze = experiment.freeze;
    CachePlan plan;
    const auto none = [&plan](std::string why) {
        plan = {.sentence = std::move(why)};
        return plan;
    };
    if (freeze.cache == "off")
        return none("The outputs of frozen blocks are not kept: the cache is switched off.");
    if (question.cut == 0)
        return none("The first block trains, so there are no outputs of frozen blocks to keep.");
    if (freeze.batchNorm == "train")
        return none("BatchNorm of the frozen blocks follows the data, so their outputs change and cannot be kept.");
    const bool wanted = freeze.cache == "on";
    const bool augmented = experiment.data.augmentation != "none";
    plan.views = augmented ? freeze.views : 1;
    const double passes = static_cast<double>(question.epochs);
    const bool trainingPays = wanted || question.epochs > plan.views;
    plan.training = plan.views > 0 && question.trainPictures > 0 && trainingPays;
    plan.validation = question.validationPictures > 0 && (wanted || question.epochs > 1);
    if (!plan.training && !plan.validation)
        return none("Every picture is seen once, so keeping the outputs of frozen blocks would save nothing.");
    const auto sizeUp = [&] {
        const double trainRows = plan.training ? static_cast<double>(question.trainPictures) * plan.views : 0;
        const double validationRows = plan.validation ? static_cast<double>(question.validationPictures) : 0;
        plan.bytes = static_cast<std::uint64_t>((trainRows + validationRows) * double(question.rowBytes));
        const double spared = (plan.training ? double(question.trainPictures) * (passes - plan.views) : 0) +
                              validationRows * (passes - 1);
        plan.savesSeconds = std::max(0.0, spared * question.secondsPerPicture);
    };
    sizeUp();
    if (plan.bytes > question.mostBytes && plan.training && plan.validation) {
        plan.training = false; // validation alone may fit
        sizeUp();
    }
    if (plan.bytes > question.mostBytes)
        return none(
            fmt::format("The outputs of the frozen blocks take {}, and there is room for {}: they are not kept.",
                        bytesInWords(plan.bytes), bytesInWords(question.mostBytes)));
    plan.sentence = kept(plan, question);
    return plan;
}

double secondsPerFrozenPicture(const Experiment& experiment, std::size_t cut, int imageSize) {
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    const DeviceInfo device = deviceOf(experiment);
    if (const auto speed = rememberedSpeed(device, info.name, frozenName(cut), imageSize))
        return 1 / std::max(*speed, 1e-3);
    const std::vector<BlockInfo> tree = blockTree(info.name, 2);
    double flops = 0;
    for (std::size_t i = 0; i < std::min(cut, tree.size()); ++i)
        flops += tree[i].flops;
    const double area = double(imageSize) * imageSize / (double(info.imageSize) * info.imageSize);
    const double guess = 1 / guessedSpeed(device, pickPrecision(experiment.train, device), flops * area);
    // A picture takes no longer up to the cut than all the way.
    const auto trained = rememberedSpeed(device, info.name, experiment.freeze.preset, imageSize);
    return trained ? std::min(guess, 1 / std::max(*trained, 1e-3)) : guess;
}

void rememberFrozenSpeed(const Experiment& experiment, std::size_t cut, int imageSize, double picturesPerSecond) {
    rememberSpeed(deviceOf(experiment), experiment.model.backbone, frozenName(cut), imageSize, picturesPerSecond);
}

std::uint64_t cacheRoomBytes() {
    std::error_code code;
    std::filesystem::path folder = cacheFolder();
    while (!std::filesystem::exists(folder, code) && folder.has_relative_path())
        folder = folder.parent_path();
    const auto space = std::filesystem::space(folder, code);
    return code ? 0 : std::min<std::uint64_t>(kMostBytes, space.available / 2);
}

} // namespace engine
