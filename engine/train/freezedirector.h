#pragma once

#include "engine/api/runcontrol.h"
#include "engine/freeze/freezeplan.h"
#include "engine/freeze/proof.h"
#include "engine/models/backbone.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace engine {

// What trains when: the freeze plan of a training and its changes, the phase it is in, and the proof that what is
// frozen stays as it is. The trainer's thread.
class FreezeDirector final {
public:
    enum class Proof { Wanted, Off };
    FreezeDirector(Backbone& backbone, FreezePlan plan, Proof proof);

    [[nodiscard]] const FreezePlan& plan() const { return m_plan; }
    [[nodiscard]] std::size_t phaseNumber() const { return m_number; } // from 0
    [[nodiscard]] const FreezePlan::Phase& phase() const { return m_plan.phases()[m_number]; }
    [[nodiscard]] bool isLastPhase() const { return m_number + 1 == m_plan.phases().size(); }

    // The phase of the epoch (1-based) is taken for entered: a training goes on in it.
    void continueIn(int epoch) { m_number = m_plan.phaseOf(epoch); }
    // Sets what trains and what follows the data as the epoch's phase has it. True: another phase than before begins.
    bool enter(int epoch, std::int64_t step);
    // None of the new plan's phases has begun.
    void follow(FreezePlan plan);
    [[nodiscard]] std::set<std::string> frozenNames();

    // What a comparison of the frozen tensors with how they were has shown.
    struct Comparison {
        std::int64_t since = 0; // the step at which they were last known to be as they were
        std::size_t watched = 0;
        std::vector<std::string> changed;
    };
    // None where it was made at this step already, or nothing is frozen or proved.
    [[nodiscard]] std::optional<Comparison> compare(std::int64_t step);

private:
    Backbone& m_backbone;
    FreezePlan m_plan;
    std::size_t m_number = 0;
    Proof m_wanted;
    std::unique_ptr<FrozenProof> m_proof; // none: nothing was watched yet
};

// The freeze settings of a training once `change` is followed from epoch `first` on.
[[nodiscard]] FreezeSettings changedFreeze(const FreezeSettings& settings, const FreezeChange& change, int first,
                                           int epochs, const BackboneLayout& layout);

} // namespace engine
