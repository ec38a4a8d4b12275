#include "engine/runs/runwriter.h"

#include "engine/api/labels.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/checkpoints.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <utility>

namespace engine {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

namespace {

constexpr auto kFlushInterval = std::chrono::milliseconds(250);
constexpr auto kSummaryInterval = std::chrono::seconds(1);

constexpr const char* kRoomFile = ".reserve";
constexpr off_t kRoomBytes = 256 * 1024; // for a summary, an event and what waits of the series

double clockTime() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The latest time in the record of events.
double latestEvent(const fs::path& file) {
    double latest = 0;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const json event = json::parse(line, nullptr, false);
        if (event.is_object() && event.contains("time") && event["time"].is_number())
            latest = std::max(latest, event["time"].get<double>());
    }
    return latest;
}

void removeOldPartials(const fs::path& folder) {
    // Notes are written without the lock, by whoever shows the run.
    const auto ours = [](const fs::path& file) { return !file.filename().native().starts_with(".notes.json."); };
    for (const fs::path& part : {folder, folder / "checkpoints", folder / "samples"})
        removeLeftOvers(part, ours);
}

// Appends lines to a file; what a crash left of its last line is cut off.
int openEvents(const fs::path& file) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0)
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot be written to.", file.string()),
                    "Check the folder's permissions and the disk.");
    off_t end = lseek(descriptor, 0, SEEK_END);
    const off_t before = end;
    for (char last = 0; end > 0 && pread(descriptor, &last, 1, end - 1) == 1 && last != '\n';)
        --end;
    if (end != before && ftruncate(descriptor, end) != 0) {
        close(descriptor);
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be repaired.", file.string()), "Check the disk.");
    }
    return descriptor;
}

json numberOrNull(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

// One line, in one piece: others may append as well.
void writeEvent(int descriptor, double time, const RunEvent& event) {
    const json line = {{"time", time},
                       {"kind", eventKindName(event.kind)},
                       {"step", event.step},
                       {"epoch", event.epoch},
                       {"text", event.text}};
    const std::string bytes = line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written == static_cast<ssize_t>(bytes.size()))
        return;
    const int problem = written < 0 ? errno : ENOSPC;
    if (written > 0) { // take the half line back; where that fails too, readers pass over it
        [[maybe_unused]] const int result = ftruncate(descriptor, lseek(descriptor, 0, SEEK_END) - written);
    }
    throw Error(problem == ENOSPC || problem == EDQUOT ? ErrorKind::DiskFull : ErrorKind::BadInput,
                fmt::format("The run's events could not be written: {}.", std::strerror(problem)),
                "Free some space on this disk; the run can be resumed.");
}

} // namespace

RunWriter::RunWriter(fs::path folder)
    : m_folder(std::move(folder)),
      m_lock(m_folder),
      m_record(readRunRecord(m_folder, Holder::Me)),
      m_before(m_record),
      m_begin(Clock::now()),
      m_lastFlush(m_begin),
      m_lastSummary(m_begin),
      m_secondsBefore(m_record.summary.seconds) {
    for (const char* part : {"series", "samples", "checkpoints"}) {
        std::error_code code;
        fs::create_directories(m_folder / part, code);
        if (code)
            throw Error(code.value() == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                        fmt::format("{} could not be made: {}.", (m_folder / part).string(), code.message()),
                        "Check the folder's permissions and the disk.");
    }
    openSeries();
    m_events = openEvents(m_folder / "events.jsonl");
    removeOldPartials(m_folder);
    m_latest = latestEvent(m_folder / "events.jsonl");
    for (const auto& [name, column] : m_columns)
        m_latest = std::max(m_latest, column.writer.latestTime());
    for (const auto& [name, file] : m_classFiles)
        m_latest = std::max(m_latest, file.latestTime());
    m_clockAhead = std::max(0.0, m_latest - clockTime());
    if (m_record.summary.state != RunState::Queued)
        m_record.before = toJson(m_before);
}

RunWriter::~RunWriter() {
    if (m_events >= 0)
        close(m_events);
    freeRoom();
}

// Those of earlier parts are opened at once, so that a rewind reaches all of them.
void RunWriter::openSeries() {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(m_folder / "series", code)) {
        const fs::path& file = entry.path();
        if (file.extension() == kColumnFile)
            m_columns.emplace(seriesNameOf(file), Column{SeriesWriter(file), {}});
        else if (file.extension() == kClassesFile)
            m_classFiles.emplace(seriesNameOf(file), file);
    }
}

double RunWriter::wallTime() { return m_latest = std::max(m_latest, clockTime() + m_clockAhead); }

void RunWriter::keepRoom() {
    const fs::path file = m_folder / kRoomFile;
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return;
    const bool kept = posix_fallocate(descriptor, 0, kRoomBytes) == 0;
    close(descriptor);
    if (!kept)
        freeRoom();
}

void RunWriter::freeRoom() {
    std::error_code code;
    fs::remove(m_folder / kRoomFile, code);
}

void RunWriter::started(const RunStart& start, std::int64_t resumedAfter) {
    m_start = start;
    m_resumedAfter = resumedAfter;
    m_recorded = false;
    RunSummary& s = m_record.summary;
    m_record.classes = start.classes;
    s.task = start.task;
    s.monitor = start.monitor;
    s.device = start.device;
    s.parameters = start.parameters;
    s.trainableParameters = start.trainableParameters;
    s.epochs = start.epochs;
    s.steps = start.steps;
    s.failure.clear();
    s.remedy.clear();
    s.failureKind.reset();
    s.damage.clear();
    if (s.startedAt == 0)
        s.startedAt = wallTime();
    keepRoom();
    setState(RunState::Running);
    const std::string where =
        start.ranks > 1 ? fmt::format("on {}, the first of {} ranks", start.device, start.ranks) : "on " + start.device;
    event(EventKind::Started, std::max<std::int64_t>(resumedAfter, 0), s.epoch,
          resumedAfter >= 0 ? fmt::format("goes on from step {} {}", resumedAfter, where) : where);
    if (const std::string changed = labelChangeWords(readLabelChanges(m_folder)); !changed.empty() && resumedAfter < 0)
        event(EventKind::Note, 0, s.epoch, fmt::format("{}, as {} says.", changed, kLabelChangesFile));
}

void RunWriter::firstRecord() {
    if (std::exchange(m_recorded, true))
        return;
    RunSummary& s = m_record.summary;
    if (!m_start.environmentJson.empty())
        writeFileAtomically(m_folder / "environment.json", m_start.environmentJson);
    // A run that was interrupted before its first checkpoint begins again: all that it recorded is taken back.
    for (auto& [name, column] : m_columns)
        column.writer.rewind(m_resumedAfter);
    for (auto& [name, file] : m_classFiles)
        file.rewind(m_resumedAfter);
    if (m_resumedAfter < 0) {
        s.epoch = 0;
        s.best.clear();
        s.last.clear();
        s.bestStep = -1;
        s.bestEpoch = 0;
    }
    s.step = std::max<std::int64_t>(m_resumedAfter, 0);
    m_tensorBoard = std::make_unique<TensorBoardWriter>(m_folder, m_resumedAfter, wallTime());
    m_record.before.clear();
    if (m_start.firstRecorded)
        m_start.firstRecorded();
    saveSummary();
}

void RunWriter::scalar(std::string_view series, std::int64_t step, double value) {
    firstRecord();
    auto found = m_columns.find(series);
    if (found == m_columns.end())
        found =
            m_columns.emplace(std::string(series), Column{SeriesWriter(placeOfSeries(m_folder / "series", series)), {}})
                .first;
    const double time = wallTime();
    found->second.pending.push_back({step, static_cast<float>(value), time});
    if (m_tensorBoard)
        m_tensorBoard->scalar(utf8FromBytes(series), step, static_cast<float>(value), time);
    m_record.summary.last[std::string(series)] = value;
    flushIfDue();
}

void RunWriter::classValues(std::string_view series, std::int64_t step, std::span<const double> values) {
    if (values.empty())
        return;
    firstRecord();
    const std::vector<std::string>& classes = m_record.classes;
    assert(values.size() == classes.size());
    const bool columns = hasColumnsOfClasses(series);
    const double time = wallTime();
    if (!columns)
        classFile(series).append(step, time, values);
    for (std::size_t label = 0; label < values.size(); ++label) {
        if (std::isnan(values[label]))
            continue;
        const std::string name = classSeries(series, classes[label]);
        if (columns) {
            scalar(name, step, values[label]);
            continue;
        }
        if (m_tensorBoard)
            m_tensorBoard->scalar(utf8FromBytes(name), step, static_cast<float>(values[label]), time);
        m_record.summary.last[name] = values[label];
    }
    flushIfDue();
}

// A run that an earlier version began keeps a column for each class; it goes on so.
bool RunWriter::hasColumnsOfClasses(std::string_view series) const {
    return std::ranges::any_of(m_record.classes,
                               [&](const std::string& name) { return m_columns.contains(classSeries(series, name)); });
}

ClassFileWriter& RunWriter::classFile(std::string_view series) {
    auto found = m_classFiles.find(series);
    if (found == m_classFiles.end())
        found =
            m_classFiles.emplace(std::string(series), placeOfSeries(m_folder / "series", series, kClassesFile)).first;
    return found->second;
}

void RunWriter::event(EventKind kind, std::int64_t step, int epoch, const std::string& text) {
    writeEvent(m_events, wallTime(), {.kind = kind, .step = step, .epoch = epoch, .text = text});
}

void appendEvent(const fs::path& runFolder, EventKind kind, std::int64_t step, int epoch, const std::string& text) {
    const fs::path file = runFolder / "events.jsonl";
    const int events = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (events < 0)
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot be written to.", file.string()),
                    "Check the folder's permissions and the disk.");
    try {
        writeEvent(events, clockTime(), {.kind = kind, .step = step, .epoch = epoch, .text = text});
    } catch (const Error&) {
        close(events);
        throw;
    }
    close(events);
}

void RunWriter::progress(int epoch, std::int64_t step) {
    firstRecord();
    m_record.summary.epoch = epoch;
    m_record.summary.step = step;
    flushIfDue();
}

void RunWriter::samples(int epoch, std::span<const SampleResult> results) {
    std::string lines;
    for (const SampleResult& r : results) {
        json line = {{"file", utf8FromBytes(r.file)},
                     {"label", r.label},
                     {"predicted", r.predicted},
                     {"probability", numberOrNull(r.probability)},
                     {"loss", numberOrNull(r.loss)}};
        if (r.predictedLabels) {
            line["labels"] = r.labels;
            line["predicted_labels"] = *r.predictedLabels;
        }
        lines += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    }
    writeFileAtomically(m_folder / "samples" / fmt::format("epoch-{:04}.jsonl", epoch), lines, Durable::Later);
}

void RunWriter::epochDone(int epoch, std::int64_t step, const std::map<std::string, double>& values, bool best) {
    firstRecord();
    RunSummary& s = m_record.summary;
    s.epoch = epoch;
    s.step = step;
    for (const auto& [name, value] : values)
        s.last[name] = value;
    if (best) {
        s.best = values;
        s.bestStep = step;
        s.bestEpoch = epoch;
    }
    flush(Durable::Later);
}

fs::path RunWriter::checkpointFolder(std::int64_t step) const { return engine::checkpointFolder(m_folder, step); }

void RunWriter::checkpointDone(std::int64_t step) {
    firstRecord();
    const RunCheckpoints all = findCheckpoints(m_folder);
    const fs::path written = checkpointFolder(step);
    if (std::ranges::find(all.whole, written, &RunCheckpoint::folder) == all.whole.end())
        throw Error(ErrorKind::BadInput, fmt::format("The checkpoint {} could not be read back.", written.string()),
                    "Check the disk; checkpoints that were there before are kept.");
    linkCheckpoint(m_folder, "last", all.newest()->folder);
    if (const RunCheckpoint* best = all.best())
        linkCheckpoint(m_folder, "best", best->folder);
    pruneCheckpoints(m_folder, Spare::Kept);
    m_record.summary.lastCheckpointStep = m_record.writtenCheckpointStep = step;
    saveSummary();
}

void RunWriter::paused(std::int64_t step) {
    event(EventKind::Paused, step, m_record.summary.epoch, "paused");
    setState(RunState::Paused);
}

void RunWriter::resumed(std::int64_t step) {
    event(EventKind::Resumed, step, m_record.summary.epoch, "goes on");
    setState(RunState::Running);
}

void RunWriter::stopped(std::int64_t step) {
    firstRecord();
    m_record.summary.step = step;
    event(EventKind::Stopped, step, m_record.summary.epoch, fmt::format("stopped at step {}", step));
    setState(RunState::Stopped);
}

void RunWriter::finished(std::int64_t step) {
    firstRecord();
    m_record.summary.step = step;
    pruneCheckpoints(m_folder, Spare::Removed);
    event(EventKind::Finished, step, m_record.summary.epoch,
          fmt::format("finished after {} epochs", m_record.summary.epoch));
    setState(RunState::Finished);
}

void RunWriter::failed(const Error& error, std::int64_t step) {
    freeRoom();
    const RunState before = m_before.summary.state;
    if (!m_recorded)
        m_record = m_before;
    if (!m_recorded && before != RunState::Queued && before != RunState::Failed) {
        writeFileAtomically(m_folder / "summary.json", toJson(m_record));
        event(EventKind::Warning, step, m_record.summary.epoch, fmt::format("It could not go on: {}", error.what()));
        return;
    }
    m_record.summary.failure = error.what();
    m_record.summary.remedy = error.remedy();
    m_record.summary.failureKind = error.kind();
    m_record.summary.state = RunState::Failed;
    m_record.before.clear();
    saveSummary(); // first: what comes next may find no room
    event(EventKind::Failure, step, m_record.summary.epoch, error.what());
    flush();
}

void RunWriter::setState(RunState state) {
    m_record.summary.state = state;
    flush();
}

void RunWriter::flush(Durable durable) {
    m_lastFlush = Clock::now();
    for (auto& [name, column] : m_columns) {
        column.writer.append(column.pending);
        column.pending.clear();
    }
    if (m_tensorBoard)
        m_tensorBoard->flush();
    saveSummary(durable);
}

void RunWriter::flushIfDue() {
    const auto now = Clock::now();
    if (now - m_lastFlush < kFlushInterval)
        return;
    m_lastFlush = now;
    for (auto& [name, column] : m_columns) {
        column.writer.append(column.pending);
        column.pending.clear();
    }
    if (m_tensorBoard)
        m_tensorBoard->flush();
    if (now - m_lastSummary >= kSummaryInterval)
        saveSummary(Durable::Later);
}

double RunWriter::runningSeconds() const {
    return m_secondsBefore + std::chrono::duration<double>(Clock::now() - m_begin).count();
}

void RunWriter::saveSummary(Durable durable) {
    m_lastSummary = Clock::now();
    m_record.summary.seconds = runningSeconds();
    writeFileAtomically(m_folder / "summary.json", toJson(m_record), durable);
}

} // namespace engine
