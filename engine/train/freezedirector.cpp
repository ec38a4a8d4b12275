#include "engine/train/freezedirector.h"

#include "engine/freeze/presets.h"

#include <utility>

namespace engine {

FreezeDirector::FreezeDirector(Backbone& backbone, FreezePlan plan, Proof proof)
    : m_backbone(backbone), m_plan(std::move(plan)), m_wanted(proof) {}

bool FreezeDirector::enter(int epoch, std::int64_t step) {
    const std::size_t number = m_plan.phaseOf(epoch);
    const bool changes = std::exchange(m_number, number) != number;
    m_plan.apply(m_backbone, number);
    m_plan.setTrainingMode(m_backbone, number);
    if (m_wanted == Proof::Wanted && (changes || !m_proof)) {
        if (!m_proof)
            m_proof = std::make_unique<FrozenProof>();
        m_proof->watch(m_plan.frozenTensors(m_backbone, number), step);
    }
    return changes;
}

void FreezeDirector::follow(FreezePlan plan) {
    m_plan = std::move(plan);
    m_number = m_plan.phases().size();
}

std::set<std::string> FreezeDirector::frozenNames() {
    std::set<std::string> names;
    for (const NamedTensor& tensor : m_plan.frozenTensors(m_backbone, m_number))
        names.insert(tensor.name);
    return names;
}

std::optional<FreezeDirector::Comparison> FreezeDirector::compare(std::int64_t step) {
    if (!m_proof || m_proof->count() == 0 || m_proof->lastVerified() == step)
        return std::nullopt;
    Comparison comparison{.since = m_proof->lastVerified(), .watched = m_proof->count()};
    comparison.changed = m_proof->changed(step);
    return comparison;
}

FreezeSettings changedFreeze(const FreezeSettings& settings, const FreezeChange& change, int first, int epochs,
                             const BackboneLayout& layout) {
    FreezeSettings next = settings;
    next.phases = joinedPlan(phasesOf(settings, epochs, layout), phasesOf(change.settings, epochs, layout), first);
    next.preset = "by-hand";
    return next;
}

} // namespace engine
