#pragma once

#include "engine/api/progress.h"

#include <chrono>
#include <string>

namespace engine::cli {

// A bar that rewrites its line on a terminal; plain lines, one for each epoch, into a pipe. On stderr.
class ProgressBar final : public ProgressSink {
public:
    ProgressBar();
    ~ProgressBar() override;
    void onProgress(const Progress& progress) override;

private:
    void draw(const Progress& progress);
    void tell(const Progress& progress);

    bool m_terminal;
    bool m_drawn = false;
    bool m_speaking = false; // the last progress carried a sentence
    Phase m_toldPhase = Phase::Finished;
    int m_toldEpoch = -1;
    std::chrono::steady_clock::time_point m_lastDrawn;
};

} // namespace engine::cli
