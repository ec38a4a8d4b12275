#pragma once

#include "engine/api/error.h"
#include "engine/api/experiment.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Interrupted: says "running" but no process holds it any more (a crash, a power cut); can be resumed like Stopped.
enum class RunState { Queued, Running, Paused, Stopped, Finished, Failed, Interrupted };
[[nodiscard]] const char* runStateName(RunState state) noexcept; // "queued", "running", …

struct RunSummary {
    std::filesystem::path folder;
    std::string id; // the folder's name
    std::string name;
    RunState state = RunState::Queued;
    double startedAt = 0; // seconds since 1970, UTC
    double seconds = 0;   // of training so far, over all resumptions
    int epoch = 0;        // completed
    int epochs = 0;       // planned
    std::int64_t step = 0;
    std::int64_t steps = 0;
    std::string task = "image-classification"; // a row of tasks()
    std::string monitor = "accuracy";          // the metric that decides which step is the best: a row of metrics()
    std::map<std::string, double> best;        // series → value at the best step (validation/accuracy, …)
    std::int64_t bestStep = -1;
    int bestEpoch = 0;
    std::map<std::string, double> last; // series → last value
    std::int64_t trainableParameters = 0;
    std::int64_t parameters = 0;
    std::string device;
    std::string failure; // sentence, only where Failed
    std::string remedy;
    std::optional<ErrorKind> failureKind; // not known of runs of earlier versions
    // Where the record could not be read: what was, in one sentence. Everything else is then made up from that.
    std::string damage;
    std::int64_t lastCheckpointStep = -1; // of the newest that is whole; -1: none, so nothing to resume from
    // Notes of the person, no part of the training's record; a name among them takes the place of the experiment's.
    std::vector<std::string> tags;
    bool starred = false;
    bool archived = false; // lists show it only where asked
    int colour = 0;        // 1-based number of the run's colour, for life; 0: not given yet
    std::string note;
};

// What a person says of a run, in <run>/notes.json.
struct RunNotes {
    std::string name; // empty: the experiment's
    std::vector<std::string> tags;
    bool starred = false;
    bool archived = false;
    int colour = 0;
    std::string note;
};

// What an event of a run is about. Its name stands in the run's record.
enum class EventKind {
    Started,
    Phase, // of the freeze plan: it begins; earlier versions told notes under this name
    Epoch,
    Knob,     // a person changed something
    Refused,  // what a person wanted to change stays as it is
    Verified, // frozen tensors are as they were
    Alarm,    // they are not
    Warning,
    Failure,
    Paused,
    Resumed,
    Stopped,
    Finished,
    Note // how the training goes about it; whatever else a later version says
};
[[nodiscard]] std::string_view eventKindName(EventKind kind) noexcept; // "started", "phase", …
[[nodiscard]] EventKind eventKindOf(std::string_view name) noexcept;   // Note: no kind has this name

struct RunEvent {
    double time = 0; // seconds since 1970
    EventKind kind = EventKind::Note;
    std::int64_t step = -1;
    int epoch = 0;
    std::string text; // one line for the log
};

// One column of values: `step[i]` ascending, `value[i]` may be NaN (kept, drawn as a flag), `time[i]` seconds since
// 1970.
struct Series {
    std::vector<std::int64_t> step;
    std::vector<float> value;
    std::vector<double> time;
};

// The least and greatest value of a stretch of steps: what one pixel column of a chart shows. count 0: nothing there.
struct Envelope {
    double first = 0, last = 0; // x range covered
    float minimum = std::numeric_limits<float>::quiet_NaN();
    float maximum = std::numeric_limits<float>::quiet_NaN();
    float mean = std::numeric_limits<float>::quiet_NaN();
    std::int64_t count = 0;
};

struct SampleResult {
    std::string file; // relative to the data folder
    int label = -1;
    int predicted = -1;
    float probability = 0; // of the predicted class
    float loss = 0;
    // Of a task that gives any number of labels; then `label` is -1 and `predicted` the most probable of all.
    std::vector<int> labels;
    std::optional<std::vector<int>> predictedLabels; // nothing: the task gives one class

    [[nodiscard]] bool right() const { return predictedLabels ? *predictedLabels == labels : predicted == label; }
};

// Reads a run folder that may still be growing. One object belongs to one thread; several may read the same run.
class RunReader final {
public:
    // Throws Error(NotFound | BadInput) where the folder is no run.
    explicit RunReader(std::filesystem::path folder);
    ~RunReader();
    RunReader(RunReader&&) noexcept;
    RunReader& operator=(RunReader&&) noexcept;

    // Reads what was appended since the last call; true where anything grew. Costs microseconds when nothing did.
    // A half-written last record is left for the next call; a damaged block is skipped and reported as a warning event.
    bool refresh();

    [[nodiscard]] const RunSummary& summary() const;
    [[nodiscard]] const Experiment& experiment() const;
    [[nodiscard]] const std::vector<std::string>& classNames() const;
    [[nodiscard]] std::vector<std::string> seriesNames() const;
    // An empty series where the run has none of this name. The reference lives until the next refresh().
    [[nodiscard]] const Series& series(std::string_view name) const;
    // At most `columns` stretches between steps `first` and `last`, from the pyramid: cost does not grow with the run's
    // length.
    [[nodiscard]] std::vector<Envelope> envelope(std::string_view name, double first, double last, int columns) const;
    [[nodiscard]] const std::vector<RunEvent>& events() const;
    // Per-sample results of the validation after `epoch` (1-based); empty where there was none.
    [[nodiscard]] std::vector<SampleResult> samples(int epoch) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// All runs of a project, newest first; those whose record is damaged with what is left of them. Any thread.
[[nodiscard]] std::vector<RunSummary> listRuns(const std::filesystem::path& runsFolder);
// Deletes the folder. Throws Error(BadInput) while a process trains it.
void deleteRun(const std::filesystem::path& runFolder);
// Puts a run aside, out of every list. Throws Error(BadInput) while a process trains it.
void putRunAside(const std::filesystem::path& runFolder);
// Brings it back to where it was. Throws Error(NotFound) where it is not aside any more, Error(BadInput).
void bringRunBack(const std::filesystem::path& runFolder);
// Deletes for good what was put aside at least so long ago.
void emptyRunsAside(const std::filesystem::path& runsFolder, std::chrono::seconds ago);
// Empty where there are none. Throws Error(BadInput) where they are damaged.
[[nodiscard]] RunNotes readRunNotes(const std::filesystem::path& runFolder);
// Changes the notes as they stand in the folder; of several who do so at once nobody's change is lost. Blocks for
// milliseconds, any thread. Throws Error(DiskFull | BadInput).
void editRunNotes(const std::filesystem::path& runFolder, const std::function<void(RunNotes&)>& edit);
// Why no run can be made there, a sentence; empty: one can. The folder may have to be made. Any thread.
[[nodiscard]] std::string whyNoRuns(const std::filesystem::path& runsFolder);
// Finds a run by path, by id or by name (newest wins) under `runsFolder`. Throws Error(NotFound) that lists near names.
[[nodiscard]] std::filesystem::path findRun(const std::string& what, const std::filesystem::path& runsFolder);

} // namespace engine
