#pragma once

#include "tests/support/places.h"

#include <QByteArray>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tests {

inline QString textFolder() { return place("THAW_SOURCE_DIR", THAW_SOURCE_DIR) + QStringLiteral("/tests/text/"); }

inline QJsonObject jsonFile(const char* name) {
    QFile file(textFolder() + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("tests/text/%s is missing", name);
    return QJsonDocument::fromJson(file.readAll()).object();
}

// The strings that reference_tokens.py computes by the same formula: mixed scripts, combining marks, emoji with
// joiners, controls, code points of any plane, special tokens, and bytes that are no UTF-8.
class AdversarialStrings final {
public:
    static constexpr std::size_t kCount = 10'000;

    AdversarialStrings() {
        const QJsonObject tables = jsonFile("adversarial.json");
        for (const QJsonValue group : tables[QStringLiteral("groups")].toArray())
            m_groups.push_back({rangesIn(group[QStringLiteral("ranges")]), bytesIn(group[QStringLiteral("bytes")])});
        m_newer = rangesIn(tables[QStringLiteral("newer")]);
    }

    [[nodiscard]] std::string string(std::size_t i) const {
        Random random{i * 0xd1342543de82ef95u};
        std::uint64_t count = 1 + random.below(24);
        if (i % 64 == 63)
            count *= 20;
        std::string result;
        for (; count > 0; --count) {
            const std::string next = piece(random);
            const std::uint64_t times = random.below(50) == 0 ? 1 + random.below(120) : 1;
            for (std::uint64_t k = 0; k < times; ++k)
                result += next;
        }
        return result;
    }
    [[nodiscard]] std::vector<std::string> all() const {
        std::vector<std::string> strings;
        for (std::size_t i = 0; i < kCount; ++i)
            strings.push_back(string(i));
        return strings;
    }

private:
    using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
    struct Group {
        Ranges ranges;
        std::vector<std::string> bytes; // one of both
    };
    struct Random { // SplitMix64
        std::uint64_t state;
        std::uint64_t below(std::uint64_t count) {
            std::uint64_t z = state += 0x9e3779b97f4a7c15u;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
            return (z ^ (z >> 31)) % count;
        }
    };

    static Ranges rangesIn(const QJsonValue& list) {
        Ranges ranges;
        for (const QJsonValue range : list.toArray())
            ranges.emplace_back(range[0].toInt(), range[1].toInt());
        return ranges;
    }
    static std::vector<std::string> bytesIn(const QJsonValue& list) {
        std::vector<std::string> all;
        for (const QJsonValue hex : list.toArray())
            all.push_back(QByteArray::fromHex(hex.toString().toLatin1()).toStdString());
        return all;
    }
    [[nodiscard]] std::string piece(Random& random) const {
        const Group& group = m_groups[random.below(m_groups.size())];
        if (!group.bytes.empty())
            return group.bytes[random.below(group.bytes.size())];
        const auto [first, last] = group.ranges[random.below(group.ranges.size())];
        const auto code = static_cast<char32_t>(first + random.below(last - first + 1));
        bool kept = code < 0xd800 || code >= 0xe000;
        for (const auto& [from, to] : m_newer)
            kept = kept && (code < from || code > to);
        return kept ? QString::fromUcs4(&code, 1).toStdString() : "x";
    }

    std::vector<Group> m_groups;
    Ranges m_newer; // characters on which the tables of Unicode differ
};

// The 64-bit FNV-1a hash over whole numbers in place of bytes.
class NumberHash final {
public:
    void add(std::uint64_t value) { m_state = (m_state ^ value) * 0x100000001b3u; }
    void endList() { add(0xffffffffu); }
    [[nodiscard]] QString words() const { return QString::number(m_state, 16).rightJustified(16, QLatin1Char('0')); }
    [[nodiscard]] std::uint64_t state() const { return m_state; }

private:
    std::uint64_t m_state = 0xcbf29ce484222325u;
};

} // namespace tests
