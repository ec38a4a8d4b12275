#include "engine/freeze/layout.h"

#include "engine/models/adapters.h"

#include <map>
#include <mutex>

namespace engine {

BackboneLayout layoutOf(Backbone& backbone) {
    BackboneLayout layout;
    for (const auto& item : backbone.named_parameters())
        if (!isAdapterParameter(item.key()))
            layout.parameters.push_back({item.key(), item.value().numel()});
    for (Stage& stage : backbone.stages())
        layout.stages.push_back({std::move(stage.name), std::move(stage.modules)});
    for (const auto& [path, module] : backbone.named_modules("", false).pairs()) {
        if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
            layout.batchNorms.push_back(path);
        if (!isAdapterParameter(path + '.') && !module->named_parameters().is_empty())
            layout.modules.push_back(path);
        if (path == backbone.info().classifier)
            continue;
        if (const auto* layer = dynamic_cast<const AdaptableLayer*>(module.get()))
            if (const at::Tensor matrix = layer->matrix(); matrix.defined())
                layout.matrices.push_back({path, matrix.size(1), matrix.size(0)});
    }
    return layout;
}

const BackboneLayout& layoutOf(std::string_view backbone, int classes) {
    static std::mutex mutex; // guards layouts
    static std::map<std::pair<std::string, int>, BackboneLayout> layouts;
    const BackboneInfo& info = findBackbone(backbone);
    const std::lock_guard lock(mutex);
    const auto [place, isNew] = layouts.try_emplace({info.name, classes});
    if (isNew)
        place->second = layoutOf(*buildBackbone(info, classes));
    return place->second;
}

} // namespace engine
