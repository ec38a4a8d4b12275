#include "engine/data/shards/shardentry.h"

#include "engine/api/datareport.h"
#include "engine/base/utf8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace engine {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestLabel = 200; // bytes; what is longer is a caption
constexpr std::size_t kLargestJson = std::size_t{1} << 20;
constexpr const char* kNameKey = "class_name";
constexpr std::array kUsualKeys{kNameKey, "label", "labels", "class", "target", "cls"};

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lowered(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool isPictureEnding(std::string_view ending) {
    return std::ranges::find(pictureEndings(), "." + std::string(ending)) != pictureEndings().end();
}

bool isNumber(const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "a/b.seg.png" → "a/b" and "seg.png". Nothing for names that WebDataset passes over.
struct KeyAndEnding {
    std::string_view key;
    std::string ending;
};
std::optional<KeyAndEnding> keyOf(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    const std::size_t point = name.find('.', begin);
    if (point == std::string_view::npos || point == begin)
        return std::nullopt;
    return KeyAndEnding{name.substr(0, point), lowered(name.substr(point + 1))};
}

// A name or a number as a label; anything else is none.
void addLabel(const json& value, std::vector<std::string>& labels) {
    if (value.is_string()) {
        if (const std::string text = bytesFromUtf8(value.get<std::string>());
            !trimmed(text).empty() && text.size() <= kLongestLabel)
            labels.emplace_back(trimmed(text));
    } else if (value.is_number_integer()) {
        labels.push_back(value.dump());
    } else if (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()) &&
               std::abs(value.get<double>()) < 1e9) {
        labels.push_back(std::to_string(value.get<std::int64_t>()));
    } else if (value.is_array()) {
        for (const json& one : value)
            if (!one.is_array())
                addLabel(one, labels);
    }
}

bool isMarked(const json& value) {
    return value.is_boolean() ? value.get<bool>() : value.is_number() && value.get<double>() != 0;
}

// Nothing where it says nothing; an empty list says that there is none.
std::optional<std::vector<std::string>> labelsIn(const json& object, const std::vector<std::string>& keys) {
    std::vector<std::string> labels;
    bool said = false;
    const auto addOf = [&](const std::string& key) {
        const auto found = object.find(key);
        if (found == object.end())
            return;
        addLabel(*found, labels);
        said = said || !labels.empty() || found->is_array();
    };
    if (keys.size() > 1) { // a key for each label, with 0 and 1
        for (const std::string& key : keys) {
            const auto found = object.find(key);
            said = said || found != object.end();
            if (found != object.end() && isMarked(*found))
                labels.push_back(key);
        }
    } else if (!keys.empty()) {
        addOf(keys.front());
    } else {
        for (const char* key : kUsualKeys)
            if (addOf(key); said)
                break;
    }
    return said ? std::optional(std::move(labels)) : std::nullopt;
}

} // namespace

void ShardEntries::read(TarReader& tar) {
    for (TarMember member; tar.next(member);) {
        if (member.name.starts_with("./"))
            member.name.erase(0, 2);
        if (const auto split = keyOf(member.name))
            add(tar, member, split->key, split->ending);
    }
    finish();
    m_troubles.trouble = tar.trouble();
}

void ShardEntries::add(TarReader& tar, const TarMember& member, std::string_view key, const std::string& ending) {
    if (!m_open || key != m_key) {
        finish();
        m_open = true;
        m_key = key;
    }
    const bool exact = isPictureEnding(ending);
    if (exact || isPictureEnding(std::string_view(ending).substr(ending.rfind('.') + 1))) {
        if (!m_hasPicture || (exact && !m_exact)) {
            m_picture = member;
            m_exact = exact;
            m_hasPicture = true;
        }
        return;
    }
    if (ending == "cls") {
        const std::string found(trimmed(tar.content(member, kLongestLabel + 1)));
        if (found.empty() || found.size() > kLongestLabel)
            return;
        m_differs = m_differs || (m_hasClass && found != m_class);
        if (!m_hasClass)
            m_class = found;
        m_hasClass = true;
    } else if (ending == "json" && !m_hasJson && member.bytes <= kLargestJson) {
        m_json = tar.content(member, kLargestJson);
        m_hasJson = true;
    } else if (ending == "txt" && !m_hasText) {
        m_text = trimmed(tar.content(member, kLongestLabel + 1));
        m_hasText = !m_text.empty();
    }
}

void ShardEntries::finish() {
    if (!m_open)
        return;
    if (!m_hasPicture) {
        if (m_troubles.withoutPicture++ == 0)
            m_troubles.firstWithoutPicture = m_key;
    } else {
        ShardEntry entry{.file = m_picture.name, .offset = m_picture.offset, .bytes = m_picture.bytes};
        const json object = m_hasJson ? json::parse(m_json, nullptr, false) : json();
        const bool named = m_labelKeys.empty() && object.is_object() && object.contains(kNameKey);
        if (auto said = object.is_object() ? labelsIn(object, m_labelKeys) : std::nullopt) {
            entry.labels = std::move(*said);
            entry.from = LabelFrom::Json;
        }
        // The number of a class gives way to its name.
        if (m_hasClass && m_labelKeys.empty() && !(named && !entry.labels.empty() && isNumber(m_class))) {
            entry.from = LabelFrom::Class;
            entry.labels = {m_class};
        } else if (entry.from == LabelFrom::Nothing && m_hasText) {
            const bool caption = m_text.size() > kLongestLabel || m_text.find('\n') != std::string::npos;
            entry.from = caption ? LabelFrom::Caption : LabelFrom::Text;
            if (!caption)
                entry.labels = {m_text};
        }
        if (m_differs && m_troubles.twoLabels++ == 0)
            m_troubles.firstWithTwoLabels = entry.file;
        m_take(entry);
    }
    m_open = m_hasPicture = m_exact = m_hasClass = m_hasText = m_hasJson = m_differs = false;
    m_class.clear();
    m_text.clear();
    m_json.clear();
}

} // namespace engine
