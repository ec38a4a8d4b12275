#include "engine/text/textfile.h"

#include "engine/api/error.h"
#include "engine/base/textfile.h"
#include "engine/base/utf8.h"
#include "engine/models/weights/jsonreader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csv.h>
#include <fstream>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;
constexpr std::size_t kHeadRows = 100;
constexpr std::size_t kCellGrowth = std::size_t{1}
                                    << 20; // a cell of many megabytes is moved a few times, not at each 128 bytes
constexpr std::size_t kMostNamed = 20;     // columns that a sentence names

// What columns of texts and those beside them are called; the first ones are taken for texts.
constexpr std::array<std::string_view, 10> kTextNames{"text",    "sentence", "review",  "content",  "body",
                                                      "comment", "tweet",    "message", "document", "description"};
constexpr std::array<std::string_view, 9> kOtherNames{"label", "labels", "class", "category", "title",
                                                      "id",    "index",  "split", "sentiment"};

template <typename Names>
bool isOneOf(const Names& names, const std::string& cell) {
    return std::ranges::find(names, asciiLower(cell)) != names.end();
}

std::ifstream opened(const fs::path& file) {
    std::error_code code;
    if (!fs::exists(file, code))
        throw Error(ErrorKind::NotFound, fmt::format("There is no {}.", file.string()), "Choose a file of texts.");
    std::ifstream stream(file, std::ios::binary);
    if (!fs::is_regular_file(file, code) || !stream)
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot be read as a file.", file.string()),
                    "Choose a file of texts.");
    return stream;
}

template <typename Piece>
void eachPiece(const fs::path& file, const Piece& piece) {
    std::ifstream stream = opened(file);
    std::string buffer(kPieceBytes, '\0');
    while (stream) {
        stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        const auto count = static_cast<std::size_t>(stream.gcount());
        if (count > 0 && !piece(std::string_view(buffer).substr(0, count)))
            return;
    }
}

// libcsv's calls, gathered into rows.
struct CsvRows {
    const std::function<bool(const std::vector<std::string>&, std::int64_t)>& row;
    std::vector<std::string> cells;
    std::int64_t line = 1;    // that is being read
    std::int64_t rowLine = 1; // where the row begins
    std::size_t bytes = 0;    // of the row
    bool goesOn = true, tooWide = false;

    static void cell(void* text, std::size_t length, void* self) {
        auto& rows = *static_cast<CsvRows*>(self);
        rows.tooWide = rows.tooWide || rows.cells.size() >= TextFile::kMostColumns;
        if (!rows.tooWide)
            rows.cells.emplace_back(static_cast<const char*>(text), text == nullptr ? 0 : length);
    }
    static void end(int /*terminator*/, void* self) {
        auto& rows = *static_cast<CsvRows*>(self);
        if (rows.goesOn)
            rows.goesOn = rows.row(rows.cells, rows.rowLine);
        rows.cells.clear();
        rows.bytes = 0;
        rows.rowLine = rows.line + 1;
    }
};

} // namespace

TextFile::TextFile(fs::path file, std::vector<std::string> columns) : m_file(std::move(file)) {
    const std::string ending = asciiLower(m_file.extension().string());
    m_kind = ending == ".csv" || ending == ".tsv"        ? Kind::Csv
             : ending == ".jsonl" || ending == ".ndjson" ? Kind::Jsonl
                                                         : Kind::Lines;
    guess();
    if (m_kind == Kind::Lines && !columns.empty())
        throw Error(ErrorKind::BadInput, fmt::format("{} is no table: each line of it is a text.", m_file.string()),
                    "Leave the columns out, or choose a CSV, TSV or JSONL file.");
    if (m_kind == Kind::Csv)
        eachLine([this, &ending](std::string_view line, std::int64_t) {
            m_delimiter = ending == ".tsv" ? '\t' : delimiterOf(line);
            return false;
        });
    if (m_kind != Kind::Lines)
        findColumns(columns);
}

void TextFile::refuse(std::int64_t line, const std::string& what) const {
    throw Error(ErrorKind::BadInput, fmt::format("{}, line {}: {}", m_file.filename().string(), line, what),
                "Mend that line, or save the file again.");
}

void TextFile::guess() {
    EncodingGuess guess;
    eachPiece(m_file, [&](std::string_view piece) {
        guess.add(piece);
        return true;
    });
    m_encoding = guess.encoding();
    m_markBytes = guess.markBytes();
}

std::string TextFile::encodingWords() const {
    const char* name = textEncodingName(m_encoding);
    if (m_encoding == TextEncoding::Windows1252)
        return fmt::format("{} (its bytes are no UTF-8)", name);
    return m_markBytes > 0 ? fmt::format("{} by its byte-order mark", name) : name;
}

std::uint64_t TextFile::eachLine(const Line& line) const {
    TextDecoder decoder(m_encoding);
    std::string text;
    std::int64_t number = 1;
    std::size_t skip = m_markBytes, scanned = 0;
    bool goesOn = true;
    const auto takeLines = [&](bool last) {
        std::size_t begin = 0;
        for (std::size_t end = text.find('\n', scanned); goesOn && end != std::string::npos;
             end = text.find('\n', begin)) {
            goesOn = line(std::string_view(text).substr(begin, end - begin), number++);
            begin = end + 1;
        }
        if (last && goesOn && begin < text.size())
            goesOn = line(std::string_view(text).substr(begin), number);
        text.erase(0, begin);
        scanned = text.size();
        if (text.size() > kMostRowBytes)
            refuse(number, fmt::format("it is longer than {} MB.", kMostRowBytes >> 20));
    };
    eachPiece(m_file, [&](std::string_view piece) {
        const std::size_t mark = std::min(skip, piece.size());
        skip -= mark;
        decoder.decode(piece.substr(mark), text);
        takeLines(false);
        return goesOn;
    });
    if (goesOn) {
        decoder.finish(text);
        scanned = 0;
        takeLines(true);
    }
    return decoder.broken();
}

std::uint64_t TextFile::eachCsvRow(const Cells& row) const {
    csv_parser parser{};
    if (csv_init(&parser, 0) != 0)
        throw std::bad_alloc();
    const std::unique_ptr<csv_parser, decltype(&csv_free)> owner(&parser, &csv_free);
    csv_set_delim(&parser, static_cast<unsigned char>(m_delimiter));
    csv_set_blk_size(&parser, kCellGrowth);
    CsvRows rows{.row = row, .cells = {}};
    const auto feed = [&](std::string_view bytes) {
        if (csv_parse(&parser, bytes.data(), bytes.size(), &CsvRows::cell, &CsvRows::end, &rows) != bytes.size())
            refuse(rows.rowLine, fmt::format("{}.", csv_strerror(csv_error(&parser))));
    };
    const std::uint64_t broken = eachLine([&](std::string_view line, std::int64_t number) {
        rows.line = number;
        rows.bytes += line.size() + 1;
        feed(line);
        feed("\n");
        if (rows.tooWide)
            refuse(rows.rowLine, fmt::format("more than {} columns.", kMostColumns));
        if (rows.bytes > kMostRowBytes)
            refuse(rows.rowLine, fmt::format("a quote is not closed within {} MB.", kMostRowBytes >> 20));
        return rows.goesOn;
    });
    if (rows.goesOn && csv_fini(&parser, &CsvRows::cell, &CsvRows::end, &rows) != 0)
        refuse(rows.rowLine, fmt::format("{}.", csv_strerror(csv_error(&parser))));
    return broken;
}

std::uint64_t TextFile::eachJsonRow(const Cells& row) const {
    std::vector<std::string> cells;
    return eachLine([&](std::string_view line, std::int64_t number) {
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            return true;
        cells.assign(m_columns.size(), {});
        try {
            JsonReader json(line, "it", 0);
            json.beginObject();
            for (std::string key; json.nextKey(key);) {
                const auto column = std::ranges::find(m_columns, key);
                if (json.kind() != JsonReader::Kind::Text || (column == m_columns.end() && m_hasNames)) {
                    json.skipValue();
                    continue;
                }
                const auto place = static_cast<std::size_t>(column - m_columns.begin());
                if (place < cells.size())
                    cells[place] = json.text();
                else
                    json.skipValue();
            }
            json.end();
        } catch (const Error& error) {
            refuse(number, fmt::format("this is no JSON object: {}", error.what()));
        }
        return row(cells, number);
    });
}

std::uint64_t TextFile::eachRow(const Cells& row) const {
    if (m_kind == Kind::Jsonl)
        return eachJsonRow(row);
    bool first = m_hasNames;
    return eachCsvRow([&](const std::vector<std::string>& cells, std::int64_t line) {
        return std::exchange(first, false) || row(cells, line);
    });
}

std::uint64_t TextFile::forEach(const Text& text) const {
    if (m_kind == Kind::Lines)
        return eachLine([&](std::string_view line, std::int64_t number) {
            return text(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, number);
        });
    std::string joined;
    return eachRow([&](const std::vector<std::string>& cells, std::int64_t line) {
        joined.clear();
        for (const std::size_t column : m_chosen) {
            const std::string_view cell = column < cells.size() ? std::string_view(cells[column]) : std::string_view();
            if (!joined.empty() && !cell.empty())
                joined += ' ';
            joined += cell;
        }
        return text(joined, line);
    });
}

std::vector<std::vector<std::string>> TextFile::head() const {
    std::vector<std::vector<std::string>> rows;
    eachRow([&](const std::vector<std::string>& cells, std::int64_t) {
        rows.push_back(cells);
        return rows.size() < kHeadRows;
    });
    return rows;
}

void TextFile::findColumns(const std::vector<std::string>& wanted) {
    if (m_kind == Kind::Jsonl) {
        eachLine([this](std::string_view line, std::int64_t number) {
            if (line.find_first_not_of(" \t\r") == std::string_view::npos)
                return true;
            try {
                JsonReader json(line, "it", 0);
                json.beginObject();
                for (std::string key; json.nextKey(key) && m_columns.size() < kMostColumns; json.skipValue())
                    m_columns.push_back(key);
            } catch (const Error& error) {
                refuse(number, fmt::format("this is no JSON object: {}", error.what()));
            }
            return false;
        });
        m_hasNames = true;
    } else {
        eachCsvRow([this](const std::vector<std::string>& cells, std::int64_t) {
            m_columns = cells;
            return false;
        });
        const auto isWanted = [&](const std::string& cell) {
            return std::ranges::find(wanted, cell) != wanted.end() && cell.find_first_not_of("0123456789") != cell.npos;
        };
        m_hasNames = std::ranges::any_of(m_columns, [&](const std::string& cell) {
            return isOneOf(kTextNames, cell) || isOneOf(kOtherNames, cell) || isWanted(cell);
        });
        if (!m_hasNames)
            for (std::size_t i = 0; i < m_columns.size(); ++i)
                m_columns[i] = std::to_string(i + 1);
    }
    if (m_columns.empty())
        throw Error(ErrorKind::BadInput, fmt::format("{} is empty.", m_file.string()),
                    "Choose a table with a text in each row.");
    for (const std::string& name : wanted) {
        std::size_t number = 0;
        const auto named = std::ranges::find(m_columns, name);
        const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (named != m_columns.end()) {
            m_chosen.push_back(static_cast<std::size_t>(named - m_columns.begin()));
        } else if (problem == std::errc{} && end == name.data() + name.size() && number >= 1 &&
                   number <= m_columns.size()) {
            m_chosen.push_back(number - 1);
        } else {
            const std::vector<std::string> shown(
                m_columns.begin(),
                m_columns.begin() + static_cast<std::ptrdiff_t>(std::min(kMostNamed, m_columns.size())));
            throw Error(ErrorKind::BadInput, fmt::format("{} has no column “{}”.", m_file.string(), name),
                        fmt::format("Its columns are {}.", fmt::join(shown, ", ")));
        }
    }
    if (!m_chosen.empty())
        return;
    for (std::size_t i = 0; i < m_columns.size() && m_chosen.empty() && m_hasNames; ++i)
        if (isOneOf(kTextNames, m_columns[i]))
            m_chosen = {i};
    if (!m_chosen.empty())
        return;
    std::vector<std::size_t> bytes(m_columns.size());
    for (const std::vector<std::string>& cells : head())
        for (std::size_t i = 0; i < std::min(cells.size(), bytes.size()); ++i)
            bytes[i] += cells[i].size();
    m_chosen = {static_cast<std::size_t>(std::ranges::max_element(bytes) - bytes.begin())};
}

} // namespace engine
