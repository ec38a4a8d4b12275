#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/tasks.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/classfile.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/seriesfile.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

using Curves = std::map<std::string, Series>;

void readClassFile(const fs::path& file, const std::vector<std::string>& classes, Curves& curves) {
    std::vector<Series> series;
    (void)ClassFileFollower(file).read(series);
    const std::string metric = seriesNameOf(file);
    for (std::size_t label = 0; label < std::min(classes.size(), series.size()); ++label)
        curves[classSeries(metric, classes[label])] = std::move(series[label]);
}

// Those that say how far a run came and how good it was.
Curves readCurves(const fs::path& folder, const std::vector<std::string>& classes) {
    Curves curves;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder / "series", code)) {
        const std::string name = seriesNameOf(entry.path());
        if (entry.path().extension() == kClassesFile)
            readClassFile(entry.path(), classes, curves);
        else if (entry.path().extension() == kColumnFile && (name == "train/loss" || name.starts_with("validation/")))
            (void)SeriesFollower(entry.path()).read(curves[name]);
    }
    std::erase_if(curves, [](const auto& entry) { return entry.second.step.empty(); });
    return curves;
}

std::vector<json> readEvents(const fs::path& folder) {
    std::vector<json> events;
    std::error_code code;
    if (!fs::exists(folder / "events.jsonl", code))
        return events;
    std::istringstream lines(readFile(folder / "events.jsonl"));
    for (std::string line; std::getline(lines, line);)
        if (json event = json::parse(line, nullptr, false);
            event.is_object() && event["kind"].is_string() && event["text"].is_string() && event["time"].is_number())
            events.push_back(std::move(event));
    return events;
}

std::optional<float> valueAt(const Curves& curves, const std::string& name, std::int64_t step) {
    const auto found = curves.find(name);
    if (found == curves.end())
        return {};
    const auto place = std::ranges::lower_bound(found->second.step, step);
    if (place == found->second.step.end() || *place != step)
        return {};
    return found->second.value[static_cast<std::size_t>(place - found->second.step.begin())];
}

// By the rule of the training: the better value of what is monitored, of equal ones the smaller loss.
void findBest(const Curves& curves, RunSummary& s) {
    const auto monitor = curves.find(validationSeries(s.monitor));
    if (monitor == curves.end())
        return;
    const MetricInfo metric = monitored(s);
    double bestValue = std::numeric_limits<double>::quiet_NaN(), bestLoss = 0;
    for (std::size_t i = 0; i < monitor->second.step.size(); ++i) {
        const std::int64_t step = monitor->second.step[i];
        const double value = monitor->second.value[i];
        const double loss = valueAt(curves, validationSeries("loss"), step).value_or(0);
        if (!isBetter(metric, value, bestValue) && !(value == bestValue && loss < bestLoss))
            continue;
        bestValue = value;
        bestLoss = loss;
        s.bestStep = step;
        s.bestEpoch = static_cast<int>(i) + 1;
    }
    for (const auto& [name, series] : curves)
        if (const auto value = valueAt(curves, name, s.bestStep); value && name.starts_with("validation/"))
            s.best[name] = *value;
}

void followEvents(const std::vector<json>& events, RunSummary& s) {
    double begun = 0, last = 0;
    s.state = RunState::Interrupted;
    for (const json& event : events) {
        const EventKind kind = eventKindOf(event["kind"].get<std::string>());
        const std::string text = event["text"];
        const double time = event["time"];
        if (kind == EventKind::Started) {
            s.seconds += last > begun ? last - begun : 0;
            begun = time;
            if (s.startedAt == 0)
                s.startedAt = time;
            s.state = RunState::Interrupted;
            if (const std::size_t on = text.rfind("on "); on != std::string::npos)
                s.device = text.substr(on + 3, text.find(',', on) - on - 3);
        } else if (kind == EventKind::Finished) {
            s.state = RunState::Finished;
        } else if (kind == EventKind::Stopped) {
            s.state = RunState::Stopped;
        } else if (kind == EventKind::Failure) {
            s.state = RunState::Failed;
            s.failure = text;
        }
        last = time;
    }
    s.seconds += last > begun ? last - begun : 0;
}

std::vector<std::string> classesIn(const fs::path& checkpoint) {
    std::vector<std::string> classes;
    const json config = json::parse(readFile(checkpoint / "config.json"), nullptr, false);
    if (const auto labels = config.find("id2label"); labels != config.end() && labels->is_object())
        for (std::size_t i = 0; labels->contains(std::to_string(i)); ++i)
            classes.push_back(bytesFromUtf8(labels->value(std::to_string(i), std::string())));
    return classes;
}

// As the training found them in its data folder: known before there is a checkpoint.
std::vector<std::string> classesFound(const fs::path& folder) {
    std::vector<std::string> classes;
    std::error_code code;
    if (!fs::exists(folder / "environment.json", code))
        return classes;
    try {
        const json environment = json::parse(readFile(folder / "environment.json"));
        for (const json& row : environment.at("data").at("classes"))
            classes.push_back(bytesFromUtf8(row.at("name").get<std::string>()));
    } catch (const json::exception&) {
        classes.clear(); // then they stay without names
    }
    return classes;
}

std::string whatIsThere(const fs::path& folder, const Curves& curves, const RunCheckpoints& checkpoints) {
    std::error_code code;
    std::set<std::int64_t> steps;
    for (const RunCheckpoint& checkpoint : checkpoints.whole)
        steps.insert(checkpoint.step);
    const std::size_t count = steps.size();
    const std::string parts = count == 0
                                  ? std::string(curves.empty() ? "" : "curves")
                                  : fmt::format("{}{}", curves.empty() ? "" : "curves and ",
                                                count == 1 ? "1 checkpoint" : fmt::format("{} checkpoints", count));
    return fmt::format("summary.json {}; {}",
                       fs::exists(folder / "summary.json", code) ? "cannot be read" : "is missing",
                       parts.empty()                  ? "there are neither curves nor checkpoints."
                       : count == 1 && curves.empty() ? parts + " is there."
                                                      : parts + " are there.");
}

} // namespace

RunRecord rebuiltRecord(const fs::path& folder) {
    RunRecord record;
    RunSummary& s = record.summary;
    s.folder = folder;
    s.id = s.name = folder.filename().string();
    try {
        const Experiment experiment = readExperiment(folder / "experiment.toml");
        s.name = experiment.name;
        s.epochs = experiment.train.epochs;
        s.task = experiment.data.task;
        s.monitor = experiment.train.monitor == "auto" ? findTask(s.task).monitor : experiment.train.monitor;
    } catch (const Error&) { // then it goes by its folder's name
    }
    const RunCheckpoints checkpoints = findCheckpoints(folder);
    const RunCheckpoint* newest = checkpoints.newest();
    record.classes = newest != nullptr ? classesIn(newest->folder) : classesFound(folder);
    const Curves curves = readCurves(folder, record.classes);
    for (const auto& [name, series] : curves) {
        s.last[name] = series.value.back();
        s.step = std::max(s.step, series.step.back());
    }
    if (const auto monitor = curves.find(validationSeries(s.monitor)); monitor != curves.end()) {
        s.epoch = static_cast<int>(monitor->second.step.size());
        s.steps = monitor->second.step.back() / s.epoch * s.epochs;
    }
    findBest(curves, s);
    followEvents(readEvents(folder), s);
    if (newest != nullptr)
        s.lastCheckpointStep = newest->step;
    // A training that finished or stopped has written one.
    const bool wrote = s.state == RunState::Finished || s.state == RunState::Stopped;
    record.writtenCheckpointStep = s.lastCheckpointStep < 0 && wrote ? s.step : s.lastCheckpointStep;
    s.damage = whatIsThere(folder, curves, checkpoints);
    return record;
}

} // namespace engine
