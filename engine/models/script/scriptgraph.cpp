#include "engine/models/script/scriptgraph.h"

#include "engine/api/error.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

bool isInside(std::string_view path, std::string_view module) {
    return path.starts_with(module) && (path.size() == module.size() || path[module.size()] == '.');
}

// "layer1.0" for a value that self.layer1.0 gave, empty for self; nothing for other values.
std::optional<std::string> pathOf(const jit::Value* value, const jit::Value* self) {
    if (value == self)
        return std::string();
    if (value->node()->kind() != c10::prim::GetAttr)
        return std::nullopt;
    const auto parent = pathOf(value->node()->input(0), self);
    const std::string& name = value->node()->s(c10::attr::name);
    return !parent ? std::nullopt : std::optional(parent->empty() ? name : *parent + '.' + name);
}

std::optional<std::string> calledModule(const jit::Graph& graph, const jit::Node* node) {
    if (node->kind() != c10::prim::CallMethod)
        return std::nullopt;
    return pathOf(node->input(0), graph.inputs().front());
}

// Puts the bodies of calls in their place as long as there are calls of modules that `wanted` names.
void openUp(jit::Graph& graph, const std::function<bool(const std::string&)>& wanted) {
    for (bool opened = true; opened;) {
        opened = false;
        for (jit::Node* node : graph.nodes()) {
            const auto called = calledModule(graph, node);
            const auto type = called && wanted(*called) ? node->input(0)->type()->cast<c10::ClassType>() : nullptr;
            if (!type)
                continue;
            auto& method = jit::toGraphFunction(type->getMethod(node->s(c10::attr::name)));
            jit::inlineCallTo(node, &method, method.graph().get()); // as written: calls in it stay calls
            opened = true;
            break; // the list of nodes is another now
        }
    }
}

std::vector<jit::Node*> nodesOf(jit::Graph& graph) {
    auto list = graph.nodes();
    return {list.begin(), list.end()};
}

void destroyFrom(std::vector<jit::Node*>& nodes, std::size_t first) {
    while (nodes.size() > first) {
        nodes.back()->destroy();
        nodes.pop_back();
    }
}

// Further arguments take their defaults.
void keepPixelsOnly(jit::Graph& graph, const jit::Method& forward, const std::string& name) {
    const auto& arguments = forward.function().getSchema().arguments();
    for (std::size_t i = graph.inputs().size(); --i > 1;) {
        const auto& given = arguments.at(i).default_value();
        if (!given)
            throw Error(ErrorKind::BadInput,
                        fmt::format("{} wants more than a picture: {}.", name, arguments.at(i).name()),
                        "Give that argument a default, or wrap the model in one that takes pictures only.");
        const jit::WithInsertPoint before(*graph.nodes().begin());
        graph.inputs()[i]->replaceAllUsesWith(graph.insertConstant(*given));
        graph.eraseInput(i);
    }
    if (graph.inputs().size() != 2)
        throw Error(ErrorKind::BadInput, fmt::format("forward() of {} takes no picture.", name),
                    "Save a model whose forward() takes one tensor [N, 3, H, W].");
}

bool isTensor(const jit::Value* value) { return value->type()->isSubtypeOf(*c10::TensorType::get()); }

void cutBehind(jit::Graph& graph, const std::string& path, const jit::Module& module, const std::string& name) {
    openUp(graph,
           [&path](const std::string& called) { return called.empty() || (called != path && isInside(path, called)); });
    std::vector<jit::Node*> nodes = nodesOf(graph);
    const auto call = std::ranges::find_if(nodes, [&](const jit::Node* node) {
        return calledModule(graph, node) == path && node->outputs().size() == 1 && isTensor(node->output());
    });
    if (call == nodes.end()) {
        std::string names;
        for (const auto& child : module.named_children())
            names += (names.empty() ? "" : ", ") + child.name;
        throw Error(ErrorKind::BadInput, fmt::format("{} has no inner output {}.", name, path),
                    fmt::format("Name a module that gives one tensor; the outermost are {}.", names));
    }
    jit::Value* output = (*call)->output();
    graph.eraseOutput(0);
    graph.registerOutput(output);
    destroyFrom(nodes, static_cast<std::size_t>(call - nodes.begin()) + 1);
}

// Where the graph may be cut, and by which block.
class Splitter final {
public:
    Splitter(jit::Graph& graph, std::span<const std::string> blocks) : m_graph(graph), m_nodes(nodesOf(graph)) {
        for (std::size_t i = 0; i < m_nodes.size(); ++i)
            m_index.emplace(m_nodes[i], i);
        std::map<std::string, std::size_t> first;
        for (std::size_t i = 0; i < m_nodes.size(); ++i)
            eachInput(*m_nodes[i], [&](const jit::Value* value) {
                if (const auto path = pathOf(value, self()))
                    for (const std::string& block : blocks)
                        if (path->empty() || isInside(*path, block) || isInside(block, *path))
                            first.emplace(block, i); // the first time counts
            });
        for (const std::string& block : blocks)
            m_order.push_back({block, first.contains(block) ? first[block] : 0});
        if (first.size() == m_order.size())
            std::ranges::stable_sort(m_order, {}, &Block::firstNode);
        else // used in a way that is not seen here
            for (Block& block : m_order)
                block.firstNode = 0;
    }

    std::vector<ScriptPart> parts(const jit::Module& module) const {
        std::vector<ScriptPart> parts(1);
        const jit::Value* entered = nullptr;
        std::size_t begin = 0;
        for (std::size_t k = 0; k < m_order.size(); ++k) {
            const std::size_t node = m_order[k].firstNode;
            const jit::Value* passing = k > 0 && node > begin ? passingBefore(node) : nullptr;
            if (passing) {
                parts.back().forward = stretch(module, entered, begin, passing, node);
                parts.emplace_back();
                entered = passing;
                begin = node;
            }
            parts.back().blocks.push_back(m_order[k].path);
        }
        parts.back().forward = stretch(module, entered, begin, nullptr, m_nodes.size());
        return parts;
    }

private:
    struct Block {
        std::string path;
        std::size_t firstNode = 0; // that uses it
    };

    const jit::Value* self() const { return m_graph.inputs()[0]; }

    // What the node and those inside it use; to reach for a module is no use of it yet.
    static void eachInput(const jit::Node& node, const std::function<void(const jit::Value*)>& look) {
        if (node.kind() == c10::prim::GetAttr)
            return;
        for (const jit::Value* value : node.inputs())
            look(value);
        for (const jit::Block* block : node.blocks()) {
            for (const jit::Node* inner : block->nodes())
                eachInput(*inner, look);
            for (const jit::Value* value : block->outputs())
                look(value);
        }
    }

    // Without pixels: both sides of a cut can make it.
    bool isConstant(const jit::Value* value) const {
        if (value == self())
            return true;
        const auto kind = value->node()->kind();
        const auto inputs = value->node()->inputs();
        return kind == c10::prim::Constant ||
               ((kind == c10::prim::GetAttr || kind == c10::prim::ListConstruct || kind == c10::prim::TupleConstruct) &&
                std::ranges::all_of(inputs, [this](const jit::Value* input) { return isConstant(input); }));
    }

    bool isMadeBefore(const jit::Value* value, std::size_t node) const {
        const auto found = m_index.find(value->node());
        return found != m_index.end() ? found->second < node : value == m_graph.inputs()[1];
    }

    // The one tensor that nodes from `node` on take from those before; none where there are several values.
    const jit::Value* passingBefore(std::size_t node) const {
        std::set<const jit::Value*> values;
        const auto look = [&](const jit::Value* value) {
            if (isMadeBefore(value, node) && !isConstant(value))
                values.insert(value);
        };
        for (std::size_t i = node; i < m_nodes.size(); ++i)
            eachInput(*m_nodes[i], look);
        look(m_graph.outputs()[0]);
        return values.size() == 1 && isTensor(*values.begin()) && *values.begin() != m_graph.inputs()[1]
                   ? *values.begin()
                   : nullptr;
    }

    // The nodes [begin, end) as a function from `entered` (none: the pixels) to `left` (none: the graph's output).
    jit::Function* stretch(const jit::Module& module, const jit::Value* entered, std::size_t begin,
                           const jit::Value* left, std::size_t end) const {
        const auto copy = m_graph.copy();
        std::vector<jit::Node*> nodes = nodesOf(*copy); // in the same order
        const auto inCopy = [&](const jit::Value* value) {
            return nodes[m_index.at(value->node())]->outputs()[value->offset()];
        };
        if (left) {
            jit::Value* output = inCopy(left);
            copy->eraseOutput(0);
            copy->registerOutput(output);
        }
        jit::Value* input = nullptr;
        if (entered) {
            input = copy->addInput();
            input->setType(c10::TensorType::get());
            inCopy(entered)->replaceAllUsesWith(input);
        }
        destroyFrom(nodes, end);
        while (begin > 0) {
            --begin;
            if (!nodes[begin]->hasUses())
                nodes[begin]->destroy();
        }
        if (entered)
            copy->eraseInput(1); // the pixels
        return module._ivalue()->compilation_unit()->create_function(c10::QualifiedName("thaw_part"), copy, true);
    }

    jit::Graph& m_graph;
    std::vector<jit::Node*> m_nodes;
    std::map<const jit::Node*, std::size_t> m_index;
    std::vector<Block> m_order;
};

} // namespace

std::shared_ptr<jit::Graph> featureGraph(const jit::Module& module, const std::string& output,
                                         const std::string& name) {
    const jit::Method forward = module.get_method("forward");
    auto graph = forward.graph()->copy();
    keepPixelsOnly(*graph, forward, name);
    if (!output.empty())
        cutBehind(*graph, output, module, name);
    if (graph->outputs().size() != 1 || !isTensor(graph->outputs()[0]))
        throw Error(ErrorKind::BadInput,
                    fmt::format("The output of {} is {}, not one tensor.", name, graph->outputs()[0]->type()->str()),
                    "Name an inner module whose output is one: torchscript:FILE#MODULE.");
    return graph;
}

std::vector<ScriptPart> splitGraph(const jit::Module& module, jit::Graph& graph, std::span<const std::string> blocks) {
    const auto opened = graph.copy();
    openUp(*opened, [&](const std::string& called) {
        return called.empty() || std::ranges::any_of(blocks, [&](const std::string& block) {
                   return block != called && isInside(block, called);
               });
    });
    return Splitter(*opened, blocks).parts(module);
}

} // namespace engine
