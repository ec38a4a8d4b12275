#include "engine/data/tablefile.h"

#include "engine/api/error.h"
#include "engine/base/textfile.h"
#include "engine/base/utf8.h"
#include "engine/data/pictureformats.h"

#include <algorithm>
#include <array>
#include <csv.h>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 4> kEndings{".csv", ".tsv", ".jsonl", ".ndjson"};
constexpr std::size_t kMostColumns = 10'000;
constexpr std::size_t kLookedThrough = std::size_t{1} << 16; // for bytes that are no text

// Control characters other than tabs and ends of lines stand in no table.
bool isText(std::string_view bytes) {
    return std::ranges::none_of(bytes, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    });
}

std::string_view firstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string trimmed(std::string text) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && space(text.back()))
        text.pop_back();
    text.erase(text.begin(), std::ranges::find_if_not(text, space));
    return text;
}

std::string asText(const json& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return {};
    if (!value.is_array())
        return value.dump();
    std::string lines;
    for (const json& entry : value) {
        if (!lines.empty())
            lines += '\n';
        lines += entry.is_structured() ? entry.dump() : asText(entry); // no deeper
    }
    return lines;
}

[[noreturn]] void refuse(const fs::path& file, std::int64_t line, const std::string& what) {
    throw Error(ErrorKind::BadInput, fmt::format("{}, line {}: {}", file.filename().string(), line, what),
                "Mend that line, or save the table again.");
}

// libcsv's calls, gathered into rows.
struct CsvRows {
    const TableFile::Row& row;
    std::vector<std::string> cells;
    std::int64_t line = 1;
    bool goesOn = true;
    bool tooWide = false;

    static void cell(void* text, std::size_t length, void* self) {
        auto& rows = *static_cast<CsvRows*>(self);
        rows.tooWide = rows.tooWide || rows.cells.size() >= kMostColumns;
        if (!rows.tooWide)
            rows.cells.push_back(
                trimmed(text == nullptr ? std::string() : std::string(static_cast<char*>(text), length)));
    }
    static void end(int /*terminator*/, void* self) {
        auto& rows = *static_cast<CsvRows*>(self);
        const bool empty = rows.cells.size() == 1 && rows.cells.front().empty();
        if (rows.goesOn && !empty)
            rows.goesOn = rows.row(rows.cells, rows.line);
        rows.cells.clear();
    }
};

bool isPictureName(const std::string& cell) { return fileKind(fs::path(cell)) == FileKind::Picture; }

} // namespace

bool isTableName(const fs::path& file) {
    return std::ranges::find(kEndings, asciiLower(file.extension().string())) != kEndings.end();
}

TableFile::TableFile(const fs::path& file) : TableFile(file, readTextFile(file)) {}

TableFile::TableFile(fs::path name, std::string text) : m_file(std::move(name)), m_text(std::move(text)) {
    const std::string ending = asciiLower(m_file.extension().string());
    const std::size_t begin = m_text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos)
        throw Error(ErrorKind::BadInput, fmt::format("{} is empty.", m_file.filename().string()),
                    "Choose a table with a row for each picture.");
    if (!isText(std::string_view(m_text).substr(0, kLookedThrough)))
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} is no table: it holds bytes that are no text.", m_file.filename().string()),
                    "Choose a file of comma-separated values (CSV), TSV or JSONL.");
    m_json =
        ending == ".jsonl" || ending == ".ndjson" || (ending != ".csv" && ending != ".tsv" && m_text[begin] == '{');
    if (m_json) {
        const json first = json::parse(firstLine(std::string_view(m_text).substr(begin)), nullptr, false);
        if (!first.is_object())
            refuse(m_file, 1, "this is no JSON object.");
        for (const auto& [column, value] : first.items())
            m_columns.push_back(column);
        return;
    }
    m_delimiter = ending == ".tsv" ? '\t' : delimiterOf(firstLine(m_text));
    forEachLine([this](std::span<const std::string> cells, std::int64_t) {
        m_columns.assign(cells.begin(), cells.end());
        return false;
    });
    m_firstIsRow = std::ranges::any_of(m_columns, isPictureName);
    if (m_firstIsRow)
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            m_columns[i] = std::to_string(i + 1);
}

void TableFile::forEachLine(const Row& row) const {
    csv_parser parser{};
    if (csv_init(&parser, CSV_APPEND_NULL) != 0)
        throw std::bad_alloc();
    const std::unique_ptr<csv_parser, decltype(&csv_free)> owner(&parser, &csv_free);
    csv_set_delim(&parser, static_cast<unsigned char>(m_delimiter));
    CsvRows rows{.row = row, .cells = {}};
    // A line at a time, so that each row knows where it begins.
    for (std::size_t at = 0; at < m_text.size() && rows.goesOn && !rows.tooWide;) {
        const std::size_t next = std::min(m_text.find('\n', at), m_text.size() - 1) + 1;
        if (csv_parse(&parser, m_text.data() + at, next - at, &CsvRows::cell, &CsvRows::end, &rows) != next - at)
            refuse(m_file, rows.line, csv_strerror(csv_error(&parser)));
        at = next;
        ++rows.line;
    }
    if (rows.tooWide)
        refuse(m_file, rows.line, fmt::format("more than {} columns.", kMostColumns));
    if (rows.goesOn && csv_fini(&parser, &CsvRows::cell, &CsvRows::end, &rows) != 0)
        refuse(m_file, rows.line, csv_strerror(csv_error(&parser)));
}

void TableFile::forEachObject(const Row& row) const {
    std::vector<std::string> cells(m_columns.size());
    std::int64_t line = 0;
    for (std::size_t at = 0; at < m_text.size();) {
        const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
        const std::string_view text = std::string_view(m_text).substr(at, end - at);
        at = end + 1;
        ++line;
        if (text.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        const json object = json::parse(text, nullptr, false);
        if (!object.is_object())
            refuse(m_file, line, "this is no JSON object.");
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const auto value = object.find(m_columns[i]);
            cells[i] = value == object.end() ? std::string() : asText(*value);
        }
        if (!row(cells, line))
            return;
    }
}

void TableFile::forEachRow(const Row& row) const {
    if (m_json) {
        forEachObject(row);
        return;
    }
    bool first = !m_firstIsRow;
    forEachLine([&](std::span<const std::string> cells, std::int64_t line) {
        if (std::exchange(first, false))
            return true;
        if (cells.size() == m_columns.size())
            return row(cells, line);
        if (cells.size() > m_columns.size())
            refuse(m_file, line, fmt::format("{} cells where there are {} columns.", cells.size(), m_columns.size()));
        std::vector<std::string> whole(cells.begin(), cells.end()); // the last ones are empty
        whole.resize(m_columns.size());
        return row(whole, line);
    });
}

std::vector<std::vector<std::string>> TableFile::head(std::size_t most) const {
    std::vector<std::vector<std::string>> rows;
    forEachRow([&](std::span<const std::string> cells, std::int64_t) {
        rows.emplace_back(cells.begin(), cells.end());
        return rows.size() < most;
    });
    return rows;
}

} // namespace engine
