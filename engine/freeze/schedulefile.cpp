#include "engine/api/freezefile.h"

#include "engine/api/error.h"
#include "engine/base/textfile.h"
#include "engine/freeze/freezeplan.h"
#include "engine/freeze/pattern.h"
#include "engine/freeze/presets.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <yaml-cpp/yaml.h>

namespace engine {
namespace {

constexpr double kBaseMaxLr = 1e-5; // Finetuning-Scheduler's default for phases that name no lr
constexpr int kMostPhases = 1000;

[[noreturn]] void refuse(const std::string& message, const std::string& remedy) {
    throw Error(ErrorKind::BadInput, message, remedy);
}

// One phase of the file.
struct FilePhase {
    std::vector<std::string> params;
    int lastsUntil = -1; // epochs done when the next phase begins; -1: until the loss no longer falls
    double rate = 0;     // 0: none named
    std::string schedule;
};

template <typename Value>
Value scalar(const YAML::Node& node, int phase, const char* key) {
    Value value{};
    if (!node.IsScalar() || !YAML::convert<Value>::decode(node, value))
        refuse(fmt::format("Phase {}: {} is not a number.", phase, key),
               fmt::format("Correct {} in the schedule.", key));
    return value;
}

// The names of torch's schedulers for which there is the same here.
std::string scheduleOf(const YAML::Node& node, int phase, std::vector<std::string>& notes) {
    const YAML::Node start = node.IsMap() ? node["lr_scheduler_init"] : YAML::Node();
    const YAML::Node path = start && start.IsMap() ? start["class_path"] : YAML::Node();
    const std::string name = path && path.IsScalar() ? path.Scalar() : std::string("?");
    for (const auto& [torch, here] :
         {std::pair("CosineAnnealingLR", "cosine"), {"OneCycleLR", "one-cycle"}, {"ConstantLR", "constant"}})
        if (name.ends_with(torch)) {
            notes.push_back(
                fmt::format("Phase {}: {} becomes the schedule {}; its own settings are left out.", phase, name, here));
            return here;
        }
    notes.push_back(fmt::format("Phase {}: the scheduler {} is left out; the run's own goes on.", phase, name));
    return {};
}

FilePhase readPhase(const YAML::Node& node, int number, std::vector<std::string>& notes) {
    FilePhase phase;
    if (!node.IsMap())
        refuse(fmt::format("Phase {} has no settings.", number), "Write params: and its list under each phase.");
    for (const auto& entry : node) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
        const YAML::Node& value = entry.second;
        if (key == "params") {
            if (!value.IsSequence())
                refuse(fmt::format("Phase {}: params is not a list.", number), "Write one name or pattern a line.");
            for (const auto& item : value) {
                if (!item.IsScalar())
                    refuse(fmt::format("Phase {}: params holds something that is no name.", number),
                           "Write one name or pattern a line.");
                phase.params.push_back(item.Scalar());
            }
        } else if (key == "max_transition_epoch") {
            phase.lastsUntil = scalar<int>(value, number, "max_transition_epoch");
        } else if (key == "lr") {
            phase.rate = scalar<double>(value, number, "lr");
            if (!std::isfinite(phase.rate) || phase.rate <= 0)
                refuse(fmt::format("Phase {}: lr cannot be {}.", number, value.Scalar()), "Give a rate above 0.");
        } else if (key == "new_lr_scheduler") {
            phase.schedule = scheduleOf(value, number, notes);
        } else if (key == "new_optimizer") {
            notes.push_back(fmt::format("Phase {}: new_optimizer is left out; the run keeps one optimizer.", number));
        } else {
            notes.push_back(fmt::format("Phase {}: “{}” is not known here and is left out.", number, key));
        }
    }
    if (phase.params.empty())
        refuse(fmt::format("Phase {} thaws nothing.", number), "Name at least one parameter under params.");
    return phase;
}

std::map<int, FilePhase> readPhases(const std::string& yaml, std::vector<std::string>& notes) {
    std::map<int, FilePhase> phases;
    try {
        const YAML::Node root = YAML::Load(yaml);
        if (!root.IsMap() || root.size() == 0)
            refuse("This is no fine-tuning schedule.", "It begins with the phase 0: and its params.");
        for (const auto& entry : root) {
            int number = -1;
            if (!entry.first.IsScalar() || !YAML::convert<int>::decode(entry.first, number) || number < 0)
                refuse(
                    fmt::format("“{}” is no number of a phase.", entry.first.IsScalar() ? entry.first.Scalar() : "?"),
                    "Phases are numbered 0, 1, 2 …");
            if (phases.size() >= kMostPhases)
                refuse(fmt::format("The schedule has more than {} phases.", kMostPhases), "Leave phases out.");
            if (!phases.emplace(number, readPhase(entry.second, number, notes)).second)
                refuse(fmt::format("Phase {} is there twice.", number), "Number the phases 0, 1, 2 …");
        }
    } catch (const YAML::Exception& error) {
        refuse(fmt::format("Line {}: {}.", error.mark.line + 1, error.msg), "Correct the schedule; it is YAML.");
    }
    return phases;
}

// A name stays a name. Anything else is a Python expression that re.match() tries from the beginning of each name.
std::string patternOf(const std::string& param, int phase, const BackboneLayout& layout) {
    const auto known = [&layout](const std::string& text) {
        return std::ranges::any_of(layout.parameters, [&](const auto& parameter) { return parameter.name == text; });
    };
    const auto expression = [&](const std::string& text) -> std::string {
        const std::string made = "re:(?:" + text + ").*";
        const Pattern pattern(made);
        return std::ranges::any_of(layout.parameters,
                                   [&](const auto& parameter) { return pattern.matches(parameter.name); })
                   ? made
                   : std::string();
    };
    std::string without = param;
    if (const std::size_t point = param.find('.'); point != std::string::npos)
        without = param.substr(point + 1);
    for (const std::string& text : {param, without}) {
        if (known(text))
            return text;
        if (std::string made = expression(text); !made.empty())
            return made;
    }
    refuse(fmt::format("Phase {}: no parameter is called “{}”.", phase, param),
           fmt::format("The backbone's parameters go from {} to {}.", layout.parameters.front().name,
                       layout.parameters.back().name));
}

// YAML 1.1 takes 1e-05 for a text; with a point it is a number everywhere.
std::string yamlNumber(double value) {
    std::string text = fmt::format("{:.6g}", value);
    if (text.find('.') == std::string::npos)
        text.insert(std::min(text.find('e'), text.size()), ".0");
    return text;
}

} // namespace

ImportedFreeze parseFreezeSchedule(const std::string& yaml, const Experiment& experiment) {
    const BackboneLayout& layout = layoutOf(experiment.model.backbone, 1);
    ImportedFreeze result{.settings = experiment.freeze};
    result.settings.preset = "by-hand";
    result.settings.phases.clear();
    const std::map<int, FilePhase> phases = readPhases(yaml, result.notes);
    const int epochs = experiment.train.epochs;
    FreezePhase plan;
    int left = static_cast<int>(phases.size());
    bool first = true;
    int until = -1; // of the phase before
    for (const auto& [number, phase] : phases) {
        if (!first) {
            const int begins =
                until >= 0 ? until + 1 : plan.fromEpoch + std::max(1, (epochs - plan.fromEpoch + 1) / (left + 1));
            if (until < 0)
                result.notes.push_back(fmt::format(
                    "Phase {} begins when the loss no longer falls; here it begins at epoch {}.", number, begins));
            plan.fromEpoch = std::max(plan.fromEpoch + 1, begins);
        }
        const double rate = phase.rate > 0 ? phase.rate : kBaseMaxLr;
        for (const std::string& param : phase.params) {
            plan.train.push_back(patternOf(param, number, layout));
            if (!first)
                plan.factors.push_back({plan.train.back(), rate / experiment.train.learningRate});
        }
        if (first && phase.rate > 0)
            result.notes.push_back("Phase 0: lr is left out, as Finetuning-Scheduler does; the run's own counts.");
        if (!first && phase.rate == 0)
            result.notes.push_back(
                fmt::format("Phase {} names no lr; it gets {:g}, Finetuning-Scheduler's default.", number, kBaseMaxLr));
        plan.schedule = phase.schedule;
        result.settings.phases.push_back(plan);
        until = phase.lastsUntil;
        first = false;
        --left;
    }
    if (phases.size() > 1)
        result.notes.emplace_back("Finetuning-Scheduler goes back to its best checkpoint before a phase begins; here "
                                  "training goes on from where it is.");
    (void)FreezePlan(result.settings, epochs, layout); // refuses what cannot be followed
    return result;
}

ImportedFreeze importFreezeSchedule(const std::filesystem::path& file, const Experiment& experiment) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code))
        throw Error(ErrorKind::NotFound, fmt::format("There is no schedule {}.", file.string()), "Check the path.");
    return parseFreezeSchedule(readTextFile(file), experiment);
}

ExportedFreeze exportFreezeSchedule(const Experiment& experiment, std::string_view prefix) {
    const BackboneLayout& layout = layoutOf(experiment.model.backbone, 1);
    const FreezePlan plan(experiment.freeze, experiment.train.epochs, layout);
    ExportedFreeze result;
    int written = 0;
    const auto& phases = plan.phases();
    std::map<std::string, double> thawed; // parameter → its factor when it thawed
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const FreezePlan::Phase& phase = phases[i];
        std::vector<std::string> fresh;
        std::map<double, int> factors;
        bool moved = false;
        for (const auto& parameter : layout.parameters) {
            const double factor = phase.learningRateFactor * phase.factorOf(parameter.name);
            const auto before = thawed.find(parameter.name);
            if (!phase.trained.contains(parameter.name)) {
                if (before != thawed.end())
                    refuse(fmt::format("Phase {} freezes {} again.", i + 1, parameter.name),
                           "A fine-tuning schedule can only thaw more and more; change the plan.");
                continue;
            }
            moved = moved || (before != thawed.end() && before->second != factor);
            if (before == thawed.end()) {
                fresh.push_back(parameter.name);
                ++factors[factor];
            }
            thawed[parameter.name] = factor;
        }
        if (moved)
            result.notes.push_back(fmt::format(
                "Phase {} changes the learning rate of what trains already; the schedule leaves that out.", i));
        if (!phase.schedule.empty())
            result.notes.push_back(fmt::format("Phase {} has the schedule {}; it is left out.", i, phase.schedule));
        if (fresh.empty()) {
            result.notes.push_back(fmt::format("Phase {} thaws nothing new and is left out.", i));
            continue;
        }
        const double rate =
            experiment.train.learningRate *
            std::ranges::max_element(factors, {}, [](const auto& entry) { return entry.second; })->first;
        if (factors.size() > 1)
            result.notes.push_back(
                fmt::format("Phase {} thaws blocks at {} learning rates; the schedule has room for one, {}.", i,
                            factors.size(), yamlNumber(rate)));
        if (!result.yaml.empty())
            result.yaml += fmt::format("  max_transition_epoch: {}\n", phase.fromEpoch - 1);
        const bool isFirst = result.yaml.empty();
        result.yaml += fmt::format("{}:\n  params:\n", written++);
        for (const std::string& name : fresh)
            result.yaml += fmt::format("  - {}{}\n", prefix, name);
        if (!isFirst)
            result.yaml += fmt::format("  lr: {}\n", yamlNumber(rate));
        else if (factors.begin()->first != 1.0)
            result.notes.push_back(
                fmt::format("The optimizer must begin with the learning rate {}.", yamlNumber(rate)));
    }
    if (plan.adapters().any())
        result.notes.emplace_back("Adapters are left out; add them to the model with PEFT.");
    return result;
}

} // namespace engine
