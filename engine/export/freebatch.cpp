#include "engine/export/freebatch.h"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

namespace engine {
namespace {

namespace jit = torch::jit;

bool isInt(const jit::Node* node) {
    return node->kind() == c10::prim::Constant && node->output()->type()->isSubtypeOf(*c10::IntType::get());
}

bool sameConstant(const jit::Node* one, const jit::Node* other) {
    const auto a = jit::toIValue(one->output()), b = jit::toIValue(other->output());
    if (!a || !b || a->tagKind() != b->tagKind())
        return a.has_value() == b.has_value();
    if (a->isTensor())
        return a->toTensor().sizes() == b->toTensor().sizes() && at::equal(a->toTensor(), b->toTensor());
    return *a == *b;
}

// Calls for every pair of nodes until one says no; false also where the graphs are not built alike.
bool alike(jit::Graph& one, jit::Graph& other, const std::function<bool(jit::Node*, jit::Node*)>& pair) {
    auto a = one.nodes().begin(), b = other.nodes().begin();
    for (; a != one.nodes().end() && b != other.nodes().end(); ++a, ++b)
        if (a->kind() != b->kind() || a->inputs().size() != b->inputs().size() || !pair(*a, *b))
            return false;
    return a == one.nodes().end() && b == other.nodes().end();
}

// A number that depends on how many pictures there are.
struct Count {
    jit::Node* constant; // in the graph
    jit::Node* twin;     // in the other one
};

std::vector<std::int64_t> sizesOf(const jit::Value* value) {
    const auto tensor = value->type()->cast<c10::TensorType>();
    const auto sizes = tensor ? tensor->sizes().concrete_sizes() : std::nullopt;
    return sizes.value_or(std::vector<std::int64_t>());
}

// The dimension in which the outputs of both differ, if it is the only one.
std::optional<std::size_t> freeDimension(const jit::Node* node, const jit::Node* twin) {
    const auto sizes = sizesOf(node->output()), others = sizesOf(twin->output());
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < sizes.size() && sizes.size() == others.size(); ++i) {
        if (sizes[i] != others[i] && found)
            return std::nullopt;
        if (sizes[i] != others[i])
            found = i;
    }
    return found;
}

bool reshapes(const jit::Node* node) { return node->kind() == c10::aten::view || node->kind() == c10::aten::reshape; }

// Makes the counts of one graph depend on its input.
class Freeing final {
public:
    Freeing(jit::Graph& graph, std::int64_t pictures, std::int64_t others)
        : m_graph(graph), m_pictures(pictures), m_others(others) {}

    // A shape in which all but one side are known says −1 for that one.
    bool reshape(jit::Node* node, const jit::Node* twin) {
        const auto side = freeDimension(node, twin);
        if (!side)
            return false;
        std::vector<std::int64_t> sizes = sizesOf(node->output());
        sizes[*side] = -1;
        const jit::WithInsertPoint before(node);
        const jit::WithCurrentScope scope(m_graph, node->scope());
        std::vector<jit::Value*> values;
        for (const std::int64_t size : sizes)
            values.push_back(m_graph.insertConstant(size));
        node->replaceInput(1, m_graph.insertNode(m_graph.createList(c10::IntType::get(), values))->output());
        return true;
    }

    bool multiply(const Count& count) {
        const std::int64_t here = jit::toIValue(count.constant->output())->toInt();
        const std::int64_t there = jit::toIValue(count.twin->output())->toInt();
        if (here * m_others != there * m_pictures || here % m_pictures != 0)
            return false;
        const jit::WithInsertPoint before(count.constant);
        const jit::WithCurrentScope scope(m_graph, count.constant->scope());
        jit::Value* pixels = m_graph.inputs().back();
        jit::Value* number = m_graph.insert(c10::aten::size, {pixels, std::int64_t{0}});
        if (here != m_pictures)
            number = m_graph.insert(c10::aten::mul, {number, here / m_pictures});
        count.constant->output()->replaceAllUsesWith(number);
        return true;
    }

private:
    jit::Graph& m_graph;
    std::int64_t m_pictures, m_others;
};

} // namespace

bool sameGraph(jit::Graph& one, jit::Graph& other) {
    return alike(one, other, [](const jit::Node* a, const jit::Node* b) {
        return a->kind() != c10::prim::Constant || sameConstant(a, b);
    });
}

std::string freeBatch(jit::Graph& graph, std::int64_t pictures, jit::Graph& other, std::int64_t otherPictures) {
    std::vector<Count> counts;
    std::vector<std::pair<jit::Node*, jit::Node*>> shapes;
    std::string trouble;
    const bool built = alike(graph, other, [&](jit::Node* node, jit::Node* twin) {
        trouble = node->scopeName();
        if (reshapes(node))
            shapes.emplace_back(node, twin);
        if (node->kind() != c10::prim::Constant || sameConstant(node, twin))
            return true;
        if (isInt(node))
            counts.push_back({node, twin});
        return isInt(node);
    });
    if (!built)
        return trouble.empty() ? "forward" : trouble;
    Freeing freeing(graph, pictures, otherPictures);
    for (const auto& [node, twin] : shapes)
        (void)freeing.reshape(node, twin);
    for (const Count& count : counts) {
        if (std::ranges::all_of(count.constant->output()->uses(), [](const jit::Use& use) {
                return use.user->kind() == c10::prim::ListConstruct && !use.user->hasUses();
            }))
            continue; // of a shape that is known otherwise now
        if (!freeing.multiply(count))
            return count.constant->scopeName();
    }
    return {};
}

} // namespace engine
