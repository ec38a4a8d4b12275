#include "engine/cli/output.h"

#include "engine/base/atomicfile.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace engine::cli {
namespace {

// Terminal columns, not bytes: every character is taken as one wide.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

void printJson(const nlohmann::json& value) {
    fmt::print("{}\n", value.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void printTable(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right) {
    std::vector<std::size_t> widths(right.size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], widthOf(row[i]));
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - widthOf(row[i]), ' ');
            line += (i > 0 ? "  " : "") + (right[i] ? space + row[i] : row[i] + space);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

std::string countWords(double count) {
    if (count >= 1e9)
        return fmt::format("{:.2f} G", count / 1e9);
    if (count >= 1e6)
        return fmt::format("{:.2f} M", count / 1e6);
    if (count >= 1e4)
        return fmt::format("{:.1f} k", count / 1e3);
    return fmt::format("{:.0f}", count);
}

std::string timeWords(double seconds) {
    const auto whole = static_cast<long>(std::lround(std::max(0.0, seconds)));
    if (whole >= 3600)
        return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string dateWords(double time) {
    const auto seconds = static_cast<std::time_t>(time);
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    return time > 0 ? text : "–";
}

std::string byteWords(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    return value >= 1e9 ? fmt::format("{:.1f} GB", value / 1e9) : fmt::format("{:.0f} MB", value / 1e6);
}

std::string percentWords(double share) { return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "–"; }

nlohmann::json summaryJson(const RunSummary& summary) {
    nlohmann::json best = nlohmann::json::object(), last = nlohmann::json::object();
    for (const auto& [name, value] : summary.best)
        best[name] = value;
    if (summary.bestStep >= 0)
        best["step"] = summary.bestStep;
    for (const auto& [name, value] : summary.last)
        last[name] = value;
    nlohmann::json result = {{"run", summary.folder.string()},
                             {"name", summary.name},
                             {"tags", summary.tags},
                             {"starred", summary.starred},
                             {"archived", summary.archived},
                             {"status", runStateName(summary.state)},
                             {"epochs", summary.epoch},
                             {"steps", summary.step},
                             {"best", best},
                             {"last", last},
                             {"seconds", summary.seconds}};
    if (!summary.failure.empty())
        result["failure"] = {{"message", summary.failure},
                             {"remedy", summary.remedy},
                             {"kind", summary.failureKind ? errorKindName(*summary.failureKind) : ""}};
    if (!summary.damage.empty())
        result["damage"] = summary.damage;
    return result;
}

std::filesystem::path runsFolder(const std::string& given) {
    return given.empty() ? std::filesystem::current_path() / "runs" : std::filesystem::absolute(expandHome(given));
}

} // namespace engine::cli
