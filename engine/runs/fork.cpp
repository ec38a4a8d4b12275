#include "engine/api/fork.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/classfile.h"
#include "engine/runs/knobs.h"
#include "engine/runs/makerun.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/seriesfile.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kLineageFile = "lineage.json";

// What says how a run ended: a fork has not.
bool endsARun(EventKind kind) {
    return kind == EventKind::Stopped || kind == EventKind::Finished || kind == EventKind::Failure;
}

RunCheckpoint checkpointAt(const fs::path& runFolder, std::int64_t atStep) {
    const RunCheckpoints all = findCheckpoints(runFolder);
    const auto found =
        std::ranges::find_if(all.whole, [&](const RunCheckpoint& checkpoint) { return checkpoint.step <= atStep; });
    if (found != all.whole.end())
        return *found;
    const std::string name = runFolder.filename().string();
    if (all.whole.empty())
        throw Error(ErrorKind::NotFound, fmt::format("{} has no checkpoint to begin with.", name),
                    "Train it as far as one, or start a new run with its settings.");
    throw Error(ErrorKind::NotFound, fmt::format("No checkpoint of {} at or before step {} is kept.", name, atStep),
                fmt::format("The first that is kept is of step {}.", all.whole.back().step));
}

// The best of the run up to there, where its checkpoint is still kept.
std::optional<RunCheckpoint> bestBefore(const fs::path& runFolder, const RunCheckpoint& point) {
    for (RunCheckpoint& checkpoint : findCheckpoints(runFolder).whole)
        if (checkpoint.best && checkpoint.epoch == point.bestEpoch && checkpoint.step <= point.step)
            return std::move(checkpoint);
    return std::nullopt;
}

void copyCheckpoint(const RunCheckpoint& checkpoint, const fs::path& staging, const char* link) {
    const fs::path place = checkpointFolder(staging, checkpoint.step);
    if (!fs::exists(place)) {
        fs::create_directories(place.parent_path());
        fs::copy(checkpoint.folder, place, fs::copy_options::recursive);
        if (const std::string damage = checkpointDamage(place); !damage.empty())
            throw Error(ErrorKind::BadWeights,
                        fmt::format("The checkpoint of step {} is damaged: {}.", checkpoint.step, damage),
                        "Choose an earlier step.");
    }
    linkCheckpoint(staging, link, place);
}

void copySeries(const fs::path& from, const fs::path& staging, std::int64_t lastStep) {
    fs::create_directories(staging / "series");
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(from / "series", code)) {
        const fs::path file = staging / "series" / entry.path().filename();
        fs::copy_file(entry.path(), file);
        if (file.extension() == kColumnFile)
            SeriesWriter(file).rewind(lastStep);
        else if (file.extension() == kClassesFile)
            ClassFileWriter(file).rewind(lastStep);
    }
}

void copyEvents(const fs::path& from, const fs::path& staging, const RunCheckpoint& point, const std::string& told) {
    std::string lines;
    double last = 0;
    std::error_code code;
    std::istringstream all(fs::exists(from / "events.jsonl", code) ? readFile(from / "events.jsonl") : std::string());
    for (std::string line; std::getline(all, line);) {
        const json event = json::parse(line, nullptr, false);
        if (!event.is_object() || event.value("step", std::int64_t{0}) > point.step ||
            endsARun(eventKindOf(event.value("kind", std::string()))))
            continue;
        last = std::max(last, event.value("time", 0.0));
        lines += line + "\n";
    }
    lines += json({{"time", std::max(last, static_cast<double>(std::time(nullptr)))},
                   {"kind", eventKindName(EventKind::Knob)},
                   {"step", point.step},
                   {"epoch", point.epoch},
                   {"text", told}})
                 .dump(-1, ' ', false, json::error_handler_t::replace) +
             "\n";
    writeFileAtomically(staging / "events.jsonl", lines);
}

void copySamples(const fs::path& from, const fs::path& staging, int epochs) {
    std::error_code code;
    fs::create_directories(staging / "samples");
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        const std::string name = fmt::format("epoch-{:04}.jsonl", epoch);
        if (fs::exists(from / "samples" / name, code))
            fs::copy_file(from / "samples" / name, staging / "samples" / name);
    }
}

// What was set behind the point is no part of the fork.
void copyKnobs(const fs::path& from, const fs::path& staging, std::int64_t step) {
    Knobs knobs = readKnobs(from);
    std::erase_if(knobs, [step](const Knob& knob) { return knob.fromStep >= step; });
    if (!knobs.empty())
        writeKnobs(knobs, staging);
}

void writeSummary(const RunRecord& of, const fs::path& staging, const RunCheckpoint& point, const std::string& name) {
    RunRecord record = rebuiltRecord(staging);
    RunSummary& s = record.summary;
    record.classes = of.classes;
    record.writtenCheckpointStep = s.lastCheckpointStep = point.step;
    s.name = name;
    s.state = RunState::Stopped;
    s.step = point.step;
    s.epoch = point.epoch;
    s.epochs = of.summary.epochs;
    s.steps = of.summary.steps;
    s.task = of.summary.task;
    s.monitor = of.summary.monitor;
    s.parameters = of.summary.parameters;
    s.trainableParameters = of.summary.trainableParameters;
    s.device = of.summary.device;
    s.damage.clear();
    s.failure.clear();
    writeFileAtomically(staging / "summary.json", toJson(record));
}

} // namespace

std::optional<Lineage> lineageOf(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / kLineageFile, code))
        return std::nullopt;
    const json object = json::parse(readFile(runFolder / kLineageFile), nullptr, false);
    if (!object.is_object())
        return std::nullopt;
    return Lineage{object.value("run", std::string()), object.value("name", std::string()),
                   object.value("step", std::int64_t{0})};
}

ForkPoint forkPoint(const fs::path& runFolder, std::int64_t atStep) {
    const RunCheckpoint checkpoint = checkpointAt(runFolder, atStep);
    return {checkpoint.step, checkpoint.epoch};
}

fs::path forkRun(const fs::path& given, std::int64_t atStep, const std::string& wanted) {
    const fs::path from = fs::absolute(expandHome(given)).lexically_normal();
    const RunRecord record = readRunRecord(from);
    const RunCheckpoint point = checkpointAt(from, atStep);
    Experiment experiment = readExperiment(from / "experiment.toml");
    experiment.name = wanted.empty() ? fmt::format("{}, from step {}", record.summary.name, point.step) : wanted;
    const std::string told = fmt::format("Forked from {} at step {}", record.summary.name, point.step);
    try {
        return makeRun(experiment, from.parent_path(), [&](const fs::path& staging) {
            copyCheckpoint(point, staging, "last");
            if (const auto best = bestBefore(from, point))
                copyCheckpoint(*best, staging, "best");
            copySeries(from, staging, point.step);
            copyEvents(from, staging, point, told);
            copySamples(from, staging, point.epoch);
            copyKnobs(from, staging, point.step);
            std::error_code code;
            fs::copy_file(from / "environment.json", staging / "environment.json", code);
            writeFileAtomically(staging / kLineageFile,
                                json({{"run", record.summary.id}, {"name", record.summary.name}, {"step", point.step}})
                                        .dump(1, ' ', false, json::error_handler_t::replace) +
                                    "\n");
            writeSummary(record, staging, point, experiment.name);
        });
    } catch (const fs::filesystem_error& error) {
        throw Error(error.code() == std::errc::no_space_on_device ? ErrorKind::DiskFull : ErrorKind::BadInput,
                    fmt::format("{} could not be copied: {}.", from.filename().string(), error.code().message()),
                    "Free some space, or check the folder's permissions.");
    }
}

} // namespace engine
