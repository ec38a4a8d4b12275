#pragma once

#include "engine/api/datareport.h"
#include "engine/api/experiment.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// One phase of the freeze plan, as it would cost.
struct PhaseCost {
    int fromEpoch = 1;
    std::int64_t trainableParameters = 0;
    double stepSeconds = 0; // about; 0 where unknown
    double seconds = 0;     // about, of the whole phase
    bool cached = false;    // its frozen blocks' outputs come from the cache
};

// What a run would cost, computed before it is started. "about" values are estimates and are to be shown as such.
struct Cost {
    std::int64_t parameters = 0;
    std::int64_t trainableParameters = 0;
    std::int64_t effectiveBatch = 0;
    std::int64_t stepsPerEpoch = 0; // optimizer steps
    std::int64_t steps = 0;
    std::uint64_t modelBytes = 0;
    std::uint64_t activationBytes = 0;
    std::uint64_t optimizerBytes = 0;
    std::uint64_t peakBytes = 0;   // about, of all that training adds to the process or takes on the card
    std::uint64_t deviceBytes = 0; // what the device has
    std::uint64_t deviceFreeBytes = 0;
    std::uint64_t checkpointBytes = 0; // of one checkpoint
    std::uint64_t diskBytes = 0;       // at the peak: two checkpoints, a third while one is replaced, and the record
    std::uint64_t diskFinalBytes = 0;  // of the finished run, at most: best and last checkpoint and the record
    double samplesPerSecond = 0;       // about; 0 where unknown
    bool speedMeasured = false;        // by an earlier training, or a trial of one
    double seconds = 0;                // about, of all phases and the start; 0 where unknown
    double startSeconds = 0;           // of that, about, until the first step is done
    std::vector<PhaseCost> phases;
    std::int64_t neverTrained = 0; // parameters that no phase trains
    double stepSecondsAll = 0;     // about, of a step that trains everything
    std::uint64_t cacheBytes = 0;  // of the frozen blocks' outputs; 0: nothing is cached
    double cacheSavesSeconds = 0;  // about, over the run
    std::string cacheSentence;     // why there is a cache, or why not; never empty
    std::string device;
    std::string precision; // what "auto" picks there
};

// Milliseconds after the first call for a backbone (which builds it once). Throws Error(BadInput). Any thread.
[[nodiscard]] Cost estimateCost(const Experiment& experiment, const DataReport& data);

// Where nothing is known of this experiment's speed, trains a copy of its backbone for about two seconds with its own
// pictures and remembers how fast that was: a first estimate that is measured, not guessed. The experiment's device is
// to be idle meanwhile. False: it was known, or nothing could be measured. Blocks; any thread.
bool measureSpeed(const Experiment& experiment, std::stop_token stop);

// Pictures per second that earlier trainings of this backbone reached here with the experiment's freeze and picture
// size; 0: none was. Reads a small file. Any thread.
[[nodiscard]] double measuredSpeed(const Experiment& experiment);

// What data, weights and device say about the experiment beyond validate(): too large a batch, weights that do not
// match, no space.
[[nodiscard]] std::vector<Finding> examine(const Experiment& experiment, const DataReport& data);

} // namespace engine
