#include "engine/api/importruns.h"

#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/parameter.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/eventfile.h"
#include "engine/runs/runname.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/seriesnames.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kSourceFile = "imported-from.txt";

// A folder of event files; of two that are named train and validation, as Keras makes them, the folder above.
struct Found {
    fs::path folder;
    std::string name;
    std::map<std::string, std::vector<fs::path>> parts; // what goes before its tags → files, by name
    std::int64_t bytes = 0;
};

bool isPart(const std::string& name) { return name == "train" || name == "validation"; }

std::vector<fs::path> eventFilesAt(const fs::path& source) {
    std::vector<fs::path> files;
    std::error_code code;
    if (!fs::exists(source, code))
        throw Error(ErrorKind::NotFound, fmt::format("{} does not exist.", source.string()), "Check the path.");
    if (!fs::is_directory(source, code))
        return {source};
    constexpr auto kOptions = fs::directory_options::skip_permission_denied;
    for (auto place = fs::recursive_directory_iterator(source, kOptions, code);
         !code && place != fs::recursive_directory_iterator(); place.increment(code))
        if (place->is_regular_file(code) && isEventFileName(place->path()))
            files.push_back(place->path());
    std::ranges::sort(files);
    return files;
}

std::vector<Found> findRuns(const fs::path& source) {
    std::error_code code;
    const bool one = !fs::is_directory(source, code);
    const fs::path top = one ? source.parent_path() : source;
    std::map<fs::path, Found> runs;
    for (const fs::path& file : eventFilesAt(source)) {
        fs::path folder = file.parent_path();
        std::string part;
        if (folder != top && isPart(folder.filename().string())) {
            part = folder.filename().string() + "/";
            folder = folder.parent_path();
        }
        Found& run = runs[folder];
        run.folder = folder;
        run.name = folder == top ? top.filename().string() : folder.lexically_relative(top).string();
        run.parts[part].push_back(file);
        run.bytes += static_cast<std::int64_t>(fs::file_size(file, code));
    }
    if (runs.empty())
        throw Error(ErrorKind::NotFound, fmt::format("There are no event files of TensorBoard in {}.", source.string()),
                    "Their names hold “tfevents”; choose the folder that holds them.");
    std::vector<Found> result;
    for (auto& [folder, run] : runs)
        result.push_back(std::move(run));
    return result;
}

// Tells how far the reading is, over all runs.
class ImportProgress final {
public:
    ImportProgress(ProgressSink* sink, const std::vector<Found>& runs) : m_sink(sink) {
        for (const Found& run : runs)
            m_progress.steps += run.bytes;
    }
    void begin(const std::string& name) { m_progress.message = name; }
    void read(std::int64_t bytes) {
        m_progress.step += bytes;
        if (m_sink != nullptr && (m_progress.step - m_told > kEvery || m_progress.step >= m_progress.steps)) {
            m_told = m_progress.step;
            m_sink->onProgress(m_progress);
        }
    }

private:
    static constexpr std::int64_t kEvery = 1 << 20;
    ProgressSink* m_sink;
    Progress m_progress;
    std::int64_t m_told = 0;
};

EventScalars readScalars(const Found& run, const std::stop_token& stop, ImportProgress& progress) {
    EventScalars all;
    progress.begin(run.name);
    for (const auto& [part, files] : run.parts) {
        EventScalars scalars;
        for (const fs::path& file : files)
            readEventFile(file, scalars, stop, [&](std::int64_t bytes) { progress.read(bytes); });
        for (auto& [tag, points] : scalars.tags)
            all.tags[part + tag] = std::move(points);
        for (const std::string& tag : scalars.others)
            all.others.insert(part + tag);
        all.settings.merge(scalars.settings);
        all.notes.insert(all.notes.end(), scalars.notes.begin(), scalars.notes.end());
    }
    for (auto& [tag, points] : all.tags)
        std::ranges::stable_sort(points, {}, &SeriesPoint::step);
    std::erase_if(all.tags, [](const auto& entry) { return entry.second.empty(); });
    return all;
}

using Curves = std::map<std::string, const std::vector<SeriesPoint>*>; // by our names

std::string monitorOf(const Curves& curves) {
    for (const char* metric : {"accuracy", "loss"})
        if (curves.contains(validationSeries(metric)))
            return metric;
    for (const auto& [name, points] : curves)
        if (const auto metric = metricOfSeries(name); metric && name == validationSeries(*metric))
            return *metric;
    return "loss";
}

void takeBest(const Curves& curves, RunSummary& s) {
    const auto monitored = curves.find(validationSeries(s.monitor));
    if (monitored == curves.end())
        return;
    const MetricInfo metric = findMetric(s.monitor);
    const auto& points = *monitored->second;
    double best = std::nan("");
    for (std::size_t i = 0; i < points.size(); ++i)
        if (isBetter(metric, points[i].value, best)) {
            best = points[i].value;
            s.bestStep = points[i].step;
            s.bestEpoch = static_cast<int>(i) + 1;
        }
    for (const auto& [name, series] : curves)
        for (const SeriesPoint& point : *series)
            if (point.step == s.bestStep && name.starts_with(validationSeries("")))
                s.best[name] = point.value;
    s.epoch = s.epochs = static_cast<int>(points.size());
}

RunRecord recordOf(const Found& run, const Curves& curves) {
    RunRecord record;
    RunSummary& s = record.summary;
    s.name = run.name;
    s.state = RunState::Finished;
    s.device = kImportedDevice;
    s.monitor = monitorOf(curves);
    double first = 0, last = 0;
    for (const auto& [name, points] : curves) {
        s.last[name] = points->back().value;
        s.step = std::max(s.step, points->back().step);
        for (const SeriesPoint& point : *points) {
            first = first == 0 ? point.time : std::min(first, point.time);
            last = std::max(last, point.time);
        }
    }
    s.steps = s.step;
    s.startedAt = first;
    s.seconds = last - first;
    takeBest(curves, s);
    return record;
}

std::string eventLine(double time, EventKind kind, const std::string& text) {
    const json line = {
        {"time", time}, {"kind", eventKindName(kind)}, {"step", 0}, {"epoch", 0}, {"text", utf8FromBytes(text)}};
    return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

// Settings that mean the same under the same names; the others are told in the log.
Experiment experimentOf(const Found& run, const EventScalars& scalars) {
    Experiment experiment;
    experiment.name = run.name;
    const std::map<std::string, const char*> known{
        {"lr", "train.learning_rate"}, {"learning_rate", "train.learning_rate"}, {"batch_size", "train.batch_size"},
        {"epochs", "train.epochs"},    {"weight_decay", "train.weight_decay"},   {"seed", "experiment.seed"}};
    for (const auto& [name, value] : scalars.settings)
        if (const auto found = known.find(name); found != known.end()) {
            try {
                setParameterValue(experiment, found->second, value);
            } catch (const Error&) { // another range: it stands in the log as it was recorded
                continue;
            }
        }
    return experiment;
}

void writeRun(const fs::path& folder, const Found& run, const EventScalars& scalars, const RunRecord& record,
              const std::map<std::string, std::string>& names) {
    AtomicFolder made(folder);
    const fs::path& staging = made.staging();
    std::error_code code;
    fs::create_directories(staging / "series", code);
    for (const auto& [tag, points] : scalars.tags)
        SeriesWriter(placeOfSeries(staging / "series", names.at(tag))).append(points);
    const RunSummary& s = record.summary;
    std::string events = eventLine(s.startedAt, EventKind::Started, "imported from " + run.folder.string());
    for (const auto& [name, value] : scalars.settings)
        events += eventLine(s.startedAt, EventKind::Note, fmt::format("{} = {}", name, value));
    for (const std::string& note : scalars.notes)
        events += eventLine(s.startedAt, EventKind::Warning, note);
    events += eventLine(s.startedAt + s.seconds, EventKind::Finished, "all that was recorded");
    writeFileAtomically(staging / "events.jsonl", events);
    writeFileAtomically(staging / kSourceFile, run.folder.string());
    writeExperiment(experimentOf(run, scalars), staging / "experiment.toml");
    if (fs::exists(folder / "notes.json", code))
        fs::copy_file(folder / "notes.json", staging / "notes.json", code);
    writeFileAtomically(staging / "summary.json", toJson(record));
    made.commit();
}

// Where this run was imported to before, else a new folder.
fs::path placeFor(const Found& run, const RunRecord& record, const fs::path& runsFolder) {
    std::error_code code;
    const std::string stem = runFolderName(record.summary.name, record.summary.startedAt);
    for (int number = 1;; ++number) {
        fs::path folder = runsFolder / (number == 1 ? stem : fmt::format("{}-{}", stem, number));
        if (!fs::exists(folder, code) ||
            (fs::exists(folder / kSourceFile, code) && readFile(folder / kSourceFile) == run.folder.string()))
            return folder;
    }
}

std::vector<std::string> notesOf(const EventScalars& scalars) {
    std::vector<std::string> notes = scalars.notes;
    if (const std::size_t count = scalars.others.size(); count > 0)
        notes.push_back(fmt::format("{} of pictures, histograms or texts {} left out.",
                                    count == 1 ? "1 tag" : fmt::format("{} tags", count), count == 1 ? "is" : "are"));
    return notes;
}

ImportedRun importRun(const Found& run, const EventScalars& scalars, const fs::path& runsFolder) {
    const auto names = seriesNamesOf(scalars.tags);
    Curves curves;
    ImportedRun result{.folder = {}, .name = run.name, .notes = notesOf(scalars)};
    for (const auto& [tag, points] : scalars.tags) {
        curves[names.at(tag)] = &points;
        ++result.series;
        result.points += static_cast<std::int64_t>(points.size());
    }
    const RunRecord record = recordOf(run, curves);
    result.folder = placeFor(run, record, runsFolder);
    writeRun(result.folder, run, scalars, record, names);
    return result;
}

} // namespace

std::vector<ImportedRun> importRuns(const fs::path& wanted, const fs::path& runs, std::stop_token stop,
                                    ProgressSink* progress) {
    std::error_code code;
    fs::path source = fs::absolute(expandHome(wanted)).lexically_normal();
    if (!source.has_filename())
        source = source.parent_path();
    const fs::path runsFolder = expandHome(runs);
    fs::create_directories(runsFolder, code);
    const std::vector<Found> found = findRuns(source);
    ImportProgress told(progress, found);
    std::vector<ImportedRun> made;
    std::vector<std::string> empty;
    for (const Found& run : found) {
        const EventScalars scalars = readScalars(run, stop, told);
        if (scalars.tags.empty())
            empty.push_back(run.name);
        else
            made.push_back(importRun(run, scalars, runsFolder));
    }
    if (made.empty())
        throw Error(ErrorKind::BadInput, fmt::format("The event files in {} hold no scalars.", source.string()),
                    "Choose the folder of a training that records its loss.");
    for (const std::string& name : empty)
        made.back().notes.push_back(fmt::format("{} holds no scalars and is left out.", name));
    return made;
}

} // namespace engine
