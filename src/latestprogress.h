#pragma once

#include "engine/api/progress.h"

#include <mutex>
#include <optional>

namespace app {

// The newest progress of a piece of work: written by its thread, read by whoever draws.
class LatestProgress final : public engine::ProgressSink {
public:
    void onProgress(const engine::Progress& progress) override {
        const std::lock_guard lock(m_mutex);
        m_progress = progress;
    }
    [[nodiscard]] std::optional<engine::Progress> latest() const {
        const std::lock_guard lock(m_mutex);
        return m_progress;
    }

private:
    mutable std::mutex m_mutex; // guards m_progress
    std::optional<engine::Progress> m_progress;
};

} // namespace app
