#include "engine/runs/labels.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/filelock.h"
#include "engine/base/textfile.h"
#include "engine/base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <csv.h>
#include <ctime>
#include <fmt/format.h>
#include <memory>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr const char* kLock = ".label-changes.lock";
constexpr std::array<const char*, 5> kColumns{"file", "class", "was", "when", "data"};

std::string timeText(double time) {
    const auto seconds = static_cast<std::time_t>(time);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

// 0 where a person wrote it otherwise: nothing depends on it.
double timeOf(const std::string& text) {
    std::tm utc{};
    const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return end != nullptr && *end == '\0' ? static_cast<double>(timegm(&utc)) : 0;
}

std::string cell(const std::string& bytes) {
    const std::string text = utf8FromBytes(bytes);
    std::string quoted;
    for (const char c : text)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return '"' + quoted + '"';
}

// Data beside the list are named from it, so that both can be moved together.
std::string rootText(const fs::path& root, const fs::path& folder) {
    if (root.empty())
        return {};
    const fs::path inside = root.lexically_relative(folder);
    return inside.empty() || *inside.begin() == ".." ? root.string() : inside.string();
}

fs::path rootOf(const std::string& text, const fs::path& folder) {
    return text.empty() ? fs::path() : normalFolder(folder / text);
}

// libcsv's calls, gathered into rows.
struct Rows {
    std::vector<std::vector<std::string>> rows{{}};

    static void cell(void* text, std::size_t length, void* self) {
        static_cast<Rows*>(self)->rows.back().emplace_back(static_cast<const char*>(text), text ? length : 0);
    }
    static void end(int /*terminator*/, void* self) { static_cast<Rows*>(self)->rows.emplace_back(); }
};

std::vector<std::vector<std::string>> rowsOf(const fs::path& file) {
    const std::string text = readTextFile(file);
    const std::string_view head = std::string_view(text).substr(0, text.find('\n'));
    csv_parser parser{};
    if (csv_init(&parser, CSV_APPEND_NULL) != 0)
        throw std::bad_alloc();
    const std::unique_ptr<csv_parser, void (*)(csv_parser*)> owner(&parser, &csv_free);
    if (head.find(';') != std::string_view::npos) // as some spreadsheets save it
        csv_set_delim(&parser, ';');
    Rows rows;
    csv_parse(&parser, text.data(), text.size(), &Rows::cell, &Rows::end, &rows);
    csv_fini(&parser, &Rows::cell, &Rows::end, &rows);
    std::erase_if(rows.rows, [](const auto& row) { return row.empty(); });
    return std::move(rows.rows);
}

// Of each column its place in the rows; the last ones may be missing.
std::array<std::size_t, kColumns.size()> placesOf(const std::vector<std::string>& head, const fs::path& file) {
    std::array<std::size_t, kColumns.size()> places{};
    for (std::size_t i = 0; i < kColumns.size(); ++i)
        places[i] = static_cast<std::size_t>(std::ranges::find(head, kColumns[i]) - head.begin());
    for (std::size_t i = 0; i < 2; ++i)
        if (places[i] == head.size())
            throw Error(ErrorKind::BadInput, fmt::format("{} has no column “{}”.", file.string(), kColumns[i]),
                        "Its first line is: file,class,was,when,data. Mend it, or move the file away.");
    return places;
}

void writeList(const fs::path& folder, const std::vector<LabelChange>& list) {
    std::string text = fmt::format("{},{},{},{},{}\n", kColumns[0], kColumns[1], kColumns[2], kColumns[3], kColumns[4]);
    for (const LabelChange& change : list)
        text += fmt::format("{},{},{},{},{}\n", cell(change.file), cell(change.label), cell(change.was),
                            timeText(change.time), cell(rootText(change.root, normalFolder(folder))));
    writeFileAtomically(folder / kLabelChangesFile, text);
}

std::string counted(std::size_t count, const char* one, const char* several) {
    return count == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", count, several);
}

} // namespace

fs::path normalFolder(const fs::path& path) {
    std::error_code code;
    const fs::path whole = fs::absolute(path, code).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

std::vector<LabelChange> readLabelChanges(const fs::path& folder) {
    const fs::path file = folder / kLabelChangesFile;
    std::error_code code;
    if (!fs::exists(file, code))
        return {};
    const auto rows = rowsOf(file);
    std::vector<LabelChange> list;
    if (rows.empty())
        return list;
    const auto places = placesOf(rows.front(), file);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto text = [&](std::size_t column) {
            return places[column] < rows[i].size() ? bytesFromUtf8(rows[i][places[column]]) : std::string();
        };
        if (!text(0).empty())
            list.push_back({rootOf(text(4), folder), text(0), text(1), text(2), timeOf(text(3))});
    }
    return list;
}

void editLabelChanges(const fs::path& folder, const std::function<void(std::vector<LabelChange>&)>& edit) {
    std::error_code code;
    fs::create_directories(folder, code); // else the lock says what is wrong
    FileLock lock(folder / kLock);
    lock.take();
    std::vector<LabelChange> list = readLabelChanges(folder);
    edit(list);
    if (list.empty())
        fs::remove(folder / kLabelChangesFile, code);
    else
        writeList(folder, list);
}

const LabelChange* findLabelChange(std::span<const LabelChange> list, const fs::path& root, const std::string& file) {
    const fs::path whole = normalFolder(root);
    const auto found = std::ranges::find_if(list, [&](const LabelChange& change) {
        return change.file == file && (change.root.empty() || change.root == whole);
    });
    return found == list.end() ? nullptr : &*found;
}

void forgetLabelChange(std::vector<LabelChange>& list, const fs::path& root, const std::string& file) {
    if (const LabelChange* found = findLabelChange(list, root, file))
        list.erase(list.begin() + (found - list.data()));
}

void setLabelChange(std::vector<LabelChange>& list, LabelChange change) {
    change.root = normalFolder(change.root);
    forgetLabelChange(list, change.root, change.file);
    if (change.leavesOut() || change.label != change.was)
        list.push_back(std::move(change));
}

std::string labelChangeWords(std::size_t relabelled, std::size_t leftOut) {
    std::string words;
    if (relabelled > 0)
        words = counted(relabelled, "picture has another class", "pictures have another class");
    if (leftOut > 0 && words.empty())
        return counted(leftOut, "picture is left out", "pictures are left out");
    if (leftOut > 0)
        words += " and " + counted(leftOut, "is left out", "are left out");
    return words;
}

std::string labelChangeWords(std::span<const LabelChange> list) {
    const auto leftOut = static_cast<std::size_t>(std::ranges::count_if(list, &LabelChange::leavesOut));
    return labelChangeWords(list.size() - leftOut, leftOut);
}

void copyLabelChanges(const Experiment& experiment, const fs::path& runFolder) {
    if (experiment.directory.empty())
        return;
    std::error_code code;
    fs::path root = normalFolder(experiment.dataPath());
    if (fs::is_regular_file(root, code)) // a table
        root = root.parent_path();
    std::vector<LabelChange> list = readLabelChanges(experiment.directory);
    std::erase_if(list, [&](const LabelChange& change) { return !change.root.empty() && change.root != root; });
    for (LabelChange& change : list)
        change.root.clear();
    if (!list.empty())
        writeList(runFolder, list);
}

} // namespace engine
