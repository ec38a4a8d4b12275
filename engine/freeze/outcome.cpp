#include "engine/freeze/freezeplan.h"

#include <algorithm>

namespace engine {
namespace {

std::int64_t elementsOfAdapters(const AdapterSettings& adapters, const BackboneLayout& layout) {
    std::int64_t count = 0;
    for (const auto& matrix : layout.matrices)
        if (std::ranges::find(adapters.layers, matrix.path) != adapters.layers.end())
            count += adapters.rank * (matrix.in + matrix.out);
    return count;
}

FreezeOutcome outcomeOf(const FreezePlan::Phase& phase, const BackboneLayout& layout) {
    FreezeOutcome outcome{.fromEpoch = phase.fromEpoch, .learningRateFactor = phase.learningRateFactor};
    // How many of a block's parameters train, and the greatest of their factors.
    struct Share {
        std::size_t all = 0, trained = 0;
        double factor = 0;
    };
    const auto shareOf = [&](auto inside) {
        Share share;
        for (const auto& parameter : layout.parameters) {
            if (!inside(parameter.name))
                continue;
            ++share.all;
            if (phase.trained.contains(parameter.name)) {
                ++share.trained;
                share.factor = std::max(share.factor, phase.factorOf(parameter.name));
            }
        }
        return share;
    };
    const auto put = [&](const std::string& block, const Share& share, const bool counts) {
        auto& list = counts ? outcome.trainedBlocks : outcome.frozenBlocks;
        if (std::ranges::find(list, block) == list.end())
            list.push_back(block);
        if (counts)
            outcome.factors[block] = phase.learningRateFactor * share.factor;
    };
    for (const auto& parameter : layout.parameters)
        (phase.trained.contains(parameter.name) ? outcome.trainableParameters : outcome.frozenParameters) +=
            parameter.elements;
    // A module counts as trained where all of its parameters are; one of which a part trains stands in neither list.
    for (const std::string& module : layout.modules) {
        const Share share = shareOf([&](const std::string& name) { return insideModule(name, module); });
        if (share.all > 0 && (share.trained == share.all || share.trained == 0))
            put(module, share, share.trained > 0);
    }
    for (const auto& stage : layout.stages) {
        const Share share = shareOf([&](const std::string& name) { return insideStage(name, stage); });
        put(stage.name, share, share.trained > 0);
    }
    return outcome;
}

} // namespace

std::vector<FreezeOutcome> resolveFreeze(const FreezeSettings& settings, int epochs, std::string_view backbone,
                                         int classes) {
    const BackboneLayout& layout = layoutOf(backbone, classes);
    const FreezePlan plan(settings, epochs, layout);
    const std::int64_t adapters = elementsOfAdapters(plan.adapters(), layout);
    std::vector<FreezeOutcome> result;
    for (const FreezePlan::Phase& phase : plan.phases()) {
        result.push_back(outcomeOf(phase, layout));
        result.back().trainableParameters += adapters;
    }
    return result;
}

} // namespace engine
