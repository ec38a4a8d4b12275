#pragma once

#include <cstdint>

namespace engine {

// How fast a training goes, and from that what is left of it. Seconds.
class Pace final {
public:
    void stepDone(double seconds) {
        // Recent steps count more: machines are shared, and freezing changes between phases.
        m_step = m_step == 0 ? seconds : 0.9 * m_step + 0.1 * seconds;
    }
    void validationDone(double seconds) { m_validation = seconds; }
    void restart() { m_step = 0; } // another phase of freezing: other steps

    [[nodiscard]] double left(std::int64_t steps, int validations) const {
        return m_step * static_cast<double>(steps) + m_validation * validations;
    }
    [[nodiscard]] bool known() const { return m_step > 0; }

private:
    double m_step = 0;
    double m_validation = 0;
};

} // namespace engine
