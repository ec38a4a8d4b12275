#pragma once

#include "engine/api/catalog.h"
#include "engine/models/backbone.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace engine {

// A plan resolved against one backbone: for each phase the names of the parameters that train.
class FreezePlan final {
public:
    struct Phase {
        int fromEpoch = 1; // 1-based
        std::set<std::string> trained;
        double learningRateFactor = 1.0;
        // Stages before this one hold nothing that trains, so they run without autograd.
        std::size_t firstTrainedStage = 0;

        bool operator==(const Phase&) const = default;
    };

    // Throws Error(BadInput): unknown preset, a pattern that names nothing, a phase that trains nothing.
    FreezePlan(const FreezeSettings& settings, Backbone& backbone);

    [[nodiscard]] const std::vector<Phase>& phases() const { return m_phases; }
    [[nodiscard]] std::size_t phaseOf(int epoch) const; // 1-based epoch
    // Sets requires_grad of every parameter. The backbone's thread.
    void apply(Backbone& backbone, std::size_t phase) const;
    // Training mode for blocks that train; blocks that are frozen stay in evaluation mode, so that neither BatchNorm
    // statistics nor dropout change them, unless the settings let BatchNorm follow the data.
    void setTrainingMode(Backbone& backbone, std::size_t phase) const;

private:
    std::string m_batchNorm;
    std::vector<Phase> m_phases;
};

} // namespace engine
