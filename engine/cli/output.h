#pragma once

#include "engine/api/run.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace engine::cli {

// One line for the person, on stderr.
template <typename... Values>
void say(fmt::format_string<Values...> words, Values&&... values) {
    fmt::print(stderr, "{}\n", fmt::format(words, std::forward<Values>(values)...));
}

// NaN and infinite numbers become null.
void printJson(const nlohmann::json& value);

// Columns as wide as their widest cell; numbers to the right. First row: the headings.
void printTable(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right);

[[nodiscard]] std::string countWords(double count);  // "3.4 M"
[[nodiscard]] std::string timeWords(double seconds); // "1:13", "2:05:09"
[[nodiscard]] std::string dateWords(double time);    // seconds since 1970: "2026-12-01 08:30"
[[nodiscard]] std::string byteWords(std::uint64_t bytes);
[[nodiscard]] std::string percentWords(double share); // "96.1 %", "–" for NaN

// What --json says about a run.
[[nodiscard]] nlohmann::json summaryJson(const RunSummary& summary);
// <folder of the experiment or current folder>/runs, unless given.
[[nodiscard]] std::filesystem::path runsFolder(const std::string& given);

} // namespace engine::cli
