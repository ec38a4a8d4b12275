#include "engine/text/charactermap.h"

#include "engine/text/utf8text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace engine {
namespace {

constexpr std::size_t kMostUnits = std::size_t{1} << 20;
constexpr int kMostRules = 32; // that begin a text at once; what the library has room for
constexpr std::uint32_t kBytes = 256;

// A node of the double array (Darts-clone's layout).
struct Unit {
    std::uint32_t value = 0;

    [[nodiscard]] std::uint32_t label() const { return value & (0x80000000u | 0xffu); }
    [[nodiscard]] bool hasLeaf() const { return (value >> 8 & 1) != 0; }
    [[nodiscard]] std::uint32_t offset() const { return value >> 10 << ((value & (1u << 9)) >> 6); }
    [[nodiscard]] std::uint32_t leaf() const { return value & 0x7fffffffu; }
};

// Goes wherever a text could lead.
class Walk final {
public:
    Walk(std::vector<Unit> units, std::string_view texts)
        : m_units(std::move(units)), m_texts(texts), m_rules(m_units.size(), kNew) {}

    std::string_view fault() {
        enter(0);
        while (m_fault.empty() && !m_open.empty()) {
            Place& place = m_open.back();
            if (place.byte == kBytes) {
                leave();
                continue;
            }
            const std::uint32_t byte = place.byte++;
            const std::uint32_t child = place.base ^ byte;
            if (m_units[child].label() != byte)
                continue;
            if (m_rules[child] == kOpen)
                m_fault = "goes round in circles";
            else if (m_rules[child] == kNew)
                enter(child);
            else
                count(child);
        }
        return m_fault;
    }

private:
    static constexpr std::int8_t kNew = -1, kOpen = -2;
    struct Place {
        std::uint32_t unit = 0, base = 0, byte = 0;
        std::int8_t most = 0; // rules on a way from here on
    };

    void enter(std::uint32_t unit) {
        const std::uint32_t base = unit ^ m_units[unit].offset();
        if ((base | (kBytes - 1)) >= m_units.size()) {
            m_fault = "leads out of its array";
            return;
        }
        if (m_units[unit].hasLeaf() && unit != 0 && !isText(m_units[base].leaf())) {
            m_fault = "leads to no text";
            return;
        }
        m_rules[unit] = kOpen;
        m_open.push_back({.unit = unit, .base = base});
    }
    void leave() {
        const Place place = m_open.back();
        m_open.pop_back();
        m_rules[place.unit] = place.most;
        if (!m_open.empty())
            count(place.unit);
    }
    void count(std::uint32_t child) {
        const int rules = m_rules[child] + (m_units[child].hasLeaf() ? 1 : 0);
        if (rules > kMostRules)
            m_fault = "has more rules for one text than there is room for";
        m_open.back().most = std::max(m_open.back().most, static_cast<std::int8_t>(std::min(rules, kMostRules)));
    }
    [[nodiscard]] bool isText(std::uint32_t at) const { return at < m_texts.size() && !isContinuation(m_texts[at]); }

    std::vector<Unit> m_units;
    std::string_view m_texts;
    std::vector<std::int8_t> m_rules; // of each unit, or kNew or kOpen
    std::vector<Place> m_open;
    std::string_view m_fault;
};

} // namespace

std::string_view faultOfCharacterMap(std::string_view table) {
    std::uint32_t bytes = 0;
    if (table.size() < sizeof bytes)
        return "is cut off";
    std::memcpy(&bytes, table.data(), sizeof bytes);
    table.remove_prefix(sizeof bytes);
    if (bytes > table.size() || bytes % sizeof(Unit) != 0 || bytes < kBytes * sizeof(Unit))
        return "is cut off";
    if (bytes / sizeof(Unit) > kMostUnits)
        return "is larger than any that is known";
    std::vector<Unit> units(bytes / sizeof(Unit));
    std::memcpy(units.data(), table.data(), bytes);
    const std::string_view texts = table.substr(bytes);
    if (texts.empty() || texts.back() != '\0' || validUtf8Bytes(texts) != texts.size())
        return "holds bytes that are no text";
    return Walk(std::move(units), texts).fault();
}

} // namespace engine
