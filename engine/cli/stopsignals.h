#pragma once

#include "engine/api/train.h"

#include <string>
#include <thread>
#include <vector>

namespace engine::cli {

// Ctrl-C and SIGTERM ask the training to stop; a second one ends the program at once. One at a time.
class StopSignals final {
public:
    explicit StopSignals(RunControl& control);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

private:
    static void onSignal(int signal);
    static inline int s_pipe[2] = {-1, -1};
    std::jthread m_listener;
};

// What --set says, "section.key=value" each. Throws Error(BadInput).
[[nodiscard]] std::vector<ChangedSetting> changesOf(const std::vector<std::string>& settings);

} // namespace engine::cli
