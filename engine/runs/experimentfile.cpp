#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/hub.h"
#include "engine/base/atomicfile.h"
#include "engine/base/ownmodelname.h"
#include "engine/base/textfile.h"
#include "engine/runs/parameterrow.h"
#include "engine/runs/scheduletext.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr double kGreatestFactor = 1000;

[[noreturn]] void failAt(const toml::node& node, const std::string& message, const std::string& remedy) {
    throw Error(ErrorKind::BadInput, fmt::format("Line {}: {}", node.source().begin.line, message), remedy);
}

std::string scalarText(const toml::node& node, const std::string& key) {
    if (const auto* text = node.as_string())
        return text->get();
    if (const auto* integer = node.as_integer())
        return std::to_string(integer->get());
    if (const auto* real = node.as_floating_point())
        return fmt::format("{}", real->get());
    if (const auto* flag = node.as_boolean())
        return flag->get() ? "true" : "false";
    failAt(node, fmt::format("{} needs a single value.", key), "Write it as key = value.");
}

std::vector<std::string> texts(const toml::node& node, const std::string& key) {
    std::vector<std::string> result;
    if (const auto* array = node.as_array())
        for (const toml::node& item : *array)
            result.push_back(scalarText(item, key));
    else
        result.push_back(scalarText(node, key));
    return result;
}

int readFromEpoch(const toml::node& node) {
    const std::int64_t epoch = node.as_integer()->get();
    if (epoch < 1 || epoch > 100'000)
        failAt(node, fmt::format("freeze.phase.from_epoch cannot be {}.", epoch),
               "Give a whole number between 1 and 100000; the first epoch is 1.");
    return static_cast<int>(epoch);
}

double readFactor(const toml::node& node, const std::string& key) {
    const double factor = node.value<double>().value_or(0.0);
    if (!std::isfinite(factor) || factor <= 0 || factor > kGreatestFactor)
        failAt(
            node, fmt::format("freeze.phase.{} cannot be {}.", key, factor),
            fmt::format("Give a number above 0 and up to {:g}; 1 leaves the learning rate as it is.", kGreatestFactor));
    return factor;
}

// In the order of the file, which a TOML table does not keep: the last pattern that matches counts.
std::vector<BlockFactor> readFactors(const toml::node& node) {
    const auto* table = node.as_table();
    if (table == nullptr)
        failAt(node, "freeze.phase.factors must be a table.", "Write it as factors = { \"blocks.6\" = 0.5 }.");
    std::vector<std::pair<toml::source_position, BlockFactor>> found;
    for (const auto& [name, value] : *table) {
        const std::string pattern(name.str());
        if (!value.is_number())
            failAt(value, fmt::format("freeze.phase.factors needs a number for “{}”.", pattern),
                   "Write it as factors = { \"blocks.6\" = 0.5 }, names with a point in quotes.");
        found.emplace_back(value.source().begin,
                           BlockFactor{pattern, readFactor(value, fmt::format("factors.{}", pattern))});
    }
    std::ranges::sort(found, {}, [](const auto& entry) { return std::pair(entry.first.line, entry.first.column); });
    std::vector<BlockFactor> factors;
    for (auto& [position, factor] : found)
        factors.push_back(std::move(factor));
    return factors;
}

std::string readSchedule(const toml::node& node) {
    const std::string schedule = scalarText(node, "freeze.phase.schedule");
    try {
        requireSchedule(schedule);
    } catch (const Error& error) {
        failAt(node, fmt::format("freeze.phase.schedule cannot be “{}”.", schedule), error.remedy());
    }
    return schedule;
}

FreezePhase readPhase(const toml::node& node) {
    FreezePhase phase;
    const auto* table = node.as_table();
    if (table == nullptr)
        failAt(node, "freeze.phase must be a table.", "Write each phase under a line [[freeze.phase]].");
    for (const auto& [name, value] : *table) {
        const std::string key(name.str());
        if (key == "from_epoch" && value.is_integer())
            phase.fromEpoch = readFromEpoch(value);
        else if (key == "train")
            phase.train = texts(value, "freeze.phase.train");
        else if (key == "learning_rate_factor" && value.is_number())
            phase.learningRateFactor = readFactor(value, key);
        else if (key == "factors")
            phase.factors = readFactors(value);
        else if (key == "schedule" && value.is_string())
            phase.schedule = readSchedule(value);
        else
            failAt(value, fmt::format("freeze.phase has no setting “{}” of this kind.", key),
                   "A phase has from_epoch, train (a list of block names or patterns), learning_rate_factor, factors "
                   "and schedule.");
    }
    return phase;
}

SchedulePart readPart(const toml::node& node) {
    SchedulePart part;
    const auto* table = node.as_table();
    if (table == nullptr)
        failAt(node, "train.part must be a table.", "Write each part under a line [[train.part]].");
    for (const auto& [name, value] : *table) {
        const std::string key(name.str());
        if (key == "from_step" && value.is_integer())
            part.fromStep = value.as_integer()->get();
        else if (key == "to_step" && value.is_integer())
            part.toStep = value.as_integer()->get();
        else if (key == "warmup_steps" && value.is_integer())
            part.warmupSteps = static_cast<int>(std::clamp<std::int64_t>(value.as_integer()->get(), 0, 1'000'000));
        else if (key == "learning_rate" && value.is_number())
            part.learningRate = value.value<double>().value_or(0.0);
        else if (key == "schedule" && value.is_string())
            part.schedule = readSchedule(value);
        else
            failAt(value, fmt::format("train.part has no setting “{}” of this kind.", key),
                   "A part has from_step, to_step, learning_rate, schedule and warmup_steps.");
    }
    if (part.fromStep < 0 || part.toStep < part.fromStep || !std::isfinite(part.learningRate) || part.learningRate < 0)
        failAt(node, "train.part has steps or a learning rate that cannot be.",
               "Give steps from 0 on in order and a learning rate of at least 0.");
    return part;
}

void readValue(Experiment& experiment, const std::string& key, const toml::node& value) {
    if (key == "freeze.phase") {
        const auto* phases = value.as_array();
        if (phases == nullptr)
            failAt(value, "freeze.phase must be a list of phases.", "Write each phase under a line [[freeze.phase]].");
        experiment.freeze.phases.clear();
        for (const toml::node& phase : *phases)
            experiment.freeze.phases.push_back(readPhase(phase));
        return;
    }
    if (key == "train.part") {
        const auto* parts = value.as_array();
        if (parts == nullptr)
            failAt(value, "train.part must be a list of parts.", "Write each part under a line [[train.part]].");
        experiment.train.parts.clear();
        for (const toml::node& part : *parts)
            experiment.train.parts.push_back(readPart(part));
        return;
    }
    if (key == "data.leave_out") {
        experiment.data.leaveOut = texts(value, key);
        return;
    }
    if (key == "devices.use") {
        experiment.devices.use = texts(value, key);
        return;
    }
    if (key == "freeze.lora_targets") {
        experiment.freeze.loraTargets = texts(value, key);
        return;
    }
    try {
        setParameterValue(experiment, key, scalarText(value, key));
    } catch (const Error& error) {
        if (std::string_view(error.what()).starts_with("Line "))
            throw;
        failAt(value, error.what(), error.remedy());
    }
}

std::string tomlText(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + '"';
}

std::string tomlList(const std::vector<std::string>& items) {
    std::string result = "[";
    for (const std::string& item : items)
        result += (result.size() > 1 ? ", " : "") + tomlText(item);
    return result + "]";
}

std::string tomlReal(const std::string& text) {
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string phaseText(const FreezePhase& phase) {
    std::string result =
        fmt::format("\n[[freeze.phase]]\nfrom_epoch = {}\ntrain = {}\nlearning_rate_factor = {}\n", phase.fromEpoch,
                    tomlList(phase.train), tomlReal(fmt::format("{}", phase.learningRateFactor)));
    std::string factors;
    for (auto entry = phase.factors.begin(); entry != phase.factors.end(); ++entry) {
        // A key may stand once; the last of several counts anyway.
        const auto again = [&](const BlockFactor& other) { return other.pattern == entry->pattern; };
        if (std::none_of(entry + 1, phase.factors.end(), again))
            factors += fmt::format("{} {} = {}", factors.empty() ? "" : ",", tomlText(entry->pattern),
                                   tomlReal(fmt::format("{}", entry->factor)));
    }
    if (!factors.empty())
        result += fmt::format("factors = {{{} }}\n", factors);
    if (!phase.schedule.empty())
        result += fmt::format("schedule = {}\n", tomlText(phase.schedule));
    return result;
}

std::string partText(const SchedulePart& part) {
    return fmt::format("\n[[train.part]]\nfrom_step = {}\nto_step = {}\nlearning_rate = {}\nschedule = {}\n"
                       "warmup_steps = {}\n",
                       part.fromStep, part.toStep, tomlReal(fmt::format("{}", part.learningRate)),
                       tomlText(part.schedule), part.warmupSteps);
}

std::string writtenValue(const ParameterRow& row, const Experiment& experiment) {
    const std::string& key = row.parameter.key;
    if (key == "data.path")
        return tomlText(experiment.dataPath().string());
    if (key == "model.weights" && experiment.model.weights != "bundled" && experiment.model.weights != "none" &&
        !isHubName(experiment.model.weights))
        return tomlText(experiment.weightsPath().string());
    if (key == "data.leave_out")
        return tomlList(experiment.data.leaveOut);
    if (key == "devices.use")
        return tomlList(experiment.devices.use);
    if (key == "freeze.lora_targets")
        return tomlList(experiment.freeze.loraTargets);
    const std::string text = row.get(experiment);
    if (row.parameter.type == ParameterType::Integer)
        return text;
    if (row.parameter.type == ParameterType::Real)
        return tomlReal(text);
    return tomlText(text);
}

// backbone = "torchscript[#OUTPUT]" with the program as the weights becomes "torchscript:FILE[#OUTPUT]".
void takeProgramFromWeights(Experiment& experiment) {
    ModelSettings& model = experiment.model;
    if (!isOwnModelOfWeights(model.backbone))
        return;
    if (model.weights == "bundled" || model.weights == "none" || isHubName(model.weights))
        throw Error(ErrorKind::BadInput, fmt::format("model.backbone “{}” names no program.", model.backbone),
                    "Give its file as model.weights, or write backbone = \"torchscript:FILE\".");
    OwnModel own = parseOwnModel(model.backbone);
    own.file = experiment.weightsPath();
    model.backbone = ownModelName(own);
    model.weights = "bundled";
}

} // namespace

Experiment parseExperiment(std::string_view text, const fs::path& directory) {
    Experiment experiment;
    experiment.directory = directory;
    try {
        const toml::table root = toml::parse(text);
        for (const auto& [sectionName, section] : root) {
            const auto* table = section.as_table();
            if (table == nullptr)
                failAt(section, fmt::format("“{}” stands outside a section.", std::string(sectionName.str())),
                       "Settings belong under [experiment], [data], [model], [freeze], [train] or [devices].");
            for (const auto& [name, value] : *table)
                readValue(experiment, fmt::format("{}.{}", std::string(sectionName.str()), std::string(name.str())),
                          value);
        }
    } catch (const toml::parse_error& error) {
        throw Error(ErrorKind::BadInput,
                    fmt::format("Line {}: {}.", error.source().begin.line, std::string(error.description())),
                    "Correct the experiment file; it is TOML.");
    }
    takeProgramFromWeights(experiment);
    return experiment;
}

Experiment readExperiment(const fs::path& path) {
    const fs::path file = expandHome(path);
    std::error_code code;
    if (!fs::is_regular_file(file, code))
        throw Error(ErrorKind::NotFound, fmt::format("There is no experiment file {}.", file.string()),
                    "Check the path.");
    try {
        return parseExperiment(readTextFile(file), fs::absolute(file).parent_path());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw;
        throw Error(ErrorKind::BadInput, fmt::format("{}: {}", file.filename().string(), error.what()), error.remedy());
    }
}

std::string toToml(const Experiment& experiment) {
    std::string result;
    std::string section;
    for (const ParameterRow& row : parameterRows()) {
        const std::string& key = row.parameter.key;
        const std::string thisSection = key.substr(0, key.find('.'));
        if (thisSection != section) {
            if (section == "freeze" && experiment.freeze.preset == "by-hand")
                for (const FreezePhase& phase : experiment.freeze.phases)
                    result += phaseText(phase);
            if (section == "train")
                for (const SchedulePart& part : experiment.train.parts)
                    result += partText(part);
            result += fmt::format("{}[{}]\n", result.empty() ? "" : "\n", thisSection);
            section = thisSection;
        }
        result += fmt::format("{} = {}\n", key.substr(section.size() + 1), writtenValue(row, experiment));
    }
    return result;
}

void writeExperiment(const Experiment& experiment, const fs::path& file) {
    writeFileAtomically(file, toToml(experiment));
}

} // namespace engine
