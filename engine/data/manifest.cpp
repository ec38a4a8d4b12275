#include "engine/data/manifest.h"

#include "engine/api/error.h"
#include "engine/api/tasks.h"
#include "engine/base/hash.h"
#include "engine/base/nearest.h"
#include "engine/data/classmatch.h"
#include "engine/data/datanotes.h"
#include "engine/data/leaveout.h"
#include "engine/data/manifestcolumns.h"
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

constexpr std::size_t kMostNamed = 4;

struct Entry {
    std::string file;
    std::vector<std::string> labels;
    Part part = Part::None;
};

// What rows were of no use for, counted, with a few of them.
struct Trouble {
    std::int64_t rows = 0;
    std::vector<std::string> named;

    void note(const std::string& what) {
        ++rows;
        if (named.size() < kMostNamed)
            named.push_back(what);
    }
    [[nodiscard]] std::string words() const {
        return fmt::format("{}{}", fmt::join(named, ", "), rows > static_cast<std::int64_t>(named.size()) ? ", …" : "");
    }
};

std::string rowsWords(std::int64_t rows) { return rows == 1 ? "1 row" : fmt::format("{} rows", rows); }

// The rows of a table, a picture once.
struct Listed {
    std::vector<Entry> entries;
    std::int64_t rows = 0;
    Trouble missing, withoutLabel, contradicting;
    std::map<std::string, std::int64_t> missingOf;  // label → rows
    std::map<std::string, std::int64_t> otherParts; // as the table calls them → rows
    std::string folder;                             // that its names leave out
    bool severalInACell = false;
};

class Reader final {
public:
    Reader(const fs::path& file, const DataSettings& settings, LeaveOut& leaveOut, bool exclusive)
        : m_table(file),
          m_columns(findColumns(m_table, settings, file.parent_path())),
          m_finder(file.parent_path(), examples()),
          m_settings(settings),
          m_leaveOut(leaveOut),
          m_exclusive(exclusive) {
        m_listed.folder = m_finder.folder();
        m_listed.severalInACell =
            exclusive && !m_columns.separators.empty() && m_columns.separators != "," && m_columns.separators != " ";
        if (exclusive) // a cell is the class as it stands there
            m_columns.separators.clear();
    }

    // `part`: of all rows; None: as the table says.
    Listed read(Part part) {
        m_table.forEachRow([&](std::span<const std::string> cells, std::int64_t /*line*/) {
            ++m_listed.rows;
            take(cells, part);
            return true;
        });
        return std::move(m_listed);
    }

    [[nodiscard]] bool saysParts() const { return m_columns.split.has_value(); }

private:
    [[nodiscard]] std::vector<std::string> examples() const {
        std::vector<std::string> names;
        for (auto& row : m_table.head(200))
            names.push_back(std::move(row[m_columns.file]));
        return names;
    }

    [[nodiscard]] Part partOfRow(std::span<const std::string> cells) const {
        if (!m_columns.split)
            return Part::None;
        const std::string& cell = cells[*m_columns.split];
        if (!m_settings.train.empty() && cell == m_settings.train)
            return Part::Train;
        if (!m_settings.validation.empty() && cell == m_settings.validation)
            return Part::Validation;
        const Part part = partIn(cell, m_table.columns()[*m_columns.split]);
        // What the settings name in its place is not looked for by its usual name as well.
        if ((part == Part::Train && !m_settings.train.empty()) ||
            (part == Part::Validation && !m_settings.validation.empty()))
            return Part::Unsorted;
        return part == Part::None ? Part::Unsorted : part;
    }

    void take(std::span<const std::string> cells, Part part) {
        const std::string& name = cells[m_columns.file];
        std::vector<std::string> labels = labelsIn(cells, m_columns, m_table.columns());
        const auto file = m_finder.find(name);
        if (!file) {
            m_listed.missing.note(name.empty() ? "a row without a name" : name);
            for (const std::string& label : labels)
                ++m_listed.missingOf[label];
            return;
        }
        if (m_leaveOut.takes(*file))
            return;
        if (part == Part::None)
            part = partOfRow(cells);
        if (part == Part::Unsorted) {
            ++m_listed.otherParts[cells[*m_columns.split]];
            return;
        }
        if (m_exclusive && labels.size() != 1) {
            (labels.empty() ? m_listed.withoutLabel : m_listed.contradicting).note(*file);
            return;
        }
        const auto [known, isNew] = m_known.try_emplace(*file, m_listed.entries.size());
        if (isNew) {
            m_listed.entries.push_back({*file, std::move(labels), part});
            return;
        }
        Entry& before = m_listed.entries[known->second];
        if (m_exclusive && before.labels != labels)
            m_listed.contradicting.note(*file);
        if (!m_exclusive)
            before.labels.insert(before.labels.end(), labels.begin(), labels.end());
    }

    TableFile m_table;
    ManifestColumns m_columns;
    PictureFinder m_finder;
    const DataSettings& m_settings;
    LeaveOut& m_leaveOut;
    bool m_exclusive;
    Listed m_listed;
    std::unordered_map<std::string, std::size_t> m_known; // file → entry
};

void warn(ImageFolder& out, const char* key, std::string message, std::string detail) {
    out.notes.findings.push_back(
        {.key = key, .severity = Severity::Warning, .message = std::move(message), .detail = std::move(detail)});
}

void tellTroubles(const Listed& listed, ImageFolder& out) {
    if (!listed.folder.empty())
        out.notes.facts.push_back(fmt::format("The table's names begin in {}.", listed.folder));
    if (const Trouble& missing = listed.missing; missing.rows > 0)
        warn(out, "data.path",
             fmt::format("{} of {} name{} pictures that are not there.", rowsWords(missing.rows), listed.rows,
                         missing.rows == 1 ? "s" : ""),
             fmt::format("Left out: {}.", missing.words()));
    if (const Trouble& none = listed.withoutLabel; none.rows > 0)
        warn(out, "data.path", fmt::format("{} without a class.", rowsWords(none.rows)),
             fmt::format("Left out: {}.", none.words()));
    if (const Trouble& several = listed.contradicting; several.rows > 0)
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

std::vector<int> indicesOf(const std::vector<std::string>& labels, const std::vector<std::string>& classes,
                           std::map<std::string, std::int64_t>& unknown) {
    std::set<int> indices;
    const auto matches = matchClasses(labels, classes);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (matches[i])
            indices.insert(static_cast<int>(*matches[i]));
        else
            ++unknown[labels[i]];
    }
    return {indices.begin(), indices.end()};
}

// Entries with a class that nobody learns are left out; of several labels those alone.
void addSamples(const std::vector<const Entry*>& entries, bool exclusive, const std::vector<std::string>& classes,
                std::vector<ImageSample>& samples, std::map<std::string, std::int64_t>& unknown) {
    for (const Entry* entry : entries) {
        std::vector<int> indices = indicesOf(entry->labels, classes, unknown);
        if (!exclusive)
            samples.push_back({entry->file, -1, std::move(indices)});
        else if (!indices.empty())
            samples.push_back({entry->file, indices.front(), {}});
    }
    std::ranges::sort(samples, {}, &ImageSample::file);
}

void tellUnknown(const std::map<std::string, std::int64_t>& unknown, bool exclusive, const std::string& owner,
                 ImageFolder& out) {
    if (unknown.empty())
        return;
    Trouble told;
    std::int64_t rows = 0;
    for (const auto& [label, count] : unknown) {
        rows += count;
        told.note(fmt::format("“{}”, nearest “{}”", label, nearestNames(label, out.classes, 1).front()));
        out.classesOnlyInValidation.push_back(label);
        if (exclusive)
            out.notes.noClasses.push_back({.name = label, .passedOver = {{"without a class to train", count}}});
    }
    if (exclusive)
        out.notes.validationLeftOut += rows;
    warn(out, "data.validation",
         fmt::format("{} of validation {} no class of {}; {} {}.",
                     unknown.size() == 1 ? "1 label" : fmt::format("{} labels", unknown.size()),
                     unknown.size() == 1 ? "is" : "are", owner,
                     exclusive ? rowsWords(rows) : fmt::format("{} marks", rows),
                     rows == 1 ? "is left out" : "are left out"),
         told.words() + ".");
}

std::vector<std::string> classesIn(const std::vector<const Entry*>& entries) {
    std::set<std::string> names;
    for (const Entry* entry : entries)
        names.insert(entry->labels.begin(), entry->labels.end());
    return {names.begin(), names.end()};
}

// Each class gives its share where a picture has one; else all together do.
void splitBySeed(const std::vector<const Entry*>& all, bool exclusive, double share, std::uint64_t seed,
                 std::vector<const Entry*>& train, std::vector<const Entry*>& validation) {
    std::map<std::string, std::vector<const Entry*>> groups;
    for (const Entry* entry : all)
        groups[exclusive ? entry->labels.front() : std::string()].push_back(entry);
    for (const auto& [name, entries] : groups) {
        std::vector<std::string> files;
        for (const Entry* entry : entries)
            files.push_back(entry->file);
        const std::vector<char> held = heldBack(files, share, seed);
        for (std::size_t i = 0; i < entries.size(); ++i)
            (held[i] != 0 ? validation : train).push_back(entries[i]);
    }
}

struct Parts {
    std::vector<const Entry*> train, validation;
    bool seeded = false;
};

Parts partsOf(const std::vector<Entry>& entries, const Experiment& experiment, bool exclusive, ImageFolder& out) {
    Parts parts;
    std::vector<const Entry*> test, rest;
    for (const Entry& entry : entries) {
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
        const std::vector<const Entry*> all = std::exchange(parts.train, {});
        splitBySeed(all, exclusive, experiment.data.validationShare, experiment.seed, parts.train, parts.validation);
    }
    return parts;
}

void requireEnough(const fs::path& file, const Listed& listed, const std::vector<std::string>& classes,
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

std::uint64_t fingerprintOf(const std::vector<Entry>& entries) {
    std::uint64_t sum = 0;
    for (const Entry& entry : entries) {
        std::uint64_t hash = hashText(entry.file);
        for (const std::string& label : entry.labels)
            hash = hashText(label, hash);
        sum += hash;
    }
    return sum;
}

void addMissing(const Listed& listed, ImageFolder& out) {
    out.passedOver.resize(out.classes.size());
    for (std::size_t i = 0; i < out.classes.size(); ++i)
        if (const auto found = listed.missingOf.find(out.classes[i]); found != listed.missingOf.end())
            merge(out.passedOver[i], {{"missing", found->second}});
}

} // namespace

ImageFolder openManifest(const Experiment& experiment) {
    DataSettings settings = experiment.data;
    const bool exclusive = findTask(settings.task).exclusive;
    const fs::path file = experiment.dataPath().lexically_normal();
    if (settings.validation == file.filename().string()) // the table itself says what validates
        settings.validation.clear();
    ImageFolder out;
    out.root = file.parent_path();
    LeaveOut leaveOut(settings.leaveOut);

    const fs::path second = settings.validation.empty() ? fs::path() : out.root / settings.validation;
    std::error_code code;
    const bool hasSecond = !second.empty() && fs::is_regular_file(second, code);
    Reader reader(file, settings, leaveOut, exclusive);
    Listed listed = reader.read(hasSecond ? Part::Train : Part::None);
    if (!settings.validation.empty() && !hasSecond && !reader.saysParts())
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} has no column of parts, and no table “{}” lies beside it.",
                                file.filename().string(), settings.validation),
                    "Correct data.validation or leave it empty.");
    for (const auto& [name, rows] : listed.otherParts)
        out.notes.unused.push_back({fmt::format("the rows of “{}”", name), rows, "neither training nor validation"});
    tellTroubles(listed, out);
    if (hasSecond) {
        Listed more = Reader(second, settings, leaveOut, exclusive).read(Part::Validation);
        tellTroubles(more, out);
        std::ranges::move(more.entries, std::back_inserter(listed.entries));
        out.validationFolder = settings.validation;
    }

    const Parts parts = partsOf(listed.entries, experiment, exclusive, out);
    out.seededSplit = parts.seeded;
    out.classes = classesIn(parts.train);
    requireEnough(file, listed, out.classes, exclusive);
    std::map<std::string, std::int64_t> unknown;
    addSamples(parts.train, exclusive, out.classes, out.train, unknown);
    addSamples(parts.validation, exclusive, out.classes, out.validation, unknown);
    out.trainFolder = file.filename().string();
    if (!parts.seeded && !hasSecond)
        out.validationFolder = out.trainFolder;
    addMissing(listed, out);
    tellUnknown(unknown, exclusive, "the training part", out);
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
    const Listed listed = Reader(file, settings, nothing, exclusive).read(Part::None);
    tellTroubles(listed, out);
    // A part of its own for judging is what is meant; else all rows are.
    std::vector<const Entry*> all, wanted;
    for (const Entry& entry : listed.entries) {
        all.push_back(&entry);
        if (entry.part == Part::Validation || entry.part == Part::Test)
            wanted.push_back(&entry);
    }
    std::map<std::string, std::int64_t> unknown;
    addSamples(wanted.empty() ? all : wanted, exclusive, classes, out.validation, unknown);
    addMissing(listed, out);
    tellUnknown(unknown, exclusive, "the model", out);
    if (out.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No row of {} has one of the model's classes.", file.filename().string()),
                    fmt::format("They are {}.", fmt::join(classes, ", ")));
    return out;
}

} // namespace engine
