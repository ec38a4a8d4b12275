#pragma once

#include "engine/api/rankwatch.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace engine {

// Tells in the run's folder what a rank does, four times a second, on a thread of its own. What cannot be written is
// not told. All calls: any thread.
class RankPulse final {
public:
    // Puts memory and temperature into a state, on the pulse's thread, once a second.
    using Sensors = std::function<void(RankState&)>;
    RankPulse(const std::filesystem::path& runFolder, int rank, Sensors sensors = {});
    ~RankPulse(); // tells that it ended
    RankPulse(const RankPulse&) = delete;
    RankPulse& operator=(const RankPulse&) = delete;

    void setDevice(std::string id);
    // Returns what it did before.
    RankActivity enter(RankActivity activity);
    void stepDone(std::int64_t step);

private:
    using Clock = std::chrono::steady_clock;
    void beat(std::stop_token stop);
    void tell();

    std::filesystem::path m_file;
    Sensors m_sensors;
    std::mutex m_mutex; // guards m_state, m_since
    RankState m_state;
    Clock::time_point m_since;
    Clock::time_point m_sensed; // the pulse's thread
    std::jthread m_thread;
};

// Takes away what ranks from this number on told in an earlier part of the run.
void forgetRanks(const std::filesystem::path& runFolder, int from);

// An activity for as long as it lives, then the one before again. Without a pulse it is nothing.
class RankDoes final {
public:
    RankDoes(RankPulse* pulse, RankActivity activity) : m_pulse(pulse) {
        if (m_pulse != nullptr)
            m_before = m_pulse->enter(activity);
    }
    ~RankDoes() {
        if (m_pulse != nullptr)
            m_pulse->enter(m_before);
    }
    RankDoes(const RankDoes&) = delete;
    RankDoes& operator=(const RankDoes&) = delete;

private:
    RankPulse* m_pulse;
    RankActivity m_before = RankActivity::Computing;
};

} // namespace engine
