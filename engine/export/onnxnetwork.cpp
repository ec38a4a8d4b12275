#include "engine/export/onnxnetwork.h"

#include "engine/api/error.h"
#include "engine/export/onnxfields.h"
#include "engine/export/onnxmodel.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace engine {
namespace {

constexpr std::string_view kPixels = "pixels", kLogits = "logits", kProbabilities = "probabilities";

[[noreturn]] void refuse() {
    throw Error(ErrorKind::BadWeights, "The ONNX file holds no network behind a preparation of Thaw's.",
                "Name an export as it was written, or the run.");
}

// A field of a message: its number, its bytes with number and length, and without.
struct RawField {
    int number = 0;
    std::string_view whole, content;
};

class RawMessage final {
public:
    explicit RawMessage(std::string_view bytes) : m_bytes(bytes) {}
    // False behind the last one.
    bool next(RawField& field) {
        if (m_bytes.empty())
            return false;
        const std::string_view begin = m_bytes;
        const std::uint64_t key = varint();
        field = {.number = static_cast<int>(key >> 3), .whole = {}, .content = {}};
        switch (key & 7) {
        case 0:
            (void)varint();
            break;
        case 1:
            (void)taken(8);
            break;
        case 2:
            field.content = taken(varint());
            break;
        case 5:
            (void)taken(4);
            break;
        default:
            refuse();
        }
        field.whole = begin.substr(0, begin.size() - m_bytes.size());
        return true;
    }

private:
    std::string_view taken(std::uint64_t count) {
        if (count > m_bytes.size())
            refuse();
        const std::string_view part = m_bytes.substr(0, count);
        m_bytes.remove_prefix(count);
        return part;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(taken(1).front());
            value |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80)
                return value;
        }
        refuse();
    }

    std::string_view m_bytes;
};

void forEachField(std::string_view message, const std::function<void(const RawField&)>& visit) {
    RawMessage fields(message);
    for (RawField field; fields.next(field);)
        visit(field);
}

bool gives(std::string_view node, std::string_view name) {
    bool found = false;
    forEachField(node, [&](const RawField& field) {
        found = found || (field.number == onnx::node::Output && field.content == name);
    });
    return found;
}

std::string graphOfNetwork(std::string_view graph) {
    std::vector<RawField> nodes;
    std::string rest;
    forEachField(graph, [&](const RawField& field) {
        if (field.number == onnx::graph::Node)
            nodes.push_back(field);
        else if (field.number != onnx::graph::Input && field.number != onnx::graph::Output)
            rest += field.whole;
    });
    const auto begins = std::ranges::find_if(nodes, [](const RawField& one) { return gives(one.content, kPixels); });
    const bool ends = !nodes.empty() && gives(nodes.back().content, kProbabilities);
    if (begins == nodes.end() || !ends)
        refuse();
    std::string result;
    for (auto node = begins + 1; node + 1 < nodes.end(); ++node)
        result += node->whole;
    ProtobufMessage values;
    values.message(onnx::graph::Input, valueMessage({.name = std::string(kPixels),
                                                     .type = at::kFloat,
                                                     .shape = {"pictures", std::int64_t{3}, "height", "width"}}));
    values.message(onnx::graph::Output,
                   valueMessage({.name = std::string(kLogits), .type = at::kFloat, .shape = {"pictures", "classes"}}));
    return result + rest + values.bytes();
}

} // namespace

std::string networkWithoutPreparation(std::string_view file) {
    std::string result;
    bool found = false;
    forEachField(file, [&](const RawField& field) {
        if (field.number != onnx::model::Graph) {
            result += field.whole;
            return;
        }
        found = true;
        ProtobufMessage graph;
        graph.text(onnx::model::Graph, graphOfNetwork(field.content));
        result += graph.bytes();
    });
    if (!found)
        refuse();
    return result;
}

} // namespace engine
