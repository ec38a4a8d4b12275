#include "engine/runs/runsummary.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/checkpoints.h"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kLockFile = ".lock";
constexpr std::array kStates{RunState::Queued,   RunState::Running, RunState::Paused,     RunState::Stopped,
                             RunState::Finished, RunState::Failed,  RunState::Interrupted};

RunState stateOf(const std::string& name) {
    for (const RunState state : kStates)
        if (name == runStateName(state))
            return state;
    return RunState::Interrupted;
}

// JSON has no NaN; a null stands for it.
std::map<std::string, double> numbers(const json& object) {
    std::map<std::string, double> result;
    for (const auto& [name, value] : object.items())
        result[bytesFromUtf8(name)] =
            value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
    return result;
}

json withUtf8Names(const std::map<std::string, double>& values) {
    json object = json::object();
    for (const auto& [name, value] : values)
        object[utf8FromBytes(name)] = value;
    return object;
}

std::vector<std::string> each(std::vector<std::string> names, std::string (*change)(std::string_view)) {
    for (std::string& name : names)
        name = change(name);
    return names;
}

void takeNotes(RunSummary& summary) {
    RunNotes notes;
    try {
        notes = readRunNotes(summary.folder);
    } catch (const Error&) {
        notes.note = "The notes of this run are damaged."; // they must not hide the run
    }
    if (!notes.name.empty())
        summary.name = std::move(notes.name);
    summary.tags = std::move(notes.tags);
    summary.starred = notes.starred;
    summary.archived = notes.archived;
    summary.colour = notes.colour;
    summary.note = std::move(notes.note);
}

RunRecord recordOf(const json& object, const fs::path& folder) {
    RunRecord record;
    RunSummary& s = record.summary;
    s.folder = folder;
    s.id = folder.filename().string();
    s.name = object.value("name", s.id);
    s.state = stateOf(object.value("state", std::string()));
    s.startedAt = object.value("started_at", 0.0);
    s.seconds = object.value("seconds", 0.0);
    s.epoch = object.value("epoch", 0);
    s.epochs = object.value("epochs", 0);
    s.step = object.value("step", std::int64_t{0});
    s.steps = object.value("steps", std::int64_t{0});
    s.task = object.value("task", s.task); // runs of earlier versions know but this one
    s.monitor = object.value("monitor", s.monitor);
    s.best = numbers(object.value("best", json::object()));
    s.bestStep = object.value("best_step", std::int64_t{-1});
    s.bestEpoch = object.value("best_epoch", 0);
    s.last = numbers(object.value("last", json::object()));
    s.trainableParameters = object.value("trainable_parameters", std::int64_t{0});
    s.parameters = object.value("parameters", std::int64_t{0});
    s.device = object.value("device", std::string());
    s.failure = object.value("failure", std::string());
    s.remedy = object.value("remedy", std::string());
    s.failureKind = errorKindOf(object.value("failure_kind", std::string()));
    s.lastCheckpointStep = record.writtenCheckpointStep = object.value("last_checkpoint_step", std::int64_t{-1});
    record.classes = each(object.value("classes", std::vector<std::string>()), bytesFromUtf8);
    return record;
}

// What is there counts, not what was written once: a copy may have left it out.
void findLastCheckpoint(RunRecord& record) {
    const RunCheckpoints found = findCheckpoints(record.summary.folder);
    record.summary.lastCheckpointStep = found.newest() != nullptr ? found.newest()->step : -1;
}

} // namespace

const char* runStateName(RunState state) noexcept {
    switch (state) {
    case RunState::Queued:
        return "queued";
    case RunState::Running:
        return "running";
    case RunState::Paused:
        return "paused";
    case RunState::Stopped:
        return "stopped";
    case RunState::Finished:
        return "finished";
    case RunState::Failed:
        return "failed";
    case RunState::Interrupted:
        return "interrupted";
    }
    return "interrupted";
}

std::string toJson(const RunRecord& record) {
    const RunSummary& s = record.summary;
    json object = {{"name", s.name},
                   {"state", runStateName(s.state)},
                   {"started_at", s.startedAt},
                   {"seconds", s.seconds},
                   {"epoch", s.epoch},
                   {"epochs", s.epochs},
                   {"step", s.step},
                   {"steps", s.steps},
                   {"task", s.task},
                   {"monitor", s.monitor},
                   {"best", withUtf8Names(s.best)},
                   {"best_step", s.bestStep},
                   {"best_epoch", s.bestEpoch},
                   {"last", withUtf8Names(s.last)},
                   {"trainable_parameters", s.trainableParameters},
                   {"parameters", s.parameters},
                   {"device", s.device},
                   {"failure", s.failure},
                   {"remedy", s.remedy},
                   {"failure_kind", s.failureKind ? errorKindName(*s.failureKind) : ""},
                   {"last_checkpoint_step", record.writtenCheckpointStep},
                   {"classes", each(record.classes, utf8FromBytes)}};
    if (!record.before.empty())
        object["before"] = json::parse(record.before, nullptr, false);
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

bool isRun(const fs::path& folder) {
    std::error_code code;
    if (fs::exists(folder / "summary.json", code))
        return true;
    return fs::exists(folder / "experiment.toml", code) && fs::exists(folder / "events.jsonl", code);
}

RunRecord readRunRecord(const fs::path& folder, Holder holder) {
    if (!isRun(folder))
        throw Error(ErrorKind::NotFound, fmt::format("{} is not a run.", folder.string()),
                    "A run folder holds a summary.json and an experiment.toml.");
    // Asked before and after reading: a run that starts or ends meanwhile is not an interrupted one.
    const auto isHeld = [&] { return holder == Holder::Anyone && RunLock::heldByAnyone(folder); };
    bool held = isHeld();
    RunRecord record;
    try {
        json object = json::parse(readFile(folder / "summary.json"));
        record = recordOf(object, folder);
        held = held || isHeld();
        const RunState state = record.summary.state;
        if (const bool live = state == RunState::Running || state == RunState::Paused; live && !held) {
            if (const auto before = object.find("before"); before != object.end() && before->is_object())
                record = recordOf(*before, folder); // it came to nothing
            if (record.summary.state == RunState::Running || record.summary.state == RunState::Paused)
                record.summary.state = RunState::Interrupted;
        }
    } catch (const std::exception&) { // missing, damaged, or not to be read
        record = rebuiltRecord(folder);
        held = held || isHeld();
        if (held)
            record.summary.state = RunState::Running;
    }
    takeNotes(record.summary);
    if (!held) // while it is held, others see checkpoints come and go
        findLastCheckpoint(record);
    return record;
}

RunLock::RunLock(const fs::path& folder) : m_lock(folder / kLockFile) {
    if (!m_lock.tryTake())
        throw Error(ErrorKind::BadInput, fmt::format("{} is being trained already.", folder.filename().string()),
                    "Stop that training first, or start a new run.");
}

bool RunLock::heldByAnyone(const fs::path& folder) { return FileLock::heldByAnyone(folder / kLockFile); }

} // namespace engine
