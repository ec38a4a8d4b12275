#pragma once

#include "engine/api/experiment.h"
#include "engine/base/torchheader.h"

#include <string>

namespace engine {

// "fp32" or "bf16": what `auto` picks on the device, else what the settings say.
[[nodiscard]] std::string pickPrecision(const TrainSettings& settings, bool deviceHasBf16);

// While it lives, this thread computes matrix products and convolutions in bf16, if `on`.
class AutocastGuard final {
public:
    explicit AutocastGuard(bool on)
        : m_on(on),
          m_before(at::autocast::is_autocast_enabled(at::kCPU)),
          m_typeBefore(at::autocast::get_autocast_dtype(at::kCPU)) {
        if (!m_on)
            return;
        at::autocast::set_autocast_enabled(at::kCPU, true);
        at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
        at::autocast::increment_nesting();
    }
    ~AutocastGuard() {
        if (!m_on)
            return;
        if (at::autocast::decrement_nesting() == 0)
            at::autocast::clear_cache();
        at::autocast::set_autocast_enabled(at::kCPU, m_before);
        at::autocast::set_autocast_dtype(at::kCPU, m_typeBefore);
    }
    AutocastGuard(const AutocastGuard&) = delete;
    AutocastGuard& operator=(const AutocastGuard&) = delete;

private:
    bool m_on;
    bool m_before;
    at::ScalarType m_typeBefore;
};

} // namespace engine
