#pragma once

#include "engine/api/devices.h"
#include "engine/api/experiment.h"
#include "engine/base/torchheader.h"

#include <string_view>
#include <vector>

namespace engine {

// What matrix products and convolutions are computed in.
enum class Precision { Float32, BFloat16 };

// What train.precision says; for "auto" what the device is made for.
[[nodiscard]] Precision pickPrecision(const TrainSettings& settings, const DeviceInfo& device);
[[nodiscard]] std::string_view nameOf(Precision precision); // "fp32", as in the experiment file
[[nodiscard]] constexpr at::ScalarType typeOf(Precision precision) {
    return precision == Precision::BFloat16 ? at::kBFloat16 : at::kFloat;
}

// What stands in the way of computing there as train.precision says.
[[nodiscard]] std::vector<Finding> precisionFindings(const TrainSettings& settings, const DeviceInfo& device);

// While it lives, this thread computes matrix products and convolutions on such devices in this precision.
class AutocastGuard final {
public:
    explicit AutocastGuard(Precision precision, at::DeviceType device = at::kCPU)
        : m_on(precision != Precision::Float32),
          m_device(device),
          m_before(at::autocast::is_autocast_enabled(device)),
          m_typeBefore(at::autocast::get_autocast_dtype(device)),
          m_cacheBefore(at::autocast::is_autocast_cache_enabled()) {
        if (!m_on)
            return;
        at::autocast::set_autocast_enabled(m_device, true);
        at::autocast::set_autocast_dtype(m_device, typeOf(precision));
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
