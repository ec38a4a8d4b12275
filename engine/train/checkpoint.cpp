#include "engine/train/checkpoint.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/models/load.h"
#include "engine/models/names/statednumerics.h"
#include "engine/models/ownmodel.h"

#include <array>
#include <cmath>
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
    preprocess.interpolation =
        config.at("interpolation").get<std::string>() == "bicubic" ? Interpolation::Bicubic : Interpolation::Bilinear;
    preprocess.mean = config.at("mean").get<std::array<float, 3>>();
    preprocess.standardDeviation = config.at("std").get<std::array<float, 3>>();
    return preprocess;
}

// Keys as in Hugging Face's config.json and timm's pretrained_cfg, so that other tools find classes and preprocessing.
json configOf(const ModelDescription& d) {
    const Preprocess& preprocess = d.preprocess;
    json names = json::object(), labels = json::object();
    for (std::size_t i = 0; i < d.classes.size(); ++i) {
        names[std::to_string(i)] = d.classes[i];
        labels[d.classes[i]] = i;
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
            {"program", program},
            {"adapters", adapters},
            {"numerics", json::parse(numericsJson(d.numerics))},
            {"num_classes", d.classes.size()},
            {"id2label", names},
            {"label2id", labels},
            {"pretrained_cfg",
             {{"input_size", {3, preprocess.imageSize, preprocess.imageSize}},
              {"crop_pct", double(preprocess.imageSize) / preprocess.resizeSize},
              {"interpolation", preprocess.interpolation == Interpolation::Bicubic ? "bicubic" : "bilinear"},
              {"mean", preprocess.mean},
              {"std", preprocess.standardDeviation}}}};
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

void writeAll(const std::filesystem::path& folder, const std::vector<TensorView>& model,
              const std::vector<TensorView>& optimizer, const TrainerState& state,
              const ModelDescription& description) {
    AtomicFolder made(folder);
    writeSafetensors(made.staging() / "model.safetensors", model, {{"format", "pt"}});
    writeSafetensors(made.staging() / "optimizer.safetensors", optimizer, {});
    writeFileAtomically(made.staging() / "config.json", configOf(description).dump(1) + "\n");
    const json trainer = {{"step", state.step},
                          {"epoch", state.epoch},
                          {"batch_in_epoch", state.batchInEpoch},
                          {"best_accuracy", state.bestAccuracy},
                          {"best_loss", state.bestLoss},
                          {"best_epoch", state.bestEpoch},
                          {"accuracy_rose_at", state.accuracyRoseAt}};
    writeFileAtomically(made.staging() / "trainer_state.json", trainer.dump(1) + "\n");
    made.commit();
}

} // namespace

KeptState keepState(Backbone& backbone, const Optimizer& optimizer, const TrainerState& state,
                    const std::set<std::string>& unchanged, UnchangedCopies& copies) {
    std::set<std::string> known;
    for (const auto& [name, view] : copies)
        known.insert(name);
    KeptState kept{copied(stateViews(backbone, known)), copied(optimizer.stateViews()), state};
    for (const TensorView& view : kept.model)
        if (unchanged.contains(view.name))
            copies.emplace(view.name, view);
    for (const std::string& name : known)
        kept.model.push_back(copies.at(name));
    return kept;
}

void writeCheckpoint(const std::filesystem::path& folder, Backbone& backbone, const Optimizer& optimizer,
                     const TrainerState& state, const ModelDescription& description) {
    writeAll(folder, stateViews(backbone), optimizer.stateViews(), state, description);
}

void writeCheckpoint(const std::filesystem::path& folder, const KeptState& kept, const ModelDescription& description) {
    writeAll(folder, kept.model, kept.optimizer, kept.state, description);
}

TrainerState readTrainerState(const std::filesystem::path& folder) {
    const json object = parsed(folder / "trainer_state.json");
    return {.step = object.value("step", std::int64_t{0}),
            .epoch = object.value("epoch", 0),
            .batchInEpoch = object.value("batch_in_epoch", std::int64_t{0}),
            .bestAccuracy = object.value("best_accuracy", -1.0),
            .bestLoss = object.value("best_loss", 0.0),
            .bestEpoch = object.value("best_epoch", 0),
            .accuracyRoseAt = object.value("accuracy_rose_at", 0)};
}

ModelDescription readModelDescription(const std::filesystem::path& folder) {
    const json object = parsed(folder / "config.json");
    ModelDescription result;
    try {
        result.backbone = object.at("architecture").get<std::string>();
        result.classes.resize(object.at("id2label").size());
        for (const auto& [index, name] : object.at("id2label").items())
            result.classes.at(std::stoul(index)) = name.get<std::string>();
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
    std::error_code code;
    for (const char* link : {"best", "last"})
        if (std::filesystem::exists(runFolder / link / "model.safetensors", code))
            return runFolder / link;
    throw Error(ErrorKind::NotFound, fmt::format("{} holds no checkpoint.", runFolder.string()),
                "Train it at least until its first validation.");
}

} // namespace engine
