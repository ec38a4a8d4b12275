#include "engine/freeze/freezeplan.h"

#include "engine/api/error.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fnmatch.h>

namespace engine {
namespace {

bool insideModule(std::string_view parameter, std::string_view module) {
    return parameter.starts_with(module) && (parameter.size() == module.size() || parameter[module.size()] == '.');
}

// A pattern names a parameter if it matches its name or the name of a block around it.
bool names(const std::string& pattern, const std::string& parameter) {
    for (std::size_t end = parameter.find('.'); end != std::string::npos; end = parameter.find('.', end + 1))
        if (fnmatch(pattern.c_str(), parameter.substr(0, end).c_str(), 0) == 0)
            return true;
    return fnmatch(pattern.c_str(), parameter.c_str(), 0) == 0;
}

std::vector<std::string> parameterNames(Backbone& backbone) {
    std::vector<std::string> result;
    for (const auto& item : backbone.named_parameters())
        result.push_back(item.key());
    return result;
}

std::set<std::string> ofLastStages(const std::vector<std::string>& parameters, const std::vector<Stage>& stages,
                                   std::size_t count) {
    std::set<std::string> result;
    for (std::size_t i = stages.size() - std::min(count, stages.size()); i < stages.size(); ++i)
        for (const std::string& module : stages[i].modules)
            for (const std::string& name : parameters)
                if (insideModule(name, module))
                    result.insert(name);
    return result;
}

std::set<std::string> ofPatterns(const std::vector<std::string>& parameters, const std::vector<Stage>& stages,
                                 const std::vector<std::string>& patterns) {
    std::set<std::string> result;
    for (const std::string& pattern : patterns) {
        bool found = false;
        // A stage may be called by its own name even where its modules are called otherwise.
        for (const Stage& stage : stages) {
            if (fnmatch(pattern.c_str(), stage.name.c_str(), 0) != 0)
                continue;
            for (const std::string& module : stage.modules)
                for (const std::string& name : parameters)
                    if (insideModule(name, module))
                        found = result.insert(name).second || found;
        }
        for (const std::string& name : parameters) {
            if (names(pattern, name)) {
                result.insert(name);
                found = true;
            }
        }
        if (!found)
            throw Error(ErrorKind::BadInput, fmt::format("No block is called “{}”.", pattern),
                        fmt::format("{} to {} exist.", stages.front().name, stages.back().name));
    }
    return result;
}

std::size_t stageCount(const std::string& preset) {
    std::size_t count = 0;
    const char* begin = preset.data() + std::string_view("last-stages:").size();
    const auto [end, code] = std::from_chars(begin, preset.data() + preset.size(), count);
    if (code != std::errc{} || end != preset.data() + preset.size() || count == 0)
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is not a freeze preset.", preset),
                    "Give the number of stages, for instance last-stages:2.");
    return count;
}

// affine-only: scale and shift of every BatchNorm train, whatever its block does.
void addBatchNorms(Backbone& backbone, std::set<std::string>& trained) {
    for (const auto& [path, module] : backbone.named_modules("", false).pairs())
        if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
            for (const char* part : {"weight", "bias"})
                trained.insert(path + "." + part);
}

std::size_t firstTrained(const std::vector<Stage>& stages, const std::set<std::string>& trained) {
    for (std::size_t i = 0; i < stages.size(); ++i)
        for (const std::string& module : stages[i].modules)
            for (const std::string& name : trained)
                if (insideModule(name, module))
                    return i;
    return stages.size();
}

} // namespace

FreezePlan::FreezePlan(const FreezeSettings& settings, Backbone& backbone) : m_batchNorm(settings.batchNorm) {
    const std::vector<std::string> parameters = parameterNames(backbone);
    const std::vector<Stage> stages = backbone.stages();
    if (settings.preset == "none") {
        m_phases.push_back({.trained = {parameters.begin(), parameters.end()}});
    } else if (settings.preset == "head-only") {
        m_phases.push_back({.trained = ofLastStages(parameters, stages, 1)});
    } else if (settings.preset.starts_with("last-stages:")) {
        m_phases.push_back({.trained = ofLastStages(parameters, stages, stageCount(settings.preset) + 1)});
    } else if (settings.preset == "by-hand") {
        for (const FreezePhase& phase : settings.phases)
            m_phases.push_back({.fromEpoch = phase.fromEpoch,
                                .trained = ofPatterns(parameters, stages, phase.train),
                                .learningRateFactor = phase.learningRateFactor});
    } else {
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is not a freeze preset.", settings.preset),
                    "Choose none, head-only, last-stages:N or by-hand.");
    }
    for (Phase& phase : m_phases) {
        if (phase.trained.empty())
            throw Error(ErrorKind::BadInput, "The freeze plan trains nothing.",
                        "Thaw at least one block; the head is the usual first.");
        if (m_batchNorm == "affine-only")
            addBatchNorms(backbone, phase.trained);
        phase.firstTrainedStage = firstTrained(stages, phase.trained);
    }
    if (m_phases.empty())
        throw Error(ErrorKind::BadInput, "The freeze plan has no phase, so it trains nothing.",
                    "Thaw at least one block; the head is the usual first.");
}

std::size_t FreezePlan::phaseOf(int epoch) const {
    std::size_t result = 0;
    for (std::size_t i = 0; i < m_phases.size(); ++i)
        if (m_phases[i].fromEpoch <= epoch)
            result = i;
    return result;
}

void FreezePlan::apply(Backbone& backbone, std::size_t phase) const {
    for (const auto& item : backbone.named_parameters()) {
        at::Tensor parameter = item.value();
        const bool trained = m_phases[phase].trained.contains(item.key());
        parameter.requires_grad_(trained);
        if (!trained)
            parameter.mutable_grad() = at::Tensor();
    }
}

void FreezePlan::setTrainingMode(Backbone& backbone, std::size_t phase) const {
    backbone.train();
    for (const auto& [path, module] : backbone.named_modules("", false).pairs()) {
        const bool norm = module->as<torch::nn::BatchNorm2dImpl>() != nullptr;
        const bool trains = std::ranges::any_of(
            m_phases[phase].trained, [&path = path](const std::string& name) { return insideModule(name, path); });
        if (norm)
            module->train(m_batchNorm == "train" || (trains && m_batchNorm != "affine-only"));
        else if (!trains)
            module->eval();
    }
    // eval() reaches into children: BatchNorm that follows the data is switched on again last.
    if (m_batchNorm == "train")
        for (const auto& module : backbone.modules(false))
            if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
                module->train();
}

std::vector<FreezeOutcome> resolveFreeze(const FreezeSettings& settings, int /*epochs*/, std::string_view backboneName,
                                         int classes) {
    const auto backbone = buildBackbone(findBackbone(backboneName), classes);
    const FreezePlan plan(settings, *backbone);
    std::vector<FreezeOutcome> result;
    for (const FreezePlan::Phase& phase : plan.phases()) {
        FreezeOutcome outcome{.fromEpoch = phase.fromEpoch, .learningRateFactor = phase.learningRateFactor};
        for (const auto& item : backbone->named_parameters())
            (phase.trained.contains(item.key()) ? outcome.trainableParameters : outcome.frozenParameters) +=
                item.value().numel();
        // Modules with parameters; a module counts as trained where all of its parameters are.
        for (const auto& [path, module] : backbone->named_modules("", false).pairs()) {
            std::size_t all = 0, trained = 0;
            for (const auto& item : module->named_parameters()) {
                ++all;
                trained += phase.trained.contains(path + "." + item.key()) ? 1 : 0;
            }
            if (all == 0)
                continue;
            if (trained == all)
                outcome.trainedBlocks.push_back(path);
            else if (trained == 0)
                outcome.frozenBlocks.push_back(path);
        }
        // Stages that go by a name of their own.
        for (const Stage& stage : backbone->stages()) {
            bool any = false;
            for (const std::string& module : stage.modules)
                any = any ||
                      std::ranges::any_of(phase.trained, [&](const std::string& n) { return insideModule(n, module); });
            auto& list = any ? outcome.trainedBlocks : outcome.frozenBlocks;
            if (std::ranges::find(list, stage.name) == list.end())
                list.push_back(stage.name);
        }
        for (const std::string& block : outcome.trainedBlocks)
            outcome.factors[block] = phase.learningRateFactor;
        result.push_back(std::move(outcome));
    }
    return result;
}

} // namespace engine
