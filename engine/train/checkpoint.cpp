#include "engine/train/checkpoint.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/models/load.h"
#include "engine/models/names/statednumerics.h"
#include "engine/models/ownmodel.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/runs/checkpoints.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
using nlohmann::json;

namespace {

json parsed(const std::filesystem::path& file) {
    json object = json::parse(readFile(file), nullptr, false);
    if (!object.is_object())
        throw Error(ErrorKind::BadWeights, fmt::format("{} is damaged.", file.string()),
                    "Use another checkpoint of this run.");
    return object;
}

Preprocess preprocessIn(const json& config) {
    Preprocess preprocess;
    preprocess.imageSize = config.at("input_size").at(2).get<int>();
    preprocess.resizeSize = static_cast<int>(std::lround(preprocess.imageSize / config.at("crop_pct").get<double>()));
    const auto interpolation = config.at("interpolation").get<std::string>();
    for (const auto each : {Interpolation::Bicubic, Interpolation::Nearest, Interpolation::Lanczos, Interpolation::Box,
                            Interpolation::Hamming})
        if (interpolation == interpolationName(each))
            preprocess.interpolation = each;
    const auto cropMode = config.value("crop_mode", std::string("center"));
    for (const auto each : {CropMode::Border, CropMode::Squash, CropMode::AsIs})
        if (cropMode == cropModeName(each))
            preprocess.cropMode = each;
    if (config.value("crop_rounding", std::string()) == "down")
        preprocess.cropRounding = CropRounding::Down;
    preprocess.divisor = static_cast<float>(1 / config.value("rescale_factor", 1.0 / 255));
    preprocess.mean = config.at("mean").get<std::array<float, 3>>();
    preprocess.standardDeviation = config.at("std").get<std::array<float, 3>>();
    return preprocess;
}

// Keys as in Hugging Face's config.json and timm's pretrained_cfg, so that other tools find classes and preprocessing.
json configOf(const ModelDescription& d) {
    const Preprocess& preprocess = d.preprocess;
    json names = json::object(), labels = json::object();
    for (std::size_t i = 0; i < d.classes.size(); ++i) {
        const std::string name = utf8FromBytes(d.classes[i]);
        names[std::to_string(i)] = name;
        labels[name] = i;
    }
    json adapters = nullptr; // keys of PEFT's adapter_config.json
    if (d.adapters.any())
        adapters = {{"peft_type", "LORA"},
                    {"r", d.adapters.rank},
                    {"lora_alpha", d.adapters.alpha},
                    {"target_modules", d.adapters.layers}};
    json program = nullptr;
    if (!d.program.empty())
        program = {{"file", parseOwnModel(d.backbone).file.string()}, {"sha256", d.program}};
    return {{"architecture", d.backbone},
            {"task", d.task},
            {"thresholds", d.thresholds},
            {"program", program},
            {"adapters", adapters},
            {"numerics", json::parse(numericsJson(d.numerics))},
            {"num_classes", d.classes.size()},
            {"id2label", names},
            {"label2id", labels},
            {"pretrained_cfg",
             {{"input_size", {3, preprocess.imageSize, preprocess.imageSize}},
              {"crop_pct", double(preprocess.imageSize) / preprocess.resizeSize},
              {"resize_size", preprocess.resizeSize},
              {"crop_mode", cropModeName(preprocess.cropMode)},
              {"crop_rounding", preprocess.cropRounding == CropRounding::Down ? "down" : "half-to-even"},
              {"rescale_factor", 1.0 / double(preprocess.divisor)},
              {"interpolation", interpolationName(preprocess.interpolation)},
              {"mean", preprocess.mean},
              {"std", preprocess.standardDeviation}}}};
}

// JSON has no NaN; a null stands for it.
double numberIn(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

// Views of their own memory.
std::vector<TensorView> copied(std::vector<TensorView> views) {
    for (TensorView& view : views) {
        const auto* begin = static_cast<const std::byte*>(view.data);
        auto held = std::make_shared<std::vector<std::byte>>(begin, begin + view.bytes);
        view.data = held->data();
        view.owner = held;
    }
    return views;
}

// Reads a file back: older checkpoints are removed for this one.
void requireWritten(const std::filesystem::path& file, const std::vector<TensorView>& tensors) {
    const WeightsFile written = WeightsFile::open(file);
    for (const TensorView& tensor : tensors) {
        const StoredTensor* stored = written.find(tensor.name);
        if (stored == nullptr || stored->bytes != tensor.bytes ||
            (tensor.bytes > 0 && std::memcmp(stored->data, tensor.data, tensor.bytes) != 0))
            throw Error(ErrorKind::BadWeights,
                        fmt::format("{} was not written as it should be: {} differs.", file.string(), tensor.name),
                        "Check the disk; the checkpoint before is kept.");
    }
}

void writeAll(const std::filesystem::path& folder, const std::vector<TensorView>& model,
              const std::vector<TensorView>& optimizer, const TrainerState& state,
              const ModelDescription& description) {
    AtomicFolder made(folder);
    writeSafetensors(made.staging() / "model.safetensors", model, {{"format", "pt"}});
    writeSafetensors(made.staging() / "optimizer.safetensors", optimizer, {});
    writeFileAtomically(made.staging() / "config.json", configOf(description).dump(1) + "\n");
    const json trainer = {
        {"step", state.step},          {"epoch", state.epoch},          {"samples_in_epoch", state.samplesInEpoch},
        {"monitor", state.monitor},    {"best_value", state.bestValue}, // null where there is none
        {"best_loss", state.bestLoss}, {"best_epoch", state.bestEpoch}, {"improved_at", state.improvedAt}};
    writeFileAtomically(made.staging() / "trainer_state.json", trainer.dump(1) + "\n");
    requireWritten(made.staging() / "model.safetensors", model);
    requireWritten(made.staging() / "optimizer.safetensors", optimizer);
    sealCheckpoint(made.staging());
    made.commit();
}

} // namespace

KeptState keepState(Backbone& backbone, const OptimizerStates& optimizer, const TrainerState& state,
                    const std::set<std::string>& unchanged, UnchangedCopies& copies) {
    std::set<std::string> known;
    for (const auto& [name, view] : copies)
        known.insert(name);
    KeptState kept{copied(stateViews(backbone, known)), copied(stateViews(optimizer)), state};
    for (const TensorView& view : kept.model)
        if (unchanged.contains(view.name))
            copies.emplace(view.name, view);
    for (const std::string& name : known)
        kept.model.push_back(copies.at(name));
    return kept;
}

void writeCheckpoint(const std::filesystem::path& folder, Backbone& backbone, const OptimizerStates& optimizer,
                     const TrainerState& state, const ModelDescription& description) {
    writeAll(folder, stateViews(backbone), stateViews(optimizer), state, description);
}

void writeCheckpoint(const std::filesystem::path& folder, const KeptState& kept, const ModelDescription& description) {
    writeAll(folder, kept.model, kept.optimizer, kept.state, description);
}

TrainerState readTrainerState(const std::filesystem::path& folder) {
    const json object = parsed(folder / "trainer_state.json");
    return {.step = object.value("step", std::int64_t{0}),
            .epoch = object.value("epoch", 0),
            .samplesInEpoch = object.value("samples_in_epoch", std::int64_t{0}),
            .batchInEpoch = object.value("batch_in_epoch", std::int64_t{0}),
            .monitor = object.value("monitor", std::string("accuracy")),
            .bestValue = numberIn(object, object.contains("best_value") ? "best_value" : "best_accuracy"),
            .bestLoss = object.contains("best_loss") ? numberIn(object, "best_loss") : 0,
            .bestEpoch = object.value("best_epoch", 0),
            // The second name is that of earlier versions, which knew accuracy alone.
            .improvedAt = object.value("improved_at", object.value("accuracy_rose_at", 0))};
}

ModelDescription readModelDescription(const std::filesystem::path& folder) {
    const json object = parsed(folder / "config.json");
    ModelDescription result;
    try {
        result.backbone = object.at("architecture").get<std::string>();
        result.classes.resize(object.at("id2label").size());
        for (const auto& [index, name] : object.at("id2label").items())
            result.classes.at(std::stoul(index)) = bytesFromUtf8(name.get<std::string>());
        result.task = object.value("task", result.task);
        result.thresholds = object.value("thresholds", result.thresholds);
        result.preprocess = preprocessIn(object.at("pretrained_cfg"));
        if (const auto adapters = object.find("adapters"); adapters != object.end() && adapters->is_object())
            result.adapters = {.rank = adapters->at("r").get<int>(),
                               .alpha = adapters->at("lora_alpha").get<double>(),
                               .layers = adapters->at("target_modules").get<std::vector<std::string>>()};
        if (const auto program = object.find("program"); program != object.end() && program->is_object())
            result.program = program->at("sha256").get<std::string>();
        result.numerics = readNumerics(folder / "config.json");
    } catch (const std::exception&) {
        throw Error(ErrorKind::BadWeights, fmt::format("{} is damaged.", (folder / "config.json").string()),
                    "Use another checkpoint of this run.");
    }
    return result;
}

void requireSameProgram(const ModelDescription& description) {
    if (description.program.empty() || programChecksum(description.backbone) == description.program)
        return;
    throw Error(ErrorKind::BadWeights,
                fmt::format("{} is not the program that this run was trained with.",
                            parseOwnModel(description.backbone).file.string()),
                fmt::format("Put that one back (its SHA-256 begins with {}), or train anew.",
                            description.program.substr(0, 12)));
}

std::filesystem::path modelCheckpoint(const std::filesystem::path& runFolder) {
    const RunCheckpoints all = findCheckpoints(runFolder);
    if (all.none())
        throw Error(ErrorKind::NotFound, fmt::format("{} holds no checkpoint.", runFolder.string()),
                    "Train it at least until its first validation.");
    const RunCheckpoint* best = all.best();
    const bool bestIsThere = best != nullptr && best->epoch == all.newest()->bestEpoch;
    const RunCheckpoint* chosen = best != nullptr ? best : all.newest();
    std::string damage = chosen != nullptr ? checkpointDamage(chosen->folder) : std::string();
    std::filesystem::path folder = chosen != nullptr ? chosen->folder : std::filesystem::path();
    if (damage.empty() && !all.damaged.empty() && !bestIsThere) { // it may have been the best one
        damage = all.damaged.front().reason;
        folder = all.damaged.front().folder;
    }
    if (damage.empty())
        return folder;
    throw Error(ErrorKind::BadWeights, fmt::format("The checkpoint {} is damaged: {}.", folder.string(), damage),
                "Put it back from a copy of the run; or remove this folder, and the best of the others is used.");
}

} // namespace engine
