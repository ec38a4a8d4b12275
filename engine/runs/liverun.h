#pragma once

#include "engine/api/liverun.h"
#include "engine/api/runcontrol.h"
#include "engine/runs/knobs.h"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace engine {

// Tells a run's progress in its folder, besides to another sink. What cannot be written is not told: training does not
// depend on it. Leaves nothing behind. The training's thread.
class FolderProgress final : public ProgressSink {
public:
    FolderProgress(const std::filesystem::path& runFolder, ProgressSink* other);
    // Of one rank of several, the first excepted.
    FolderProgress(const std::filesystem::path& runFolder, int rank);
    ~FolderProgress() override;
    void onProgress(const Progress& progress) override;

private:
    std::filesystem::path m_file;
    ProgressSink* m_other = nullptr;
    std::chrono::steady_clock::time_point m_written;
    Phase m_phase = Phase::Finished;
};

// What a rank told last, also when it has ended; nothing where it told nothing.
[[nodiscard]] std::optional<Progress> readRankProgress(const std::filesystem::path& runFolder, int rank);
// Where what ranks say besides is kept.
[[nodiscard]] std::filesystem::path rankFile(const std::filesystem::path& runFolder, int rank, const char* extension);

// What waits for the training to take it up. Any thread.
class StepRequests final {
public:
    void add(StepRequest request) {
        std::lock_guard lock(m_mutex);
        m_waiting.push_back(std::move(request));
    }
    // All since the last call, in their order.
    [[nodiscard]] std::vector<StepRequest> take() {
        std::lock_guard lock(m_mutex);
        return std::exchange(m_waiting, {});
    }
    [[nodiscard]] bool any() const {
        std::lock_guard lock(m_mutex);
        return !m_waiting.empty();
    }

private:
    mutable std::mutex m_mutex; // guards m_waiting
    std::vector<StepRequest> m_waiting;
};

// Carries out what others ask of a run that this process trains, on a thread of its own, as long as it lives. What was
// asked before counts for nothing.
class CommandListener final {
public:
    CommandListener(const std::filesystem::path& runFolder, RunControl& control, StepRequests& requests);

private:
    std::jthread m_thread;
};

} // namespace engine
