#include "engine/freeze/freezeplan.h"

#include "engine/api/error.h"
#include "engine/freeze/pattern.h"
#include "engine/freeze/presets.h"

#include <algorithm>
#include <fmt/format.h>

namespace engine {
namespace {

// What a pattern names: parameters by their name or by a block around them. A stage may be called by its own name even
// where its modules are called otherwise. Throws where that is nothing.
std::set<std::string> named(const std::string& text, const BackboneLayout& layout) {
    const Pattern pattern(text);
    std::set<std::string> result;
    for (const auto& stage : layout.stages)
        if (pattern.matches(stage.name))
            for (const auto& parameter : layout.parameters)
                if (insideStage(parameter.name, stage))
                    result.insert(parameter.name);
    for (const auto& parameter : layout.parameters)
        if (pattern.covers(parameter.name))
            result.insert(parameter.name);
    if (result.empty())
        throw Error(ErrorKind::BadInput, fmt::format("No block is called “{}”.", text),
                    fmt::format("{} to {} exist.", layout.stages.front().name, layout.stages.back().name));
    return result;
}

[[noreturn]] void refuseEmptyPlan(const std::string& what) {
    throw Error(ErrorKind::BadInput, what + " trains nothing.",
                "Thaw at least one block; the head is the usual first.");
}

std::size_t firstTrained(const std::vector<BackboneLayout::StageNames>& stages, const std::set<std::string>& trained) {
    for (std::size_t i = 0; i < stages.size(); ++i)
        if (std::ranges::any_of(trained, [&](const std::string& name) { return insideStage(name, stages[i]); }))
            return i;
    return stages.size();
}

std::vector<std::string> adapterParameters(const std::string& layer) {
    return {layer + ".lora_A.weight", layer + ".lora_B.weight"};
}

} // namespace

FreezePlan::FreezePlan(const FreezeSettings& settings, int epochs, Backbone& backbone)
    : FreezePlan(settings, epochs, layoutOf(backbone)) {}

FreezePlan::FreezePlan(const FreezeSettings& settings, int epochs, const BackboneLayout& layout)
    : m_batchNorm(settings.batchNorm), m_stages(layout.stages) {
    chooseAdapters(settings, layout);
    for (const FreezePhase& phase : phasesOf(settings, epochs, layout))
        addPhase(phase, layout);
    if (m_phases.empty())
        refuseEmptyPlan("The freeze plan has no phase, so it");
    for (std::size_t i = 0; i < m_phases.size(); ++i)
        m_phases[i].lastEpoch =
            std::max(m_phases[i].fromEpoch, i + 1 < m_phases.size() ? m_phases[i + 1].fromEpoch - 1 : epochs);
}

void FreezePlan::chooseAdapters(const FreezeSettings& settings, const BackboneLayout& layout) {
    if (settings.loraRank == 0)
        return;
    m_adapters.rank = settings.loraRank;
    m_adapters.alpha = settings.loraAlpha > 0 ? settings.loraAlpha : 2.0 * settings.loraRank;
    std::vector<bool> found(settings.loraTargets.size());
    std::vector<Pattern> patterns(settings.loraTargets.begin(), settings.loraTargets.end());
    for (const auto& matrix : layout.matrices) {
        // Without a choice: all that does not belong to the head.
        bool chosen = patterns.empty() && !insideStage(matrix.path, layout.stages.back());
        for (std::size_t i = 0; i < patterns.size(); ++i)
            if (patterns[i].covers(matrix.path))
                chosen = found[i] = true;
        if (chosen)
            m_adapters.layers.push_back(matrix.path);
    }
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!found[i])
            throw Error(ErrorKind::BadInput, fmt::format("No linear layer is called “{}”.", settings.loraTargets[i]),
                        "Adapters go onto linear layers; the new classifier trains without one.");
    if (!m_adapters.any())
        throw Error(ErrorKind::BadInput, "This backbone has no linear layer for adapters.",
                    "Set the adapters' rank to 0, or choose a transformer.");
}

void FreezePlan::addPhase(const FreezePhase& phase, const BackboneLayout& layout) {
    if (!m_phases.empty() ? phase.fromEpoch <= m_phases.back().fromEpoch : phase.fromEpoch != 1)
        throw Error(ErrorKind::BadInput,
                    fmt::format("Phase {} cannot begin at epoch {}.", m_phases.size() + 1, phase.fromEpoch),
                    "The first phase begins at epoch 1, each other one later than the one before it.");
    Phase made{
        .fromEpoch = phase.fromEpoch, .learningRateFactor = phase.learningRateFactor, .schedule = phase.schedule};
    for (const std::string& pattern : phase.train)
        made.trained.merge(named(pattern, layout));
    if (made.trained.empty())
        refuseEmptyPlan("The freeze plan");
    // affine-only: scale and shift of every BatchNorm train, whatever its block does.
    if (m_batchNorm == "affine-only")
        for (const std::string& path : layout.batchNorms)
            made.trained.insert({path + ".weight", path + ".bias"});
    std::map<std::string, double> factors;
    for (const BlockFactor& block : phase.factors) {
        for (const std::string& name : named(block.pattern, layout))
            factors[name] = block.factor;
        const Pattern pattern(block.pattern);
        for (const std::string& layer : m_adapters.layers)
            if (pattern.covers(layer))
                for (const std::string& name : adapterParameters(layer))
                    factors[name] = block.factor;
    }
    for (const std::string& layer : m_adapters.layers)
        for (const std::string& name : adapterParameters(layer))
            made.trained.insert(name);
    for (const auto& [name, factor] : factors)
        if (factor != 1.0 && made.trained.contains(name))
            made.factors.emplace(name, factor);
    made.firstTrainedStage = firstTrained(layout.stages, made.trained);
    m_phases.push_back(std::move(made));
}

std::size_t FreezePlan::phaseOf(int epoch) const {
    std::size_t result = 0;
    for (std::size_t i = 0; i < m_phases.size(); ++i)
        if (m_phases[i].fromEpoch <= epoch)
            result = i;
    return result;
}

std::map<std::string, double> FreezePlan::stageFactors(std::size_t phase) const {
    std::map<std::string, double> result;
    for (const auto& stage : m_stages)
        for (const auto& [name, factor] : m_phases[phase].factors)
            if (insideStage(name, stage))
                result[stage.name] = std::max(result[stage.name], factor);
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

bool FreezePlan::followsData(const std::string& batchNorm, std::size_t phase) const {
    if (m_batchNorm != "frozen")
        return m_batchNorm == "train";
    const auto& trained = m_phases[phase].trained;
    return trained.contains(batchNorm + ".weight") || trained.contains(batchNorm + ".bias");
}

void FreezePlan::setTrainingMode(Backbone& backbone, std::size_t phase) const {
    backbone.train();
    const auto& trained = m_phases[phase].trained;
    for (const auto& [path, module] : backbone.named_modules("", false).pairs()) {
        const bool trains =
            std::ranges::any_of(trained, [&path = path](const std::string& name) { return insideModule(name, path); });
        if (!trains)
            module->eval();
    }
    // eval() reaches into children, so BatchNorm is set last.
    for (const auto& [path, module] : backbone.named_modules("", false).pairs())
        if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
            module->train(followsData(path, phase));
}

std::vector<NamedTensor> FreezePlan::frozenTensors(Backbone& backbone, std::size_t phase) const {
    std::vector<NamedTensor> result;
    for (const auto& item : backbone.named_parameters())
        if (!m_phases[phase].trained.contains(item.key()))
            result.push_back({item.key(), item.value()});
    for (const auto& [path, module] : backbone.named_modules("", true).pairs()) {
        if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr && followsData(path, phase))
            continue;
        for (const auto& buffer : module->named_buffers(false))
            result.push_back({path.empty() ? buffer.key() : path + '.' + buffer.key(), buffer.value()});
    }
    return result;
}

} // namespace engine
