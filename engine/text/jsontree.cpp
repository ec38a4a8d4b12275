#include "engine/text/jsontree.h"

#include "engine/models/weights/limits.h"

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = JsonReader::Kind;

constexpr int kDepth = 16;
constexpr std::size_t kMostValues = 50'000;

class TreeReader final {
public:
    TreeReader(JsonReader& json, const std::string& what) : m_json(json), m_what(what) {}

    JsonTree value(int depth) {
        if (depth == kDepth || ++m_values > kMostValues)
            refuseWeights(fmt::format("{} is larger or deeper than settings of a tokenizer are.", m_what),
                          "Fetch the file again.");
        JsonTree tree;
        tree.kind = m_json.kind();
        switch (tree.kind) {
        case Kind::Object:
            m_json.beginObject();
            for (std::string key; m_json.nextKey(key);) {
                tree.names.push_back(key);
                tree.items.push_back(value(depth + 1));
            }
            break;
        case Kind::Array:
            m_json.beginArray();
            while (m_json.nextElement())
                tree.items.push_back(value(depth + 1));
            break;
        case Kind::Text:
            tree.text = m_json.text();
            break;
        case Kind::Number:
            tree.number = m_json.number();
            break;
        case Kind::Boolean:
            tree.on = m_json.boolean();
            break;
        case Kind::Null:
            m_json.skipValue();
            break;
        }
        return tree;
    }

private:
    JsonReader& m_json;
    const std::string& m_what;
    std::size_t m_values = 0;
};

} // namespace

const JsonTree* JsonTree::member(std::string_view name) const {
    for (std::size_t i = names.size(); i-- > 0;)
        if (names[i] == name)
            return items[i].isNull() ? nullptr : &items[i];
    return nullptr;
}

std::optional<std::string> JsonTree::textOf(std::string_view name) const {
    const JsonTree* found = member(name);
    return found != nullptr && found->kind == Kind::Text ? std::optional(found->text) : std::nullopt;
}

std::optional<bool> JsonTree::switchOf(std::string_view name) const {
    const JsonTree* found = member(name);
    return found != nullptr && found->kind == Kind::Boolean ? std::optional(found->on) : std::nullopt;
}

std::optional<double> JsonTree::numberOf(std::string_view name) const {
    const JsonTree* found = member(name);
    return found != nullptr && found->kind == Kind::Number ? std::optional(found->number) : std::nullopt;
}

JsonTree readJsonTree(JsonReader& json, const std::string& what) { return TreeReader(json, what).value(0); }

} // namespace engine
