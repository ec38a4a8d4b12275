#pragma once

#include "engine/freeze/freezeplan.h"
#include "engine/models/backbone.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace engine {

// How each stage learns, sampled every few steps so that it costs less than 2 % of them: the norm of its gradient, how
// far one step moves it, and how far it is from where training began, both over the norm of its weights. Only
// parameters that train count. The backbone's thread.
class Insight final {
public:
    // What the backbone holds now is what distances are measured from. Looks at one of `every` steps.
    Insight(Backbone& backbone, const FreezePlan& plan, std::int64_t every);

    void enterPhase(const FreezePlan::Phase& phase);
    [[nodiscard]] bool due(std::int64_t step) const { return step % m_every == 0; }
    void beforeUpdate(); // gradients are there
    // Series name → value.
    [[nodiscard]] std::map<std::string, double> afterUpdate();

private:
    struct StageTensors {
        std::string name;
        std::vector<at::Tensor> parameters, begun, before;
        at::Tensor gradient; // norm
    };

    Backbone& m_backbone;
    std::int64_t m_every;
    std::vector<BackboneLayout::StageNames> m_names;
    std::map<std::string, at::Tensor> m_begun; // copies of all parameters that any phase trains
    std::vector<StageTensors> m_stages;        // those that train in this phase
};

} // namespace engine
