#pragma once

#include "engine/base/torchheader.h"

#include <ATen/record_function.h>

namespace engine {

// While it lives: what the operators of this thread multiply and add, × 2. Convolutions, matrix products and attention
// count, as the layers of our own backbones do.
class FlopCounter final {
public:
    FlopCounter();
    ~FlopCounter();
    FlopCounter(const FlopCounter&) = delete;
    FlopCounter& operator=(const FlopCounter&) = delete;
    [[nodiscard]] double flops() const { return m_flops; }

private:
    static void onEnd(const at::RecordFunction& operation, at::ObserverContext* context);

    FlopCounter* m_outer;
    at::CallbackHandle m_handle;
    double m_flops = 0;
};

} // namespace engine
