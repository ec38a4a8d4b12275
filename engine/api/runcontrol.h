#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace engine {

// What others may ask of a training that runs: stop and pause. Every function may be called from any thread.
class RunControl final {
public:
    void requestStop() noexcept {
        m_stop.request_stop();
        m_changed.notify_all();
    }
    [[nodiscard]] bool stopRequested() const noexcept { return m_stop.stop_requested(); }
    [[nodiscard]] std::stop_token token() const noexcept { return m_stop.get_token(); }

    void pause() {
        std::lock_guard lock(m_mutex);
        m_paused = true;
    }
    void resume() {
        {
            std::lock_guard lock(m_mutex);
            m_paused = false;
        }
        m_changed.notify_all();
    }
    [[nodiscard]] bool paused() const {
        std::lock_guard lock(m_mutex);
        return m_paused;
    }
    // Blocks the calling (training) thread until resumed or stopped.
    void waitWhilePaused() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, m_stop.get_token(), [this] { return !m_paused; });
    }

private:
    std::stop_source m_stop;
    mutable std::mutex m_mutex; // guards m_paused
    std::condition_variable_any m_changed;
    bool m_paused = false;
};

} // namespace engine
