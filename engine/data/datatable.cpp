#include "engine/api/datareport.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kWidestName = 40;

using Row = std::array<std::string, 4>; // class, train, validation, passed over

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Characters, each taken as one column wide.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string shortened(const std::string& name) {
    if (widthOf(name) <= kWidestName)
        return name;
    std::size_t end = 0;
    for (std::size_t count = 0; end < name.size(); ++end)
        if (!continues(name[end]) && count++ == kWidestName - 1)
            break;
    return name.substr(0, end) + "…";
}

Row rowOf(const ClassCount& count) {
    return {shortened(count.name), std::to_string(count.train), std::to_string(count.validation),
            passedOverWords(count.passedOver)};
}

// Those with something to say come first into the table, which keeps the order of the labels.
std::vector<Row> classRows(const std::vector<ClassCount>& classes, std::size_t most) {
    std::vector<std::size_t> shown(classes.size());
    for (std::size_t i = 0; i < shown.size(); ++i)
        shown[i] = i;
    if (classes.size() > most) {
        std::ranges::stable_sort(shown, {}, [&](std::size_t i) { return classes[i].passedOver.empty(); });
        shown.resize(most);
        std::ranges::sort(shown);
    }
    std::vector<Row> rows;
    for (const std::size_t i : shown)
        rows.push_back(rowOf(classes[i]));
    if (classes.size() > shown.size())
        rows.push_back({fmt::format("… {} more", classes.size() - shown.size()), "", "", ""});
    return rows;
}

std::vector<std::string> aligned(const std::vector<Row>& rows) {
    std::array<std::size_t, 4> widths{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], widthOf(row[i]));
    std::vector<std::string> lines;
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - widthOf(row[i]), ' ');
            const bool number = i == 1 || i == 2;
            line += (i > 0 ? "  " : "") + (number ? space + row[i] : row[i] + space);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string folderWords(const std::string& folder) { return folder.empty() ? "the data folder" : folder; }

} // namespace

std::vector<std::string> dataSentences(const DataNotes& notes) {
    std::vector<std::string> sentences;
    for (const UnusedFolder& folder : notes.unused)
        sentences.push_back(fmt::format(
            "Not used: {}, {} ({}).", folder.folder == "." ? "the data folder itself" : folder.folder,
            folder.pictures == 1 ? "1 picture" : fmt::format("{} pictures", folder.pictures), folder.reason));
    sentences.insert(sentences.end(), notes.facts.begin(), notes.facts.end());
    return sentences;
}

std::vector<std::string> dataTable(const DataReport& report, int mostClasses) {
    std::vector<Row> rows{{"Class", "Train", "Validation", "Passed over"}};
    for (Row& row : classRows(report.classes, static_cast<std::size_t>(std::max(1, mostClasses))))
        rows.push_back(std::move(row));
    for (Row& row : classRows(report.notes.noClasses, static_cast<std::size_t>(std::max(1, mostClasses)))) {
        if (!row[1].empty())
            row[1] = row[2] = "–";
        rows.push_back(std::move(row));
    }
    rows.push_back({fmt::format("{} classes", report.classes.size()), std::to_string(report.trainSamples),
                    std::to_string(report.validationSamples), ""});
    std::vector<std::string> lines = aligned(rows);
    lines.push_back(fmt::format("Training: {}. Validation: {}.", folderWords(report.trainFolder),
                                report.seededSplit ? "held back from it" : folderWords(report.validationFolder)));
    if (const std::int64_t all = report.trainSamples + report.validationSamples;
        0 < report.lookedAt && report.lookedAt < all)
        lines.push_back(
            fmt::format("{} of {} pictures were opened; “thaw data check” opens all.", report.lookedAt, all));
    const auto sentences = dataSentences(report.notes);
    lines.insert(lines.end(), sentences.begin(), sentences.end());
    return lines;
}

} // namespace engine
