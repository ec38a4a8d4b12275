#pragma once

#include "engine/api/progress.h"

#include <cstdint>
#include <functional>
#include <utility>

namespace tests {

// Asks the run to stop, or does something else, once so many steps are done.
class AtStep final : public engine::ProgressSink {
public:
    AtStep(std::int64_t step, std::function<void()> action) : m_step(step), m_action(std::move(action)) {}
    void onProgress(const engine::Progress& progress) override {
        m_last = progress;
        if (!m_done && progress.step >= m_step) {
            m_done = true;
            m_action();
        }
    }
    [[nodiscard]] const engine::Progress& last() const { return m_last; }

private:
    std::int64_t m_step;
    std::function<void()> m_action;
    bool m_done = false;
    engine::Progress m_last;
};

} // namespace tests
