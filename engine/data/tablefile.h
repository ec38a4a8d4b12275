#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace engine {

// The rows of a file of comma- or tab-separated values (CSV by RFC 4180, also with semicolons), or of one JSON object a
// line. Cells are text; the entries of a JSON list stand in one cell, a line each.
class TableFile final {
public:
    // Finds out what it is by its ending and its first lines. Throws Error(NotFound | BadInput). Any thread.
    explicit TableFile(const std::filesystem::path& file);
    // The same of a file's text.
    TableFile(std::filesystem::path name, std::string text);

    // Of the first line, or of the first object; "1", "2", … where the first line is a row already.
    [[nodiscard]] const std::vector<std::string>& columns() const { return m_columns; }
    // Calls for each row with as many cells as there are columns and its line (1-based), until it answers false. Throws
    // Error(BadInput) that names the line of what is no row.
    using Row = std::function<bool(std::span<const std::string> cells, std::int64_t line)>;
    void forEachRow(const Row& row) const;
    // The first `most` rows.
    [[nodiscard]] std::vector<std::vector<std::string>> head(std::size_t most) const;

private:
    void forEachLine(const Row& row) const; // the first line, too
    void forEachObject(const Row& row) const;

    std::filesystem::path m_file;
    std::string m_text;
    bool m_json = false;
    char m_delimiter = ',';
    bool m_firstIsRow = false;
    std::vector<std::string> m_columns;
};

// Whether a file of this name is read as a table: .csv, .tsv, .jsonl, .ndjson.
[[nodiscard]] bool isTableName(const std::filesystem::path& file);

} // namespace engine
