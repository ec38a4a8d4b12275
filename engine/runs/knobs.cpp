#include "engine/runs/knobs.h"

#include "engine/api/parameter.h"
#include "engine/base/atomicfile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kFile = "knobs.json";
constexpr std::string_view kStops = "It stops after epoch ", kGoesOn = "It goes on after epoch ";
constexpr std::string_view kLearningRate = "train.learning_rate";
constexpr std::array<std::string_view, 3> kKeys{"data.augmentation", kLearningRate, "train.weight_decay"};

// Where the part of the schedule begins that a step belongs to: its height is what all before has led to.
std::int64_t beginOfPart(const TrainSettings& settings, std::int64_t step) {
    std::int64_t begin = 0;
    for (const SchedulePart& part : settings.parts)
        if (part.fromStep <= step)
            begin = part.fromStep;
    return begin;
}

// The last of this key that counts for a step; null: none does.
const Knob* knobAt(const TrainSettings& settings, const Knobs& knobs, std::string_view key, std::int64_t step) {
    const std::int64_t begin = key == kLearningRate ? beginOfPart(settings, step) : 0;
    const Knob* found = nullptr;
    for (const Knob& knob : knobs)
        if (knob.key == key && knob.fromStep >= begin && knob.fromStep <= step)
            found = &knob;
    return found;
}

std::string valueBefore(const Experiment& experiment, Knobs knobs, const Knob& knob) {
    std::erase(knobs, knob);
    return knobValue(experiment, knobs, knob.key, knob.fromStep);
}

void requireKnob(const std::string& key) {
    if (std::ranges::find(kKeys, key) == kKeys.end())
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot change while a run is trained.", key),
                    fmt::format("What can is {}.", fmt::join(kKeys, ", ")));
}

json settingsJson(const std::vector<ChangedSetting>& settings) {
    json list = json::array();
    for (const auto& [key, value] : settings)
        list.push_back({key, value});
    return list;
}

std::vector<ChangedSetting> settingsIn(const json& list) {
    std::vector<ChangedSetting> settings;
    for (const json& pair : list)
        settings.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
    return settings;
}

Knob knobIn(const json& object) {
    Knob knob{.fromStep = object.at("from_step").get<std::int64_t>(),
              .key = object.at("setting").get<std::string>(),
              .value = object.at("value").get<std::string>(),
              .factor = object.value("factor", 1.0)};
    requireKnob(knob.key);
    Experiment tried;
    setParameterValue(tried, knob.key, knob.value);
    if (knob.fromStep < 0 || !std::isfinite(knob.factor) || knob.factor <= 0)
        throw Error(ErrorKind::BadInput, "A step or a factor cannot be.");
    return knob;
}

} // namespace

std::span<const std::string_view> knobKeys() { return kKeys; }

Knobs readKnobs(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / kFile, code))
        return {};
    Knobs knobs;
    try {
        for (const json& object : json::parse(readFile(runFolder / kFile)))
            knobs.push_back(knobIn(object));
    } catch (const std::exception& error) {
        throw Error(ErrorKind::BadInput, fmt::format("{} is damaged: {}", (runFolder / kFile).string(), error.what()),
                    "Put it back from a copy of the run; without it the run goes on as it was planned.");
    }
    std::ranges::stable_sort(knobs, {}, &Knob::fromStep);
    return knobs;
}

void writeKnobs(const Knobs& knobs, const fs::path& runFolder) {
    json list = json::array();
    for (const Knob& knob : knobs) {
        list.push_back({{"from_step", knob.fromStep}, {"setting", knob.key}, {"value", knob.value}});
        if (knob.key == kLearningRate)
            list.back()["factor"] = knob.factor;
    }
    writeFileAtomically(runFolder / kFile, list.dump(1) + "\n");
}

void repeatKnobs(const fs::path& from, const fs::path& runFolder) {
    if (const Knobs knobs = readKnobs(from); !knobs.empty())
        writeKnobs(knobs, runFolder);
}

std::string knobValue(const Experiment& experiment, const Knobs& knobs, std::string_view key, std::int64_t step) {
    const Knob* knob = knobAt(experiment.train, knobs, key, step);
    return knob != nullptr ? knob->value : parameterValue(experiment, key);
}

double learningRateKnob(const TrainSettings& settings, const Knobs& knobs, std::int64_t step) {
    const Knob* knob = knobAt(settings, knobs, kLearningRate, step);
    return knob != nullptr ? knob->factor : 1;
}

std::string words(const Experiment& experiment, const Knobs& knobs, const Knob& knob) {
    return fmt::format("{} {} → {}", findParameter(knob.key)->label, valueBefore(experiment, knobs, knob), knob.value);
}

// One that sets what counted before the one that is the last takes that one back.
std::optional<KnobUndo> undoOfKnobs(const Experiment& experiment, const Knobs& knobs) {
    std::vector<KnobUndo> back;
    for (const Knob& knob : knobs) {
        if (!back.empty() && back.back().setting.key == knob.key && back.back().setting.value == knob.value)
            back.pop_back();
        else
            back.push_back({knob, {knob.key, valueBefore(experiment, knobs, knob)}});
    }
    return back.empty() ? std::nullopt : std::optional(back.back());
}

void setKnobs(Knobs& knobs, const Experiment& experiment, const std::vector<ChangedSetting>& settings,
              std::int64_t step) {
    Knobs changed = knobs;
    for (const auto& [key, value] : settings) {
        requireKnob(key);
        Experiment with = experiment;
        setParameterValue(with, key, value);
        Knob knob{.fromStep = step, .key = key, .value = parameterValue(with, key)}; // as the file writes it
        if (key == kLearningRate)
            knob.factor = with.train.learningRate / experiment.train.learningRate;
        std::erase_if(changed, [&](const Knob& other) { return other.key == key && other.fromStep == step; });
        if (knob.value != knobValue(experiment, changed, key, step))
            changed.insert(std::ranges::upper_bound(changed, step, {}, &Knob::fromStep), std::move(knob));
    }
    knobs = std::move(changed);
}

std::string stopWords(int epoch) { return fmt::format("{}{}", kStops, epoch); }
std::string goOnWords(int epoch) { return fmt::format("{}{}", kGoesOn, epoch); }

bool stopsAfterEpoch(const std::vector<RunEvent>& events) {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        if (event->kind == EventKind::Started || (event->kind == EventKind::Knob && event->text.starts_with(kGoesOn)))
            return false;
        if (event->kind == EventKind::Knob && event->text.starts_with(kStops))
            return true;
    }
    return false;
}

std::string requestText(const std::vector<StepRequest>& requests) {
    json list = json::array();
    for (const StepRequest& request : requests)
        list.push_back({static_cast<int>(request.kind), settingsJson(request.settings)});
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<StepRequest> requestsIn(const std::string& text) {
    std::vector<StepRequest> requests;
    for (const json& each : json::parse(text))
        requests.push_back({static_cast<StepRequest::Kind>(each.at(0).get<int>()), settingsIn(each.at(1))});
    return requests;
}

} // namespace engine
