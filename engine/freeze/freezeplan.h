#pragma once

#include "engine/api/catalog.h"
#include "engine/freeze/layout.h"
#include "engine/models/adapters.h"
#include "engine/models/backbone.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace engine {

// A tensor of a backbone's state dict.
struct NamedTensor {
    std::string name;
    at::Tensor tensor;
};

// A plan resolved against one backbone: for each phase the names of the parameters that train.
class FreezePlan final {
public:
    struct Phase {
        int fromEpoch = 1; // 1-based
        int lastEpoch = 1;
        std::set<std::string> trained; // adapters' parameters among them
        double learningRateFactor = 1.0;
        std::map<std::string, double> factors; // of trained parameters, besides the phase's own; others have 1
        std::string schedule;                  // empty: the run's goes on; else this one begins anew
        // Stages before this one hold nothing that trains, so they run without autograd.
        std::size_t firstTrainedStage = 0;

        [[nodiscard]] double factorOf(const std::string& parameter) const {
            const auto found = factors.find(parameter);
            return found == factors.end() ? 1.0 : found->second;
        }
        bool operator==(const Phase&) const = default;
    };

    // Throws Error(BadInput): unknown preset, phases out of order, a pattern that names nothing, a phase that trains
    // nothing.
    FreezePlan(const FreezeSettings& settings, int epochs, const BackboneLayout& layout);
    FreezePlan(const FreezeSettings& settings, int epochs, Backbone& backbone);

    [[nodiscard]] const std::vector<Phase>& phases() const { return m_phases; }
    [[nodiscard]] std::size_t phaseOf(int epoch) const; // 1-based epoch
    // The layers that get adapters; the same whatever the phases are.
    [[nodiscard]] const AdapterSettings& adapters() const { return m_adapters; }
    // Stages with a learning rate of their own in the phase, and its factor.
    [[nodiscard]] std::map<std::string, double> stageFactors(std::size_t phase) const;
    // Sets requires_grad of every parameter. The backbone's thread.
    void apply(Backbone& backbone, std::size_t phase) const;
    // Training mode for blocks that train; blocks that are frozen stay in evaluation mode, so that neither BatchNorm
    // statistics nor dropout change them, unless the settings let BatchNorm follow the data.
    void setTrainingMode(Backbone& backbone, std::size_t phase) const;
    // Whether the BatchNorm layer at this path normalises by what its batch holds.
    [[nodiscard]] bool followsData(const std::string& batchNorm, std::size_t phase) const;
    // Everything that must stay as it is in the phase: parameters that do not train and buffers, but for the statistics
    // of BatchNorm layers that follow the data.
    [[nodiscard]] std::vector<NamedTensor> frozenTensors(Backbone& backbone, std::size_t phase) const;

private:
    void chooseAdapters(const FreezeSettings& settings, const BackboneLayout& layout);
    void addPhase(const FreezePhase& phase, const BackboneLayout& layout);

    std::string m_batchNorm;
    AdapterSettings m_adapters;
    std::vector<BackboneLayout::StageNames> m_stages;
    std::vector<Phase> m_phases;
};

} // namespace engine
