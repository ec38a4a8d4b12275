#include "engine/data/manifestrows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace engine {
namespace {

constexpr std::size_t kMostNamed = 4;
constexpr std::size_t kExamples = 200;

} // namespace

void RowTrouble::note(const std::string& what) {
    ++rows;
    if (named.size() < kMostNamed)
        named.push_back(what);
}

std::string RowTrouble::words() const {
    return fmt::format("{}{}", fmt::join(named, ", "), rows > static_cast<std::int64_t>(named.size()) ? ", …" : "");
}

ManifestReader::ManifestReader(const std::filesystem::path& file, const DataSettings& settings, LeaveOut& leaveOut,
                               bool exclusive)
    : m_table(file),
      m_columns(findColumns(m_table, settings, file.parent_path())),
      m_finder(file.parent_path(), examples()),
      m_settings(settings),
      m_leaveOut(leaveOut),
      m_exclusive(exclusive) {
    m_rows.folder = m_finder.folder();
    m_rows.severalInACell =
        exclusive && !m_columns.separators.empty() && m_columns.separators != "," && m_columns.separators != " ";
    if (exclusive) // a cell is the class as it stands there
        m_columns.separators.clear();
}

ManifestRows ManifestReader::read(Part part) {
    m_table.forEachRow([&](std::span<const std::string> cells, std::int64_t /*line*/) {
        ++m_rows.rows;
        take(cells, part);
        return true;
    });
    return std::move(m_rows);
}

std::vector<std::string> ManifestReader::examples() const {
    std::vector<std::string> names;
    for (auto& row : m_table.head(kExamples))
        names.push_back(std::move(row[m_columns.file]));
    return names;
}

Part ManifestReader::partOfRow(std::span<const std::string> cells) const {
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

void ManifestReader::take(std::span<const std::string> cells, Part part) {
    const std::string& name = cells[m_columns.file];
    std::vector<std::string> labels = labelsIn(cells, m_columns, m_table.columns());
    const auto file = m_finder.find(name);
    if (!file) {
        m_rows.missing.note(name.empty() ? "a row without a name" : name);
        for (const std::string& label : labels)
            ++m_rows.missingOf[label];
        return;
    }
    if (m_leaveOut.takes(*file))
        return;
    if (part == Part::None)
        part = partOfRow(cells);
    if (part == Part::Unsorted) {
        ++m_rows.otherParts[cells[*m_columns.split]];
        return;
    }
    if (m_exclusive && labels.size() != 1) {
        (labels.empty() ? m_rows.withoutLabel : m_rows.contradicting).note(*file);
        return;
    }
    const auto [known, isNew] = m_known.try_emplace(*file, m_rows.entries.size());
    if (isNew) {
        m_rows.entries.push_back({*file, std::move(labels), part});
        return;
    }
    ManifestEntry& before = m_rows.entries[known->second];
    if (m_exclusive && before.labels != labels)
        m_rows.contradicting.note(*file);
    if (!m_exclusive)
        before.labels.insert(before.labels.end(), labels.begin(), labels.end());
}

} // namespace engine
