#pragma once

#include "engine/device/computedevice.h"
#include "engine/models/backbone.h"

namespace engine {

// Moves the backbone to the device, convolution weights in the order in which the pictures lie. Its thread.
void place(Backbone& backbone, const ComputeDevice& device);

} // namespace engine
