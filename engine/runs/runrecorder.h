#pragma once

#include "engine/api/error.h"
#include "engine/api/run.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What a training says about itself when it begins.
struct RunStart {
    std::string task;
    std::string monitor; // the metric that decides which epoch is the best
    std::vector<std::string> classes;
    std::string device;
    int ranks = 1; // that train together
    std::int64_t parameters = 0;
    std::int64_t trainableParameters = 0;
    int epochs = 0;
    std::int64_t steps = 0;
    std::string environmentJson;
    // Called before the first thing is recorded that changes the run: until then all of it may still come to nothing.
    std::function<void()> firstRecorded;
};

// What a training tells of itself. This one hears it and keeps nothing: of several ranks that train together the first
// alone has a writer, the others have this in its place. One object, one thread.
class RunRecorder {
public:
    virtual ~RunRecorder() = default;

    // `resumedAfter` ≥ 0: goes on from that step; whatever was recorded past it is taken back, and with the first point
    // of this part, no sooner.
    virtual void started(const RunStart& /*start*/, std::int64_t /*resumedAfter*/) {}
    virtual void scalar(std::string_view /*series*/, std::int64_t /*step*/, double /*value*/) {}
    // A value for each of the run's classes, in the order of the labels, under "<series>/<class>"; NaN: none.
    virtual void classValues(std::string_view /*series*/, std::int64_t /*step*/, std::span<const double> /*values*/) {}
    virtual void event(EventKind /*kind*/, std::int64_t /*step*/, int /*epoch*/, const std::string& /*text*/) {}
    virtual void progress(int /*epoch*/, std::int64_t /*step*/) {} // epochs completed, steps done
    virtual void samples(int /*epoch*/, std::span<const SampleResult> /*results*/) {}
    // The epoch's values; `best` marks them as the run's best so far.
    virtual void epochDone(int /*epoch*/, std::int64_t /*step*/, const std::map<std::string, double>& /*values*/,
                           bool /*best*/) {}
    // The checkpoint of this step is written. Throws Error(BadInput) where it is not whole; then nothing is removed
    // that it replaces.
    virtual void checkpointDone(std::int64_t /*step*/) {}
    virtual void paused(std::int64_t /*step*/) {}
    virtual void resumed(std::int64_t /*step*/) {}
    virtual void stopped(std::int64_t /*step*/) {}
    virtual void finished(std::int64_t /*step*/) {}
    virtual void failed(const Error& /*error*/, std::int64_t /*step*/) {}
    virtual void flush() {}

    [[nodiscard]] virtual const RunSummary& summary() const { return m_summary; }
    [[nodiscard]] virtual std::int64_t writtenCheckpointStep() const { return -1; }

private:
    RunSummary m_summary;
};

} // namespace engine
