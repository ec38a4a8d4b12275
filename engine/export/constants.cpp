#include "engine/export/constants.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace engine {
namespace {

namespace jit = torch::jit;

// A use of a tensor that is known by a node that is not.
struct KnownUse {
    jit::Node* user;
    std::size_t input;
    at::Tensor value;
};

std::vector<KnownUse> knownUses(jit::Graph& graph) {
    std::unordered_map<const jit::Value*, c10::IValue> values;
    const auto known = [&values](const jit::Value* value) -> const c10::IValue* {
        const auto found = values.find(value);
        return found == values.end() ? nullptr : &found->second;
    };
    std::vector<KnownUse> uses;
    for (jit::Node* node : graph.nodes()) {
        if (node->kind() != c10::prim::GetAttr && node->outputs().size() == 1 &&
            std::ranges::all_of(node->inputs(), [&](const jit::Value* input) { return known(input) != nullptr; })) {
            values.emplace(node->output(), computedBy(*node, known));
            continue;
        }
        for (std::size_t i = 0; i < node->inputs().size(); ++i)
            if (const c10::IValue* value = known(node->input(i)); value != nullptr && value->isTensor())
                uses.push_back({node, i, value->toTensor()});
    }
    return uses;
}

c10::IValue listOf(const jit::Node& node, const jit::Stack& elements) {
    c10::impl::GenericList list(node.output()->type()->expect<c10::ListType>()->getElementType());
    for (const c10::IValue& element : elements)
        list.push_back(element);
    return list;
}

} // namespace

c10::IValue computedBy(jit::Node& node, const std::function<const c10::IValue*(const jit::Value*)>& known) {
    if (node.kind() == c10::prim::Constant)
        return *jit::toIValue(node.output());
    jit::Stack stack;
    for (const jit::Value* input : node.inputs())
        stack.push_back(*known(input));
    if (node.kind() == c10::prim::GetAttr)
        return stack.front().toObject()->getAttr(node.s(c10::attr::name));
    if (node.kind() == c10::prim::ListConstruct)
        return listOf(node, stack);
    node.getOperation()(stack);
    return stack.front();
}

void foldConstants(const std::shared_ptr<jit::Graph>& graph) {
    const torch::NoGradGuard noGrad;
    for (const KnownUse& use : knownUses(*graph)) {
        if (use.user->input(use.input)->node()->kind() == c10::prim::Constant)
            continue;
        const jit::WithInsertPoint before(use.user);
        use.user->replaceInput(use.input, graph->insertConstant(use.value.contiguous()));
    }
    jit::EliminateDeadCode(graph);
}

} // namespace engine
