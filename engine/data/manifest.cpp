#include "engine/data/manifest.h"

#include "engine/api/error.h"
#include "engine/api/tasks.h"
#include "engine/base/hash.h"
#include "engine/data/classmatch.h"
#include "engine/data/datanotes.h"
#include "engine/data/manifestrows.h"
#include "engine/data/seededsplit.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace engine {
namespace fs = std::filesystem;

namespace {

using Entries = std::vector<const ManifestEntry*>;

std::string rowsWords(std::int64_t rows) { return rows == 1 ? "1 row" : fmt::format("{} rows", rows); }

void warn(ImageFolder& out, const char* key, std::string message, std::string detail) {
    out.notes.findings.push_back(
        {.key = key, .severity = Severity::Warning, .message = std::move(message), .detail = std::move(detail)});
}

void tellTroubles(const ManifestRows& listed, ImageFolder& out) {
    if (!listed.folder.empty())
        out.notes.facts.push_back(fmt::format("The table's names begin in {}.", listed.folder));
    if (const RowTrouble& missing = listed.missing; missing.rows > 0)
        warn(out, "data.path",
             fmt::format("{} of {} name{} pictures that are not there.", rowsWords(missing.rows), listed.rows,
                         missing.rows == 1 ? "s" : ""),
             fmt::format("Left out: {}.", missing.words()));
    if (const RowTrouble& none = listed.withoutLabel; none.rows > 0)
        warn(out, "data.path", fmt::format("{} without a class.", rowsWords(none.rows)),
             fmt::format("Left out: {}.", none.words()));
    if (const RowTrouble& several = listed.contradicting; several.rows > 0)
        out.notes.findings.push_back({.key = "data.task",
                                      .severity = Severity::Warning,
                                      .message = fmt::format("{} give{} a picture several classes.",
                                                             rowsWords(several.rows), several.rows == 1 ? "s" : ""),
                                      .detail = fmt::format("Only the first is used: {}.", several.words()),
                                      .fixLabel = "Several labels a picture",
                                      .fixKey = "data.task",
                                      .fixValue = "multi-label"});
    if (listed.severalInACell)
        out.notes.findings.push_back(
            {.key = "data.task",
             .severity = Severity::Warning,
             .message = "Cells of the table hold several labels, each taken for one class as it stands.",
             .detail = "With the task “Several labels a picture” each is a question of its own.",
             .fixLabel = "Several labels a picture",
             .fixKey = "data.task",
             .fixValue = "multi-label"});
}

// What the labels of a part stand for: each distinct one is matched once, beside all others.
std::unordered_map<std::string, int> indicesIn(const Entries& entries, const std::vector<std::string>& classes) {
    std::set<std::string> distinct;
    for (const ManifestEntry* entry : entries)
        distinct.insert(entry->labels.begin(), entry->labels.end());
    const std::vector<std::string> labels(distinct.begin(), distinct.end());
    const auto matches = matchClasses(labels, classes);
    std::unordered_map<std::string, int> indices;
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (matches[i])
            indices.emplace(labels[i], static_cast<int>(*matches[i]));
    return indices;
}

// Entries with a class that nobody learns are left out; of several labels those alone.
SampleList samplesOf(const Entries& entries, bool exclusive, const std::vector<std::string>& classes,
                     std::map<std::string, std::int64_t>& unknown) {
    std::vector<ImageSample> samples;
    const auto indexOf = indicesIn(entries, classes);
    for (const ManifestEntry* entry : entries) {
        std::set<int> indices;
        for (const std::string& label : entry->labels) {
            if (const auto found = indexOf.find(label); found != indexOf.end())
                indices.insert(found->second);
            else
                ++unknown[label];
        }
        if (!exclusive)
            samples.push_back({entry->file, -1, {indices.begin(), indices.end()}});
        else if (!indices.empty())
            samples.push_back({entry->file, *indices.begin(), {}});
    }
    std::ranges::sort(samples, {}, &ImageSample::file);
    return samples;
}

std::vector<std::string> classesIn(const Entries& entries) {
    std::set<std::string> names;
    for (const ManifestEntry* entry : entries)
        names.insert(entry->labels.begin(), entry->labels.end());
    return {names.begin(), names.end()};
}

// Each class gives its share where a picture has one; else all together do.
void splitBySeed(const Entries& all, bool exclusive, double share, std::uint64_t seed, Entries& train,
                 Entries& validation) {
    std::map<std::string, Entries> groups;
    for (const ManifestEntry* entry : all)
        groups[exclusive ? entry->labels.front() : std::string()].push_back(entry);
    for (const auto& [name, entries] : groups) {
        std::vector<std::string> files;
        for (const ManifestEntry* entry : entries)
            files.push_back(entry->file);
        const std::vector<char> held = heldBack(files, share, seed);
        for (std::size_t i = 0; i < entries.size(); ++i)
            (held[i] != 0 ? validation : train).push_back(entries[i]);
    }
}

struct Parts {
    Entries train, validation;
    bool seeded = false;
};

Parts partsOf(const std::vector<ManifestEntry>& entries, const Experiment& experiment, bool exclusive,
              ImageFolder& out) {
    Parts parts;
    Entries test, rest;
    for (const ManifestEntry& entry : entries) {
        auto& part = entry.part == Part::Train        ? parts.train
                     : entry.part == Part::Validation ? parts.validation
                     : entry.part == Part::Test       ? test
                                                      : rest;
        part.push_back(&entry);
    }
    if (!rest.empty()) // nothing says parts, or a second table is what validates
        parts.train.insert(parts.train.end(), rest.begin(), rest.end());
    if (parts.validation.empty() && !test.empty()) {
        parts.validation = std::move(test);
        out.notes.facts.emplace_back("The rows of the test part validate.");
    } else if (!test.empty()) {
        out.notes.unused.push_back(
            {"the rows of the test part", static_cast<std::int64_t>(test.size()), "another part validates"});
    }
    if (parts.validation.empty()) {
        parts.seeded = true;
        const Entries all = std::exchange(parts.train, {});
        splitBySeed(all, exclusive, experiment.data.validationShare, experiment.seed, parts.train, parts.validation);
    }
    return parts;
}

void requireEnough(const fs::path& file, const ManifestRows& listed, const std::vector<std::string>& classes,
                   bool exclusive) {
    if (listed.entries.empty())
        throw Error(ErrorKind::BadInput, fmt::format("No row of {} is of use.", file.filename().string()),
                    listed.missing.rows > 0 ? "Its pictures are not there: put the table beside them."
                                            : "Give each picture a class.");
    if (classes.size() >= (exclusive ? 2U : 1U))
        return;
    throw Error(ErrorKind::BadInput,
                classes.empty()
                    ? fmt::format("{} gives no picture a label.", file.filename().string())
                    : fmt::format("{} has only one class, “{}”.", file.filename().string(), classes.front()),
                "Add rows of at least one more class, or choose the column with data.label_columns.");
}

std::uint64_t fingerprintOf(const std::vector<ManifestEntry>& entries) {
    std::uint64_t sum = 0;
    for (const ManifestEntry& entry : entries) {
        std::uint64_t hash = hashText(entry.file);
        for (const std::string& label : entry.labels)
            hash = hashText(label, hash);
        sum += hash;
    }
    return sum;
}

void addMissing(const ManifestRows& listed, ImageFolder& out) {
    out.passedOver.resize(out.classes.size());
    for (std::size_t i = 0; i < out.classes.size(); ++i)
        if (const auto found = listed.missingOf.find(out.classes[i]); found != listed.missingOf.end())
            merge(out.passedOver[i], {{"missing", found->second}});
}

} // namespace

ImageFolder openManifest(const Experiment& experiment) {
    DataSettings settings = experiment.data;
    const bool exclusive = findTask(settings.task).exclusive;
    const fs::path file = fs::absolute(experiment.dataPath()).lexically_normal();
    if (settings.validation == file.filename().string()) // the table itself says what validates
        settings.validation.clear();
    ImageFolder out;
    out.root = file.parent_path();
    LeaveOut leaveOut(settings.leaveOut);

    const fs::path second = settings.validation.empty() ? fs::path() : out.root / settings.validation;
    std::error_code code;
    const bool hasSecond = !second.empty() && fs::is_regular_file(second, code);
    ManifestReader reader(file, settings, leaveOut, exclusive);
    ManifestRows listed = reader.read(hasSecond ? Part::Train : Part::None);
    if (!settings.validation.empty() && !hasSecond && !reader.saysParts())
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} has no column of parts, and no table “{}” lies beside it.",
                                file.filename().string(), settings.validation),
                    "Correct data.validation or leave it empty.");
    for (const auto& [name, rows] : listed.otherParts)
        out.notes.unused.push_back({fmt::format("the rows of “{}”", name), rows, "neither training nor validation"});
    tellTroubles(listed, out);
    if (hasSecond) {
        ManifestRows more = ManifestReader(second, settings, leaveOut, exclusive).read(Part::Validation);
        tellTroubles(more, out);
        std::ranges::move(more.entries, std::back_inserter(listed.entries));
        out.validationFolder = settings.validation;
    }

    const Parts parts = partsOf(listed.entries, experiment, exclusive, out);
    out.seededSplit = parts.seeded;
    out.classes = classesIn(parts.train);
    requireEnough(file, listed, out.classes, exclusive);
    std::map<std::string, std::int64_t> unknown;
    out.train = samplesOf(parts.train, exclusive, out.classes, unknown);
    out.validation = samplesOf(parts.validation, exclusive, out.classes, unknown);
    out.trainFolder = file.filename().string();
    if (!parts.seeded && !hasSecond)
        out.validationFolder = out.trainFolder;
    addMissing(listed, out);
    addUnknownLabels(out, unknown, exclusive, "the training part", "row");
    addUnmet(out, settings.leaveOut, leaveOut.unmet());
    out.fingerprint = fingerprintOf(listed.entries);
    return out;
}

ImageFolder openManifestForEvaluation(const fs::path& table, const std::vector<std::string>& classes, bool exclusive) {
    const DataSettings settings;
    ImageFolder out;
    const fs::path file = fs::absolute(table).lexically_normal();
    out.root = file.parent_path();
    out.classes = classes;
    LeaveOut nothing({});
    const ManifestRows listed = ManifestReader(file, settings, nothing, exclusive).read(Part::None);
    tellTroubles(listed, out);
    // A part of its own for judging is what is meant; else all rows are.
    Entries all, wanted;
    for (const ManifestEntry& entry : listed.entries) {
        all.push_back(&entry);
        if (entry.part == Part::Validation || entry.part == Part::Test)
            wanted.push_back(&entry);
    }
    std::map<std::string, std::int64_t> unknown;
    out.validation = samplesOf(wanted.empty() ? all : wanted, exclusive, classes, unknown);
    addMissing(listed, out);
    addUnknownLabels(out, unknown, exclusive, "the model", "row");
    if (out.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No row of {} has one of the model's classes.", file.filename().string()),
                    fmt::format("They are {}.", fmt::join(classes, ", ")));
    return out;
}

} // namespace engine
