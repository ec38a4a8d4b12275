#pragma once

#include "engine/api/experiment.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace engine {

// How the freeze plan goes on from an epoch (1-based); only preset and phases count.
struct FreezeChange {
    FreezeSettings settings;
    int fromEpoch = 1;
    std::string words; // for the run's record, as a knob; empty: the engine's own
};

// What others may ask of a training that runs: stop, pause, go on with another freeze plan. Every function may be
// called from any thread.
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

    // Replaces what is still to come of the freeze plan; the training takes it up before its next epoch. Epochs that
    // have begun keep their phases, so a change that is to come too early comes as soon as it can. Of several requests
    // the last counts.
    void replaceFreeze(FreezeChange change) {
        std::lock_guard lock(m_mutex);
        m_freezeChange = std::move(change);
    }
    // The request, once: for the training, or to withdraw what the training has not taken.
    [[nodiscard]] std::optional<FreezeChange> takeFreezeChange() {
        std::lock_guard lock(m_mutex);
        return std::exchange(m_freezeChange, std::nullopt);
    }
    [[nodiscard]] bool freezeChangeWaits() const {
        std::lock_guard lock(m_mutex);
        return m_freezeChange.has_value();
    }

private:
    std::stop_source m_stop;
    mutable std::mutex m_mutex; // guards m_paused and m_freezeChange
    std::condition_variable_any m_changed;
    bool m_paused = false;
    std::optional<FreezeChange> m_freezeChange;
};

} // namespace engine
