#pragma once

#include "engine/api/experiment.h"
#include "engine/base/torchheader.h"

#include <string>

namespace engine {

// "fp32" or "bf16": what `auto` picks on the device, else what the settings say.
[[nodiscard]] std::string pickPrecision(const TrainSettings& settings, bool deviceHasBf16);

// While it lives, this thread computes matrix products and convolutions on such devices in bf16, if `on`.
class AutocastGuard final {
public:
    explicit AutocastGuard(bool on, at::DeviceType device = at::kCPU)
        : m_on(on),
          m_device(device),
          m_before(at::autocast::is_autocast_enabled(device)),
          m_typeBefore(at::autocast::get_autocast_dtype(device)),
          m_cacheBefore(at::autocast::is_autocast_cache_enabled()) {
        if (!m_on)
            return;
        at::autocast::set_autocast_enabled(m_device, true);
        at::autocast::set_autocast_dtype(m_device, at::kBFloat16);
        // Converted weights that outlive a captured step would lie in its memory; each is used once a pass anyway.
        if (m_device != at::kCPU)
            at::autocast::set_autocast_cache_enabled(false);
        at::autocast::increment_nesting();
    }
    ~AutocastGuard() {
        if (!m_on)
            return;
        if (at::autocast::decrement_nesting() == 0)
            at::autocast::clear_cache();
        at::autocast::set_autocast_cache_enabled(m_cacheBefore);
        at::autocast::set_autocast_enabled(m_device, m_before);
        at::autocast::set_autocast_dtype(m_device, m_typeBefore);
    }
    AutocastGuard(const AutocastGuard&) = delete;
    AutocastGuard& operator=(const AutocastGuard&) = delete;

private:
    bool m_on;
    at::DeviceType m_device;
    bool m_before;
    at::ScalarType m_typeBefore;
    bool m_cacheBefore;
};

} // namespace engine
