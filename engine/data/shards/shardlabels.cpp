#include "engine/data/shards/shardlabels.h"

#include "engine/api/error.h"
#include "engine/base/textfile.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/data/shards/remotefile.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t kMostLabels = 100'000;
constexpr std::int64_t kSamplesPerText = 4; // at least, on average, where texts are classes

std::optional<std::size_t> placeIn(std::string_view label) {
    std::size_t number = 0;
    const auto [stop, code] = std::from_chars(label.data(), label.data() + label.size(), number);
    return code == std::errc() && stop == label.data() + label.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        lines.push_back(std::move(line));
        begin = end + 1;
    }
    while (!lines.empty() && lines.back().empty())
        lines.pop_back();
    return lines;
}

// Nothing: there is no such file.
std::optional<std::string> textIn(const fs::path& folder, const char* file) {
    if (isUrl(folder))
        return remoteText(folder.native() + "/" + file);
    std::error_code code;
    return fs::is_regular_file(folder / file, code) ? std::optional(readTextFile(folder / file)) : std::nullopt;
}

std::vector<std::string> namesInJson(const std::string& text) {
    const json object = json::parse(text, nullptr, false);
    std::vector<std::string> names;
    if (!object.is_object() || !object.contains("classes") || !object["classes"].is_array())
        return names;
    for (const json& one : object["classes"]) {
        const json& name = one.is_object() && one.contains("name") ? one["name"] : one;
        names.push_back(name.is_string() ? bytesFromUtf8(name.get<std::string>()) : std::string());
    }
    return names;
}

void tellApart(std::vector<std::string>& names) {
    std::map<std::string, int> counts;
    for (const std::string& name : names)
        ++counts[name];
    for (std::size_t i = 0; i < names.size(); ++i)
        if (counts[names[i]] > 1)
            names[i] = names[i].empty() ? std::to_string(i) : fmt::format("{} ({})", names[i], i);
}

// "1 5 7", "1,5,7", "cat|dog", "great white shark; ray"
std::vector<std::string> splitLabels(const std::string& text) {
    std::string_view separators = ",;|\n";
    if (text.find_first_of(separators) == std::string::npos)
        separators = text.find_first_not_of("0123456789 \t") == std::string::npos ? " \t" : "";
    std::vector<std::string> labels;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        std::size_t first = begin, last = end;
        while (first < last && text[first] == ' ')
            ++first;
        while (last > first && text[last - 1] == ' ')
            --last;
        if (last > first)
            labels.push_back(text.substr(first, last - first));
        begin = end + 1;
    }
    return labels;
}

} // namespace

std::vector<std::string> shardClassNames(const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) {
        std::vector<std::string> names;
        for (const char* file : {"classes.txt", "classnames.txt"})
            if (const auto text = names.empty() ? textIn(folder, file) : std::nullopt)
                names = linesOf(*text);
        if (const auto text = names.empty() ? textIn(folder, "index.json") : std::nullopt)
            names = namesInJson(*text);
        if (names.empty())
            continue;
        tellApart(names);
        return names;
    }
    return {};
}

std::string ShardLabels::nameOf(const std::string& label) const {
    const auto place = placeIn(label);
    return place && *place < m_names.size() ? m_names[*place] : label;
}

std::vector<std::string> ShardLabels::partsOf(const ShardEntry& entry) const {
    return !m_exclusive && entry.from != LabelFrom::Json && !entry.labels.empty() ? splitLabels(entry.labels.front())
                                                                                  : entry.labels;
}

void ShardLabels::learn(const ShardEntry& entry) {
    ++m_samples;
    if (m_exclusive && entry.labels.size() > 1) // it is left out
        return;
    const bool text = entry.from == LabelFrom::Text;
    if (entry.from == LabelFrom::Caption)
        ++m_captions;
    else if (text)
        ++m_withText;
    else if (entry.from == LabelFrom::Nothing)
        return;
    auto& labels = text ? m_texts : m_stated;
    for (const std::string& label : partsOf(entry))
        if (labels.size() < kMostLabels || labels.contains(label))
            ++labels[label];
        else if (!text)
            throw Error(ErrorKind::BadInput, fmt::format("The shards have more than {} different labels.", kMostLabels),
                        "Name the key of the class with data.label_columns.");
}

void ShardLabels::finish() {
    const auto different = static_cast<std::int64_t>(m_texts.size());
    m_usesTexts = m_stated.empty() && m_captions == 0 && m_withText > 0 &&
                  different <= std::max<std::int64_t>(2, m_withText / kSamplesPerText);
    if (m_stated.empty() && !m_usesTexts)
        throw Error(ErrorKind::BadInput,
                    m_withText + m_captions == 0
                        ? "No sample of these shards has a label."
                        : fmt::format("The texts of these samples are captions, not classes: {} different ones in {} "
                                      "samples.",
                                      different + m_captions, m_samples),
                    "Give each sample a .cls, or a .json with its label; another key of the .json is named with "
                    "data.label_columns.");
    const auto& labels = m_usesTexts ? m_texts : m_stated;
    std::vector<std::pair<std::size_t, std::string>> numbered;
    std::set<std::string> named;
    for (const auto& [label, count] : labels) {
        if (const auto place = placeIn(label))
            numbered.emplace_back(*place, label);
        named.insert(nameOf(label));
    }
    m_classes = {named.begin(), named.end()};
    if (numbered.size() == labels.size()) { // the numbers say their order
        std::ranges::sort(numbered);
        m_classes.clear();
        for (const auto& [place, label] : numbered)
            if (std::string name = nameOf(label); named.erase(name) > 0)
                m_classes.push_back(std::move(name));
    }
}

std::optional<std::vector<std::string>> ShardLabels::of(const ShardEntry& entry) const {
    const bool text = entry.from == LabelFrom::Text || entry.from == LabelFrom::Caption;
    if (entry.from == LabelFrom::Nothing || (text && !m_usesTexts))
        return std::nullopt;
    std::vector<std::string> names;
    for (const std::string& label : partsOf(entry))
        if (std::string name = nameOf(label); std::ranges::find(names, name) == names.end())
            names.push_back(std::move(name));
    return names;
}

} // namespace engine
