#pragma once

#include "engine/base/atomicfile.h"
#include "engine/runs/classfile.h"
#include "engine/runs/runrecorder.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/seriesfile.h"
#include "engine/runs/tensorboard.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Appends one event to the record of a run that another process may be writing. Throws Error(DiskFull | BadInput).
void appendEvent(const std::filesystem::path& runFolder, EventKind kind, std::int64_t step, int epoch,
                 const std::string& text);

// Appends to a run folder and holds its lock; the only one who does. Points reach readers at least every quarter of a
// second of activity. Throws Error(DiskFull | BadInput).
class RunWriter final : public RunRecorder {
public:
    explicit RunWriter(std::filesystem::path folder);
    ~RunWriter() override;
    RunWriter(const RunWriter&) = delete;
    RunWriter& operator=(const RunWriter&) = delete;

    void started(const RunStart& start, std::int64_t resumedAfter) override;
    void scalar(std::string_view series, std::int64_t step, double value) override;
    void classValues(std::string_view series, std::int64_t step, std::span<const double> values) override;
    void event(EventKind kind, std::int64_t step, int epoch, const std::string& text) override;
    void progress(int epoch, std::int64_t step) override;
    void samples(int epoch, std::span<const SampleResult> results) override;
    void epochDone(int epoch, std::int64_t step, const std::map<std::string, double>& values, bool best) override;
    [[nodiscard]] std::filesystem::path checkpointFolder(std::int64_t step) const;
    // Links `last` and `best`, and removes what this checkpoint replaces.
    void checkpointDone(std::int64_t step) override;
    void paused(std::int64_t step) override;
    void resumed(std::int64_t step) override;
    void stopped(std::int64_t step) override;
    void finished(std::int64_t step) override;
    // Before the first point of this part a run that had got anywhere stays what it was; the record says what failed.
    // A full disk can take this record: room is kept for it.
    void failed(const Error& error, std::int64_t step) override;
    void flush() override { flush(Durable::AtOnce); }
    void flush(Durable durable);

    [[nodiscard]] const RunSummary& summary() const override { return m_record.summary; }
    [[nodiscard]] std::int64_t writtenCheckpointStep() const override { return m_record.writtenCheckpointStep; }

private:
    struct Column {
        SeriesWriter writer;
        std::vector<SeriesPoint> pending;
    };
    void openSeries();
    [[nodiscard]] bool hasColumnsOfClasses(std::string_view series) const;
    [[nodiscard]] ClassFileWriter& classFile(std::string_view series);
    void firstRecord();
    [[nodiscard]] double wallTime();
    void keepRoom();
    void freeRoom();
    void setState(RunState state);
    void saveSummary(Durable durable = Durable::AtOnce);
    void flushIfDue();
    [[nodiscard]] double runningSeconds() const;

    std::filesystem::path m_folder;
    RunLock m_lock;
    RunRecord m_record;
    RunRecord m_before; // as it was read
    RunStart m_start;
    std::int64_t m_resumedAfter = -1;
    bool m_recorded = false; // anything of this part
    std::map<std::string, Column, std::less<>> m_columns;
    std::map<std::string, ClassFileWriter, std::less<>> m_classFiles;
    std::unique_ptr<TensorBoardWriter> m_tensorBoard;
    std::chrono::steady_clock::time_point m_begin;
    std::chrono::steady_clock::time_point m_lastFlush;
    std::chrono::steady_clock::time_point m_lastSummary;
    double m_secondsBefore = 0; // of earlier parts of a resumed run
    int m_events = -1;          // descriptor
    double m_latest = 0;        // time recorded, of all parts
    double m_clockAhead = 0;    // added to the clock where it was set back between two parts
};

} // namespace engine
