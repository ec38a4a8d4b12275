#include "engine/api/catalog.h"
#include "engine/api/optimizers.h"

#include <array>
#include <vector>

namespace engine {

std::span<const NamedChoice> optimizers() {
    static const auto rows = [] {
        std::vector<NamedChoice> choices;
        for (const OptimizerInfo& info : optimizerInfos())
            choices.push_back(info.choice);
        return choices;
    }();
    return rows;
}

std::span<const NamedChoice> schedules() {
    static const std::array<NamedChoice, 3> rows{{
        {"cosine", "Cosine", "Falls from the learning rate to zero along half a cosine."},
        {"one-cycle", "One cycle",
         "Rises to the learning rate over the first 30 % of the steps, then falls to nearly zero."},
        {"constant", "Constant", "Stays at the learning rate."},
    }};
    return rows;
}

} // namespace engine
