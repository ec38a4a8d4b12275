#pragma once

#include "engine/base/torchheader.h"
#include "engine/data/preprocess.h"
#include "engine/models/signal.h"

namespace engine {

// Makes of pictures as bytes what the first stage takes, on the device where they lie: bytes are a quarter of what
// crosses to a GPU. The thread of its device.
class PixelNormalisation final {
public:
    PixelNormalisation() = default; // knows no bytes
    PixelNormalisation(const Preprocess& preprocess, at::Device device);

    // [N, 3, H, W] bytes in channels_last → float32 in channels_last; what is not bytes stays as it is.
    [[nodiscard]] Signal operator()(const Signal& input) const;

private:
    at::Tensor m_table; // [3, 256]
};

} // namespace engine
