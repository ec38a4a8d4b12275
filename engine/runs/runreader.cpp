#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/classfile.h"
#include "engine/runs/filestamp.h"
#include "engine/runs/pyramid.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/seriesfile.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct Column {
    SeriesFollower follower;
    Series series;
    Pyramid pyramid;
};

// The series of all classes of a metric, by label; the run's record names the classes.
struct ClassColumns {
    ClassFileFollower follower;
    std::vector<Series> series;
    std::vector<Pyramid> pyramids;
};

struct Curve {
    const Series* series = nullptr;
    const Pyramid* pyramid = nullptr;
};

void sumUp(Pyramid& pyramid, const Series& series, bool rewound) {
    if (rewound)
        pyramid.truncate(series.value.size(), series.value);
    for (std::size_t i = pyramid.size(); i < series.value.size(); ++i)
        pyramid.append(series.value[i]);
}

} // namespace

struct RunReader::Impl {
    fs::path folder;
    RunRecord record;
    std::map<std::string, std::size_t, std::less<>> labels; // of the record's classes
    Experiment experiment;
    std::map<std::string, Column, std::less<>> columns;
    std::map<std::string, ClassColumns, std::less<>> classColumns; // by the metric's series
    std::vector<RunEvent> events;
    std::uint64_t eventsOffset = 0;
    FileStamp summaryStamp, notesStamp, folderStamp;
    bool folderSettled = false;
    bool summaryRead = false;
    Series none;

    bool refreshSummary() {
        const FileStamp summary = stampOf(folder / "summary.json");
        const FileStamp notes = stampOf(folder / "notes.json");
        const bool live = record.summary.state == RunState::Running || record.summary.state == RunState::Paused;
        const bool gone = live && !RunLock::heldByAnyone(folder);
        if (summaryRead && summary == summaryStamp && notes == notesStamp && !gone)
            return false;
        summaryRead = true;
        summaryStamp = summary;
        notesStamp = notes;
        record = readRunRecord(folder);
        labels.clear();
        for (std::size_t label = 0; label < record.classes.size(); ++label)
            labels.try_emplace(record.classes[label], label);
        return true;
    }

    void findColumns() {
        const FileStamp stamp = stampOf(folder / "series");
        // File systems stamp in steps of milliseconds: another file may have come in the same one.
        if (stamp == folderStamp && folderSettled)
            return;
        folderStamp = stamp;
        folderSettled = stamp.settled();
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(folder / "series", code)) {
            const fs::path& file = entry.path();
            const bool ofClasses = file.extension() == kClassesFile;
            if (!ofClasses && file.extension() != kColumnFile)
                continue;
            const std::string name = seriesNameOf(file);
            if (ofClasses)
                classColumns.try_emplace(name, ClassColumns{ClassFileFollower(file), {}, {}});
            else
                columns.try_emplace(name, Column{SeriesFollower(file), {}, {}});
        }
    }

    // True where anything grew.
    bool told(const SeriesGrowth& growth, const std::string& name) {
        if (growth.damagedBlocks > 0)
            events.push_back({.time = static_cast<double>(std::time(nullptr)),
                              .kind = EventKind::Warning,
                              .text = fmt::format("a part of {} is damaged on disk and left out", name)});
        return growth.added > 0 || growth.rewound;
    }

    bool refreshColumns() {
        findColumns();
        bool grew = false;
        for (auto& [name, column] : columns) {
            const auto growth = column.follower.read(column.series);
            sumUp(column.pyramid, column.series, growth.rewound);
            grew = told(growth, name) || grew;
        }
        for (auto& [name, column] : classColumns) {
            const auto growth = column.follower.read(column.series);
            grew = told(growth, name) || grew;
            if (growth.added == 0 && !growth.rewound)
                continue;
            column.pyramids.resize(column.series.size());
            for (std::size_t label = 0; label < column.series.size(); ++label)
                sumUp(column.pyramids[label], column.series[label], growth.rewound);
        }
        return grew;
    }

    // Null where the run has no points of this name.
    [[nodiscard]] Curve find(std::string_view name) const {
        if (const auto found = columns.find(name); found != columns.end())
            return {&found->second.series, &found->second.pyramid};
        for (const auto& [metric, column] : classColumns) {
            if (name.size() <= metric.size() || !name.starts_with(metric) || name[metric.size()] != '/')
                continue;
            const auto found = labels.find(name.substr(metric.size() + 1));
            if (found != labels.end() && found->second < column.series.size())
                return {&column.series[found->second], &column.pyramids[found->second]};
        }
        return {};
    }

    bool refreshEvents() {
        const FileStamp stamp = stampOf(folder / "events.jsonl");
        if (stamp.bytes < 0 || static_cast<std::uint64_t>(stamp.bytes) <= eventsOffset)
            return false;
        std::ifstream in(folder / "events.jsonl", std::ios::binary);
        in.seekg(static_cast<std::streamoff>(eventsOffset));
        std::string line;
        bool grew = false;
        while (std::getline(in, line) && !in.eof()) {
            eventsOffset += line.size() + 1;
            try {
                const json object = json::parse(line);
                events.push_back({.time = object.value("time", 0.0),
                                  .kind = eventKindOf(object.value("kind", std::string())),
                                  .step = object.value("step", std::int64_t{-1}),
                                  .epoch = object.value("epoch", 0),
                                  .text = object.value("text", std::string())});
                grew = true;
            } catch (const json::exception&) {
                continue; // a damaged line does not hide the others
            }
        }
        return grew;
    }
};

RunReader::RunReader(fs::path folder) : m_impl(std::make_unique<Impl>()) {
    m_impl->folder = std::move(folder);
    m_impl->experiment = readExperiment(m_impl->folder / "experiment.toml");
    refresh();
}

RunReader::~RunReader() = default;
RunReader::RunReader(RunReader&&) noexcept = default;
RunReader& RunReader::operator=(RunReader&&) noexcept = default;

bool RunReader::refresh() {
    const bool summary = m_impl->refreshSummary();
    const bool columns = m_impl->refreshColumns();
    const bool events = m_impl->refreshEvents();
    return summary || columns || events;
}

const RunSummary& RunReader::summary() const { return m_impl->record.summary; }
const Experiment& RunReader::experiment() const { return m_impl->experiment; }
const std::vector<std::string>& RunReader::classNames() const { return m_impl->record.classes; }
const std::vector<RunEvent>& RunReader::events() const { return m_impl->events; }

std::vector<std::string> RunReader::seriesNames() const {
    std::set<std::string> names;
    for (const auto& entry : m_impl->columns)
        names.insert(entry.first);
    const std::vector<std::string>& classes = m_impl->record.classes;
    for (const auto& [metric, column] : m_impl->classColumns)
        for (std::size_t label = 0; label < std::min(classes.size(), column.series.size()); ++label)
            if (!column.series[label].step.empty())
                names.insert(classSeries(metric, classes[label]));
    return {names.begin(), names.end()};
}

const Series& RunReader::series(std::string_view name) const {
    const Series* found = m_impl->find(name).series;
    return found == nullptr ? m_impl->none : *found;
}

std::vector<Envelope> RunReader::envelope(std::string_view name, double first, double last, int columns) const {
    const auto [found, pyramid] = m_impl->find(name);
    if (found == nullptr || columns <= 0 || !(last >= first))
        return {};
    const Series& series = *found;
    auto indexOf = [&](double step) {
        return static_cast<std::size_t>(std::lower_bound(series.step.begin(), series.step.end(), step,
                                                         [](std::int64_t s, double x) { return double(s) < x; }) -
                                        series.step.begin());
    };
    std::vector<Envelope> result;
    result.reserve(static_cast<std::size_t>(columns));
    const double width = (last - first) / columns;
    std::size_t from = indexOf(first);
    for (int column = 0; column < columns; ++column) {
        const double edge = first + width * (column + 1);
        const std::size_t to =
            column + 1 == columns
                ? static_cast<std::size_t>(std::upper_bound(series.step.begin(), series.step.end(), last,
                                                            [](double x, std::int64_t s) { return x < double(s); }) -
                                           series.step.begin())
                : indexOf(edge);
        Envelope cell = to > from ? pyramid->over(from, to, series.value) : Envelope{};
        cell.first = first + width * column;
        cell.last = edge;
        result.push_back(cell);
        from = std::max(from, to);
    }
    return result;
}

std::vector<SampleResult> RunReader::samples(int epoch) const {
    std::vector<SampleResult> result;
    std::ifstream in(m_impl->folder / "samples" / fmt::format("epoch-{:04}.jsonl", epoch));
    for (std::string line; std::getline(in, line);) {
        try {
            const json object = json::parse(line);
            auto number = [&](const char* key) {
                const auto at = object.find(key);
                return at != object.end() && at->is_number() ? at->get<float>()
                                                             : std::numeric_limits<float>::quiet_NaN();
            };
            result.push_back({.file = bytesFromUtf8(object.value("file", std::string())),
                              .label = object.value("label", -1),
                              .predicted = object.value("predicted", -1),
                              .probability = number("probability"),
                              .loss = number("loss")});
            if (object.contains("predicted_labels")) {
                result.back().labels = object.value("labels", std::vector<int>());
                result.back().predictedLabels = object.at("predicted_labels").get<std::vector<int>>();
            }
        } catch (const json::exception&) {
            continue; // a damaged line does not hide the others
        }
    }
    return result;
}

} // namespace engine
