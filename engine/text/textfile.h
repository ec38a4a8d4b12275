#pragma once

#include "engine/text/textencoding.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Texts in a file, one after the other: its lines, or columns of a table (CSV, TSV, JSONL). However large the file, no
// more of it is in memory than a row. Encoding and columns are found out when it is opened.
class TextFile final {
public:
    static constexpr std::size_t kMostRowBytes = std::size_t{64} << 20;
    static constexpr std::size_t kMostColumns = 10'000;

    enum class Kind { Lines, Csv, Jsonl };

    // `columns`: names, or numbers from 1 on; several are joined with a blank; none: the one that looks like text.
    // Throws Error(NotFound | BadInput) that names the columns that are there.
    explicit TextFile(std::filesystem::path file, std::vector<std::string> columns = {});

    // `line`: where it begins, from 1 on; false ends it. Throws Error(BadInput) that names the line of what is no row.
    using Text = std::function<bool(std::string_view utf8, std::int64_t line)>;
    // From the beginning, every time. Returns how many pieces of bytes were no characters.
    std::uint64_t forEach(const Text& text) const;

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] TextEncoding encoding() const { return m_encoding; }
    // In words: "UTF-16LE", "Windows-1252 (its bytes are no UTF-8)".
    [[nodiscard]] std::string encodingWords() const;
    [[nodiscard]] const std::vector<std::string>& columns() const { return m_columns; } // of a table
    [[nodiscard]] const std::vector<std::size_t>& chosen() const { return m_chosen; }   // places in columns()

private:
    using Cells = std::function<bool(const std::vector<std::string>& cells, std::int64_t line)>;
    using Line = std::function<bool(std::string_view line, std::int64_t number)>;

    void guess();
    void findColumns(const std::vector<std::string>& wanted);
    [[nodiscard]] std::vector<std::vector<std::string>> head() const;
    // Each line without its end, in UTF-8.
    std::uint64_t eachLine(const Line& line) const;
    std::uint64_t eachCsvRow(const Cells& row) const;
    std::uint64_t eachJsonRow(const Cells& row) const;
    std::uint64_t eachRow(const Cells& row) const;
    [[noreturn]] void refuse(std::int64_t line, const std::string& what) const;

    std::filesystem::path m_file;
    Kind m_kind = Kind::Lines;
    TextEncoding m_encoding = TextEncoding::Utf8;
    std::size_t m_markBytes = 0;
    char m_delimiter = ',';
    bool m_hasNames = false; // the first row of a CSV
    std::vector<std::string> m_columns;
    std::vector<std::size_t> m_chosen;
};

} // namespace engine
