#include "engine/train/place.h"

#include "engine/models/ownmodel.h"

namespace engine {

void place(Backbone& backbone, const ComputeDevice& device) {
    const torch::NoGradGuard noGrad;
    if (device.place() != at::Device(at::kCPU))
        backbone.to(device.place());
    if (isOwnModel(backbone.info().name))
        return; // programs view their maps as rows, which works in the order of torch only
    for (at::Tensor& parameter : backbone.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

} // namespace engine
