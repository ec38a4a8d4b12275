#include "engine/data/manifestcolumns.h"

#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/base/nearest.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRowsLookedAt = 200;
constexpr std::size_t kMostColumnsNamed = 12;
constexpr std::size_t kMostFolders = 500; // beside the table that names may begin in
constexpr std::size_t kTried = 8;         // names in each of these with each ending

// Names as looseName() gives them.
constexpr std::array<std::string_view, 9> kLabelNames{"label",      "labels", "class",  "classes",  "category",
                                                      "categories", "tags",   "target", "diagnosis"};
constexpr std::array<std::string_view, 8> kSplitNames{"split",     "set",   "subset",   "part",
                                                      "partition", "phase", "is valid", "is validation"};

bool isOneOf(std::span<const std::string_view> names, const std::string& column) {
    return std::ranges::find(names, looseName(column)) != names.end();
}

bool isYes(const std::string& cell) {
    const std::string word = looseName(cell);
    return word == "1" || word == "true" || word == "yes" || cell == "1.0";
}

bool isYesOrNo(const std::string& cell) {
    const std::string word = looseName(cell);
    return cell.empty() || isYes(cell) || word == "0" || word == "false" || word == "no" || cell == "0.0";
}

std::string columnsWords(const TableFile& table) {
    const auto& all = table.columns();
    const std::size_t shown = std::min(all.size(), kMostColumnsNamed);
    return fmt::format("Its columns are {}{}.", fmt::join(all.begin(), all.begin() + std::ptrdiff_t(shown), ", "),
                       all.size() > shown ? fmt::format(" and {} more", all.size() - shown) : "");
}

std::size_t columnCalled(const TableFile& table, const std::string& name, const char* key) {
    const auto found = std::ranges::find(table.columns(), name);
    if (found == table.columns().end())
        throw Error(ErrorKind::BadInput, fmt::format("The table has no column “{}”.", name),
                    fmt::format("Correct {} or leave it empty. {}", key, columnsWords(table)));
    return static_cast<std::size_t>(found - table.columns().begin());
}

std::vector<std::string> columnOf(const std::vector<std::vector<std::string>>& rows, std::size_t column) {
    std::vector<std::string> cells;
    for (const auto& row : rows)
        if (!row[column].empty())
            cells.push_back(row[column]);
    return cells;
}

// The column whose cells are most often pictures that are there.
std::size_t fileColumn(const TableFile& table, const std::vector<std::vector<std::string>>& rows,
                       const fs::path& root) {
    std::size_t best = 0, most = 0;
    for (std::size_t column = 0; column < table.columns().size(); ++column) {
        const auto cells = columnOf(rows, column);
        if (std::ranges::all_of(cells, isYesOrNo))
            continue;
        if (const std::size_t found = PictureFinder(root, cells).found(); found > most) {
            most = found;
            best = column;
        }
    }
    if (most == 0)
        throw Error(ErrorKind::BadInput,
                    fmt::format("No column of the table names pictures that lie in {}.", root.string()),
                    fmt::format("Names are taken relative to the table; put it beside its pictures, or name the column "
                                "with data.file_column. {}",
                                columnsWords(table)));
    return best;
}

std::optional<std::size_t> splitColumn(const TableFile& table, const std::vector<std::vector<std::string>>& rows) {
    for (std::size_t column = 0; column < table.columns().size(); ++column) {
        if (!isOneOf(kSplitNames, table.columns()[column]))
            continue;
        const auto cells = columnOf(rows, column);
        if (std::ranges::all_of(
                cells, [&](const std::string& cell) { return partIn(cell, table.columns()[column]) != Part::None; }))
            return column;
    }
    return {};
}

// The one called so, else all that say 0 and 1, else the only one that is left.
std::vector<std::size_t> labelColumns(const TableFile& table, const std::vector<std::vector<std::string>>& rows,
                                      const ManifestColumns& known) {
    std::vector<std::size_t> others, yesNo;
    for (std::size_t column = 0; column < table.columns().size(); ++column) {
        if (column == known.file || column == known.split)
            continue;
        if (isOneOf(kLabelNames, table.columns()[column]))
            return {column};
        others.push_back(column);
        if (const auto cells = columnOf(rows, column); !cells.empty() && std::ranges::all_of(cells, isYesOrNo))
            yesNo.push_back(column);
    }
    if (yesNo.size() > 1)
        return yesNo;
    if (others.size() == 1)
        return others;
    throw Error(ErrorKind::BadInput, "It is not clear which column of the table holds the labels.",
                fmt::format("Name it, or one for each label, with data.label_columns. {}", columnsWords(table)));
}

// What parts the labels of one cell: the first of these that stands in any, or spaces where that makes labels come
// again.
std::string separatorsOf(const std::string& column, const std::vector<std::string>& cells) {
    for (const char* separator : {"\n", "|", ";", ","})
        if (std::ranges::any_of(cells,
                                [&](const std::string& cell) { return cell.find(separator) != std::string::npos; }))
            return separator;
    const std::set<std::string> whole(cells.begin(), cells.end());
    std::set<std::string> words;
    for (const std::string& cell : whole)
        for (std::size_t at = 0; at < cell.size();) {
            const std::size_t end = std::min(cell.find(' ', at), cell.size());
            words.insert(cell.substr(at, end - at));
            at = end + 1;
        }
    const bool several = looseName(column).ends_with('s'); // labels, tags
    return words.size() < whole.size() + (several ? 1 : 0) ? " " : "";
}

// Of "['cat', 'dog']" the inside.
std::string_view withoutBrackets(std::string_view cell) {
    if (cell.size() > 1 && cell.front() == '[' && cell.back() == ']')
        return cell.substr(1, cell.size() - 2);
    return cell;
}

std::string_view bare(std::string_view label) {
    constexpr std::string_view kAround = " \t\r'\"";
    const std::size_t begin = label.find_first_not_of(kAround);
    if (begin == std::string_view::npos)
        return {};
    return label.substr(begin, label.find_last_not_of(kAround) + 1 - begin);
}

} // namespace

PictureFinder::PictureFinder(fs::path root, std::span<const std::string> examples) : m_root(std::move(root)) {
    std::vector<std::string> tried; // from all over the examples
    const std::size_t stride = std::max<std::size_t>(1, examples.size() / kTried);
    for (std::size_t i = 0; i < examples.size() && tried.size() < kTried; i += stride)
        tried.push_back(examples[i]);
    if (!fit(tried, {""})) {
        std::vector<std::string> folders;
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(m_root, code))
            if (entry.is_directory(code) && folders.size() < kMostFolders)
                folders.push_back(entry.path().filename().string() + "/");
        std::ranges::sort(folders);
        if (!fit(tried, folders))
            return;
    }
    for (const std::string& example : examples)
        m_found += find(example) ? 1 : 0;
}

// Takes the folder and the ending with which most names are there. False: none is.
bool PictureFinder::fit(std::span<const std::string> names, const std::vector<std::string>& folders) {
    std::vector<std::string> endings{""};
    endings.insert(endings.end(), pictureEndings().begin(), pictureEndings().end());
    std::size_t most = 0;
    for (const std::string& folder : folders)
        for (const std::string& ending : endings) {
            std::size_t found = 0;
            for (const std::string& name : names)
                found += isThere(m_root / (folder + name + ending)) ? 1 : 0;
            if (found <= most)
                continue;
            most = found;
            m_folder = folder;
            m_ending = ending;
        }
    return most > 0;
}

bool PictureFinder::isThere(const fs::path& file) {
    const fs::path folder = file.parent_path();
    auto [listing, isNew] = m_listings.try_emplace(folder.native());
    if (isNew) {
        std::error_code code;
        for (const auto& entry : fs::directory_iterator(folder, code))
            if (!entry.is_directory(code))
                listing->second.insert(entry.path().filename().string());
    }
    return listing->second.contains(file.filename().native());
}

std::optional<std::string> PictureFinder::find(const std::string& name) {
    if (name.empty())
        return {};
    const std::string file = fs::path(name).is_absolute() ? name : m_folder + name + m_ending;
    return isThere(m_root / file) ? std::optional(file) : std::nullopt;
}

ManifestColumns findColumns(const TableFile& table, const DataSettings& settings, const fs::path& root) {
    const auto rows = table.head(kRowsLookedAt);
    if (rows.empty())
        throw Error(ErrorKind::BadInput, "The table has no row below its heads.", "Choose one that names pictures.");
    ManifestColumns columns;
    columns.file = settings.fileColumn.empty() ? fileColumn(table, rows, root)
                                               : columnCalled(table, settings.fileColumn, "data.file_column");
    columns.split = settings.splitColumn.empty()
                        ? splitColumn(table, rows)
                        : std::optional(columnCalled(table, settings.splitColumn, "data.split_column"));
    for (const std::string& name : settings.labelColumns)
        columns.labels.push_back(columnCalled(table, name, "data.label_columns"));
    if (columns.labels.empty())
        columns.labels = labelColumns(table, rows, columns);
    columns.oneForEach = columns.labels.size() > 1;
    if (!columns.oneForEach)
        columns.separators =
            separatorsOf(table.columns()[columns.labels.front()], columnOf(rows, columns.labels.front()));
    return columns;
}

std::vector<std::string> labelsIn(std::span<const std::string> cells, const ManifestColumns& columns,
                                  const std::vector<std::string>& names) {
    std::vector<std::string> labels;
    if (columns.oneForEach) {
        for (const std::size_t column : columns.labels)
            if (isYes(cells[column]))
                labels.push_back(names[column]);
        return labels;
    }
    std::string_view rest = withoutBrackets(cells[columns.labels.front()]);
    while (!rest.empty()) {
        const std::size_t end =
            std::min(columns.separators.empty() ? rest.size() : rest.find(columns.separators), rest.size());
        if (const std::string_view label = bare(rest.substr(0, end)); !label.empty())
            labels.emplace_back(label);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return labels;
}

Part partIn(const std::string& cell, const std::string& column) {
    if (looseName(column).starts_with("is valid"))
        return isYes(cell) ? Part::Validation : isYesOrNo(cell) ? Part::Train : Part::None;
    return partName(cell).part;
}

} // namespace engine
