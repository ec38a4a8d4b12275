#include "engine/export/onnxexport.h"

#include "engine/api/error.h"
#include "engine/export/constants.h"
#include "engine/export/onnxoperators.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr const char* kInput = "pixels";
constexpr const char* kOutput = "logits";
constexpr std::int64_t kHalfType = 10, kBfloatType = 16, kFloatType = 1; // ONNX's numbers of types

bool allKnown(const jit::Node& node, const OnnxGraph& graph) {
    return std::ranges::all_of(node.inputs(), [&](const jit::Value* input) { return graph.known(input) != nullptr; });
}

// "__module.::blocks.3" → "blocks.3"
std::string blockOf(const jit::Node& node) {
    const std::string scope = node.scopeName();
    const std::size_t at = scope.find_last_of("/:");
    return at == std::string::npos ? scope : scope.substr(at + 1);
}

void translate(jit::Node& node, OnnxGraph& graph) {
    graph.setScope(blockOf(node));
    if (allKnown(node, graph)) {
        graph.setKnown(node.output(), computedBy(node, [&](const jit::Value* value) { return graph.known(value); }));
        return;
    }
    if (node.kind() == c10::prim::ListConstruct)
        return; // whoever reads it looks at its elements
    const OnnxTranslation row = onnxTranslation(node.kind().toQualString());
    if (row == nullptr)
        throw Error(ErrorKind::BadInput,
                    fmt::format("ONNX has nothing for the operator {} in the block {}.", node.kind().toQualString(),
                                blockOf(node)),
                    "Export it as torchscript.");
    row(node, graph);
}

// Nodes and constants that nothing of the output needs are left out.
void prune(OnnxModel& model) {
    std::set<std::string> needed{model.output.name};
    std::vector<OnnxNode> kept;
    for (auto node = model.nodes.rbegin(); node != model.nodes.rend(); ++node) {
        if (!needed.contains(node->outputs.front()))
            continue;
        needed.insert(node->inputs.begin(), node->inputs.end());
        kept.push_back(std::move(*node));
    }
    std::ranges::reverse(kept);
    model.nodes = std::move(kept);
    std::erase_if(model.constants, [&](const OnnxConstant& constant) { return !needed.contains(constant.name); });
}

std::vector<OnnxSide> inputShape(PictureSizes sizes, int imageSize) {
    if (sizes == PictureSizes::ThisOne)
        return {"pictures", std::int64_t{3}, std::int64_t{imageSize}, std::int64_t{imageSize}};
    return {"pictures", std::int64_t{3}, "height", "width"};
}

} // namespace

PictureSizes sizesOf(const OnnxModel& model, PictureSizes traced) {
    return std::holds_alternative<std::int64_t>(model.input.shape[2]) ? PictureSizes::ThisOne : traced;
}

OnnxModel onnxOf(const TracedNetwork& network, int imageSize, at::ScalarType type) {
    const torch::NoGradGuard noGrad;
    OnnxGraph graph(network.module, type);
    const auto inputs = network.graph->inputs();
    graph.setKnown(inputs[0], network.module._ivalue());
    const std::int64_t number = type == at::kHalf ? kHalfType : kBfloatType;
    graph.setScope("input");
    graph.setName(inputs[1], type == at::kFloat ? kInput : graph.add("Cast", {kInput}, {{"to", number}}));
    for (jit::Node* node : network.graph->nodes())
        translate(*node, graph);
    const jit::Value* output = network.graph->outputs().front();
    OnnxModel& model = graph.model();
    model.nodes.push_back({.op = type == at::kFloat ? "Identity" : "Cast",
                           .name = kOutput,
                           .inputs = {graph.nameOf(output)},
                           .outputs = {kOutput},
                           .attributes = {}});
    if (type != at::kFloat)
        model.nodes.back().attributes.emplace("to", kFloatType);
    model.input = {.name = kInput,
                   .shape = inputShape(graph.fixed() ? PictureSizes::ThisOne : network.sizes, imageSize)};
    model.output = {.name = kOutput, .shape = {"pictures", tracedSizes(output).back()}};
    prune(model);
    return std::move(model);
}

} // namespace engine
