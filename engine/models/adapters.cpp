#include "engine/models/adapters.h"

#include "engine/api/error.h"

#include <fmt/format.h>

namespace engine {

bool isAdapterParameter(std::string_view name) {
    return name.find(".lora_A.") != std::string_view::npos || name.find(".lora_B.") != std::string_view::npos;
}

void addAdapters(Backbone& backbone, const AdapterSettings& settings, std::uint64_t seed) {
    if (!settings.any())
        return;
    const auto modules = backbone.named_modules("", false);
    for (const std::string& path : settings.layers) {
        const auto* module = modules.find(path);
        auto* layer = module == nullptr ? nullptr : dynamic_cast<AdaptableLayer*>(module->get());
        if (layer == nullptr || !layer->matrix().defined())
            throw Error(ErrorKind::BadWeights,
                        fmt::format("{} has no linear layer {} for an adapter.", backbone.info().name, path),
                        "Choose the backbone that these adapters were trained for.");
        const at::Tensor a = layer->addAdapter(settings.rank, settings.alpha / settings.rank);
        draw(torchDefault(a), a, {}, seed, path + ".lora_A");
    }
}

void mergeAdapters(Backbone& backbone) {
    for (const auto& module : backbone.modules(false))
        if (auto* layer = dynamic_cast<AdaptableLayer*>(module.get()))
            layer->mergeAdapter();
}

} // namespace engine
