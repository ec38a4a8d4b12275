#include "engine/train/place.h"

namespace engine {

void place(Backbone& backbone, const ComputeDevice& device) {
    const torch::NoGradGuard noGrad;
    if (device.place() != at::Device(at::kCPU))
        backbone.to(device.place());
    for (at::Tensor& parameter : backbone.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

} // namespace engine
