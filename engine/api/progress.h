#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace engine {

enum class Phase { LoadingData, LoadingWeights, Training, Validating, Saving, Paused, Finished };

// Where a long piece of work stands. `NaN` where a value is not known yet.
struct Progress {
    Phase phase = Phase::LoadingData;
    int epoch = 0; // 1-based
    int epochs = 0;
    std::int64_t step = 0; // done so far, over all epochs
    std::int64_t steps = 0;
    double loss = std::numeric_limits<double>::quiet_NaN();
    std::string monitor;                                         // the metric by which epochs are judged
    double monitored = std::numeric_limits<double>::quiet_NaN(); // its value in the last validation
    double samplesPerSecond = std::numeric_limits<double>::quiet_NaN();
    double elapsedSeconds = 0;
    double leftSeconds = std::numeric_limits<double>::quiet_NaN();
    std::string message; // one sentence where there is something to say, else empty
};

// Receives progress on the thread that does the work; must return at once and must not throw.
class ProgressSink {
public:
    virtual ~ProgressSink() = default;
    virtual void onProgress(const Progress& progress) = 0;
};

} // namespace engine
