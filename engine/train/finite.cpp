#include "engine/train/finite.h"

#include <vector>

namespace engine {

std::string notFinite(const torch::nn::Module& module) {
    const torch::NoGradGuard noGrad;
    std::vector<std::string> names;
    std::vector<at::Tensor> finite;
    const auto look = [&](const auto& tensors) {
        for (const auto& item : tensors)
            if (item.value().is_floating_point()) {
                names.push_back(item.key());
                finite.push_back(item.value().isfinite().all());
            }
    };
    look(module.named_parameters());
    look(module.named_buffers());
    if (finite.empty())
        return {};
    const at::Tensor all = at::stack(finite).cpu(); // one wait for the device
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!all[static_cast<std::int64_t>(i)].item<bool>())
            return names[i];
    return {};
}

} // namespace engine
