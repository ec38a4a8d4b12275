#include "engine/api/catalog.h"

#include <array>

namespace engine {

std::span<const NamedChoice> optimizers() {
    static const std::array<NamedChoice, 2> rows{{
        {"adamw", "AdamW",
         "Adapts the step of each parameter; weight decay apart from the gradient. Needs two values per trained "
         "parameter."},
        {"sgd", "SGD",
         "Momentum on the plain gradient. Needs one value per trained parameter and more care with the learning rate."},
    }};
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
