#include "engine/export/onnxoperators.h"

#include "engine/api/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

namespace engine {
namespace {

using Numbers = std::vector<std::int64_t>;
using Node = jit::Node;

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

const jit::Value* in(const Node& node, std::size_t index) { return node.inputs().at(index); }

// An argument that must not depend on the input.
const c10::IValue& argument(const Node& node, const OnnxGraph& graph, std::size_t index) {
    if (const c10::IValue* held = graph.known(in(node, index)))
        return *held;
    throw Error(
        ErrorKind::BadInput,
        fmt::format("{} takes a number from the picture, which ONNX cannot be told.", node.kind().toQualString()),
        "Export it as torchscript.");
}
std::int64_t intOf(const Node& node, const OnnxGraph& graph, std::size_t index) {
    return argument(node, graph, index).toInt();
}
double realOf(const Node& node, const OnnxGraph& graph, std::size_t index) {
    return argument(node, graph, index).toScalar().toDouble();
}
Numbers listOf(const Node& node, const OnnxGraph& graph, std::size_t index) {
    return argument(node, graph, index).toIntVector();
}
bool nothing(const Node& node, const OnnxGraph& graph, std::size_t index) {
    const c10::IValue* held = graph.known(in(node, index));
    return held != nullptr && held->isNone();
}
std::int64_t rankOf(const jit::Value* value) { return std::ssize(tracedSizes(value)); }
std::int64_t fromFront(std::int64_t dimension, std::int64_t rank) {
    return dimension < 0 ? dimension + rank : dimension;
}

void give(const Node& node, OnnxGraph& graph, std::string name) { graph.setName(node.output(), std::move(name)); }

void demand(bool fulfilled, const Node& node, std::string_view what) {
    if (!fulfilled)
        throw Error(ErrorKind::BadInput, fmt::format("{} {}, which ONNX has not.", node.kind().toQualString(), what),
                    "Export it as torchscript.");
}

// A single number counts for both directions.
Numbers pairOf(const Node& node, const OnnxGraph& graph, std::size_t index) {
    const Numbers list = listOf(node, graph, index);
    return list.size() == 1 ? Numbers{list.front(), list.front()} : list;
}

// Both sides alike in torch; ONNX wants what goes before all dimensions, then what goes behind them.
Numbers bothSides(const Numbers& padding) {
    Numbers pads = padding;
    pads.insert(pads.end(), padding.begin(), padding.end());
    return pads;
}

void unchanged(const Node& node, OnnxGraph& graph) { give(node, graph, graph.nameOf(in(node, 0))); }

void dropout(const Node& node, OnnxGraph& graph) {
    demand(!argument(node, graph, 2).toBool(), node, "drops elements");
    unchanged(node, graph);
}

template <const char* const& Op>
void unary(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add(Op, {graph.nameOf(in(node, 0))}));
}
constexpr const char* kRelu = "Relu";
constexpr const char* kSigmoid = "Sigmoid";
constexpr const char* kTanh = "Tanh";
constexpr const char* kHardSwish = "HardSwish";

template <const char* const& Op>
void binary(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add(Op, {graph.nameOf(in(node, 0)), graph.nameOf(in(node, 1))}));
}
constexpr const char* kMul = "Mul";
constexpr const char* kDiv = "Div";
constexpr const char* kMatMul = "MatMul";

// a ± alpha · b
template <const char* const& Op>
void sum(const Node& node, OnnxGraph& graph) {
    demand(realOf(node, graph, 2) == 1, node, "scales what it adds");
    binary<Op>(node, graph);
}
constexpr const char* kAdd = "Add";
constexpr const char* kSub = "Sub";

// Of tensors, or of the number of pictures.
void multiply(const Node& node, OnnxGraph& graph) {
    if (!node.output()->type()->isSubtypeOf(*c10::IntType::get()))
        return binary<kMul>(node, graph);
    give(node, graph, graph.add("Mul", {graph.nameOf(in(node, 0)), graph.numbers(Numbers{intOf(node, graph, 1)})}));
}

void size(const Node& node, OnnxGraph& graph) {
    const std::string all = graph.add("Shape", {graph.nameOf(in(node, 0))});
    give(node, graph,
         graph.add("Gather", {all, graph.numbers(Numbers{intOf(node, graph, 1)})}, {{"axis", std::int64_t{0}}}));
}

void hardtanh(const Node& node, OnnxGraph& graph) {
    give(node, graph,
         graph.add("Clip", {graph.nameOf(in(node, 0)), graph.number(realOf(node, graph, 1)),
                            graph.number(realOf(node, graph, 2))}));
}

void hardsigmoid(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add("HardSigmoid", {graph.nameOf(in(node, 0))}, {{"alpha", 1.0 / 6}, {"beta", 0.5}}));
}

void silu(const Node& node, OnnxGraph& graph) {
    const std::string value = graph.nameOf(in(node, 0));
    give(node, graph, graph.add("Mul", {value, graph.add("Sigmoid", {value})}));
}

// x · Φ(x) with the normal distribution Φ (Hendrycks and Gimpel 2016).
void gelu(const Node& node, OnnxGraph& graph) {
    demand(argument(node, graph, 1).toStringRef() == "none", node, "approximates");
    const std::string value = graph.nameOf(in(node, 0));
    const std::string scaled = graph.add("Mul", {value, graph.number(1 / std::numbers::sqrt2)});
    const std::string twice = graph.add("Add", {graph.add("Erf", {scaled}), graph.number(1)});
    give(node, graph, graph.add("Mul", {graph.add("Mul", {value, twice}), graph.number(0.5)}));
}

void softmax(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add("Softmax", {graph.nameOf(in(node, 0))}, {{"axis", intOf(node, graph, 1)}}));
}

// The weight and shift with which a convolution does what the normalisation behind it would.
struct Folded {
    at::Tensor weight, bias;
};

Folded foldedInto(const at::Tensor& weight, const c10::IValue& bias, const Node& norm, const OnnxGraph& graph) {
    const auto tensor = [&](std::size_t index) { return argument(norm, graph, index).toTensor().to(at::kDouble); };
    const at::Tensor scale = tensor(1) / (tensor(4) + realOf(norm, graph, 7)).sqrt();
    const at::Tensor shift = bias.isTensor() ? bias.toTensor().to(at::kDouble) - tensor(3) : -tensor(3);
    return {(weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(at::kFloat),
            (shift * scale + tensor(2)).to(at::kFloat)};
}

// The normalisation that alone reads what a convolution gives.
const Node* normBehind(const Node& node) {
    const auto& uses = node.output()->uses();
    const bool alone = uses.size() == 1 && uses.front().user->kind() == c10::aten::batch_norm;
    return alone && uses.front().offset == 0 ? uses.front().user : nullptr;
}

std::string convolved(const Node& node, OnnxGraph& graph, const at::Tensor& weight, const c10::IValue& bias) {
    demand(!argument(node, graph, 6).toBool(), node, "goes backwards");
    std::vector<std::string> inputs{graph.nameOf(in(node, 0)), graph.constant(weight)};
    if (bias.isTensor())
        inputs.push_back(graph.constant(bias.toTensor()));
    return graph.add("Conv", inputs,
                     {{"kernel_shape", weight.sizes().slice(2).vec()},
                      {"strides", listOf(node, graph, 3)},
                      {"pads", bothSides(listOf(node, graph, 4))},
                      {"dilations", listOf(node, graph, 5)},
                      {"group", intOf(node, graph, 8)}});
}

void convolution(const Node& node, OnnxGraph& graph) {
    if (normBehind(node) == nullptr) // else that one writes both
        give(node, graph, convolved(node, graph, argument(node, graph, 1).toTensor(), argument(node, graph, 2)));
}

void batchNorm(const Node& node, OnnxGraph& graph) {
    demand(!argument(node, graph, 5).toBool(), node, "trains");
    const Node& before = *in(node, 0)->node();
    if (before.kind() == c10::aten::_convolution && normBehind(before) == &node) {
        const Folded folded =
            foldedInto(argument(before, graph, 1).toTensor(), argument(before, graph, 2), node, graph);
        return give(node, graph, convolved(before, graph, folded.weight, folded.bias));
    }
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < 5; ++i)
        inputs.push_back(graph.nameOf(in(node, i)));
    give(node, graph, graph.add("BatchNormalization", inputs, {{"epsilon", realOf(node, graph, 7)}}));
}

void layerNorm(const Node& node, OnnxGraph& graph) {
    const auto sides = std::ssize(listOf(node, graph, 1));
    give(node, graph,
         graph.add("LayerNormalization",
                   {graph.nameOf(in(node, 0)), graph.nameOf(in(node, 2)), graph.nameOf(in(node, 3))},
                   {{"axis", -sides}, {"epsilon", realOf(node, graph, 4)}}));
}

void linear(const Node& node, OnnxGraph& graph) {
    const at::Tensor weight = argument(node, graph, 1).toTensor();
    const bool shifts = !nothing(node, graph, 2);
    std::vector<std::string> inputs{graph.nameOf(in(node, 0))};
    if (rankOf(in(node, 0)) == 2) {
        inputs.push_back(graph.constant(weight));
        if (shifts)
            inputs.push_back(graph.nameOf(in(node, 2)));
        return give(node, graph, graph.add("Gemm", inputs, {{"transB", std::int64_t{1}}}));
    }
    inputs.push_back(graph.constant(weight.t()));
    std::string product = graph.add("MatMul", inputs);
    give(node, graph, shifts ? graph.add("Add", {product, graph.nameOf(in(node, 2))}) : product);
}

Numbers stridesOf(const Node& node, const OnnxGraph& graph) {
    return pairOf(node, graph, listOf(node, graph, 2).empty() ? 1 : 2);
}

void maxPool(const Node& node, OnnxGraph& graph) {
    give(node, graph,
         graph.add("MaxPool", {graph.nameOf(in(node, 0))},
                   {{"kernel_shape", pairOf(node, graph, 1)},
                    {"strides", stridesOf(node, graph)},
                    {"pads", bothSides(pairOf(node, graph, 3))},
                    {"dilations", pairOf(node, graph, 4)},
                    {"ceil_mode", std::int64_t{argument(node, graph, 5).toBool()}}}));
}

void averagePool(const Node& node, OnnxGraph& graph) {
    demand(nothing(node, graph, 6), node, "divides by a number of its own");
    give(node, graph,
         graph.add("AveragePool", {graph.nameOf(in(node, 0))},
                   {{"kernel_shape", pairOf(node, graph, 1)},
                    {"strides", stridesOf(node, graph)},
                    {"pads", bothSides(pairOf(node, graph, 3))},
                    {"ceil_mode", std::int64_t{argument(node, graph, 4).toBool()}},
                    {"count_include_pad", std::int64_t{argument(node, graph, 5).toBool()}}}));
}

// How much each of `size` positions has in each of `wanted`: [size, wanted].
at::Tensor shares(std::int64_t size, std::int64_t wanted) {
    return at::adaptive_avg_pool1d(at::eye(size).unsqueeze(0), {wanted}).squeeze(0);
}

// To more than one position it is a product with a matrix for each direction.
void adaptivePool(const Node& node, OnnxGraph& graph) {
    const Numbers wanted = pairOf(node, graph, 1);
    const std::string value = graph.nameOf(in(node, 0));
    if (wanted == Numbers({1, 1}))
        return give(node, graph, graph.add("GlobalAveragePool", {value}));
    const Numbers sizes = tracedSizes(in(node, 0));
    graph.fixSize();
    const std::string rows = graph.constant(shares(sizes[2], wanted[0]).t());
    const std::string across = graph.add("MatMul", {value, graph.constant(shares(sizes[3], wanted[1]))});
    give(node, graph, graph.add("MatMul", {rows, across}));
}

void mean(const Node& node, OnnxGraph& graph) {
    give(node, graph,
         graph.add("ReduceMean", {graph.nameOf(in(node, 0))},
                   {{"axes", listOf(node, graph, 1)}, {"keepdims", std::int64_t{argument(node, graph, 2).toBool()}}}));
}

// Sides before those that become one stay as they are, whatever they are.
void flatten(const Node& node, OnnxGraph& graph) {
    const Numbers sizes = tracedSizes(in(node, 0));
    const std::int64_t rank = std::ssize(sizes);
    const std::int64_t first = fromFront(intOf(node, graph, 1), rank), last = fromFront(intOf(node, graph, 2), rank);
    Numbers shape(static_cast<std::size_t>(first), 0);
    shape.push_back(-1);
    shape.insert(shape.end(), sizes.begin() + last + 1, sizes.end());
    give(node, graph, graph.add("Reshape", {graph.nameOf(in(node, 0)), graph.numbers(shape)}));
}

void reshape(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add("Reshape", {graph.nameOf(in(node, 0)), graph.sizes(in(node, 1))}));
}

// ONNX has a 1 where torch has −1 for a side that stays.
void expand(const Node& node, OnnxGraph& graph) {
    std::string shape;
    if (const c10::IValue* held = graph.known(in(node, 1))) {
        Numbers sizes = held->toIntVector();
        std::ranges::replace(sizes, -1, 1);
        shape = graph.numbers(sizes);
    } else {
        shape = graph.add("Abs", {graph.sizes(in(node, 1))});
    }
    give(node, graph, graph.add("Expand", {graph.nameOf(in(node, 0)), shape}));
}

void permute(const Node& node, OnnxGraph& graph) {
    give(node, graph, graph.add("Transpose", {graph.nameOf(in(node, 0))}, {{"perm", listOf(node, graph, 1)}}));
}

Numbers swapped(std::int64_t rank, std::int64_t one, std::int64_t other) {
    Numbers order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[static_cast<std::size_t>(fromFront(one, rank))],
              order[static_cast<std::size_t>(fromFront(other, rank))]);
    return order;
}

void transpose(const Node& node, OnnxGraph& graph) {
    const Numbers order = swapped(rankOf(in(node, 0)), intOf(node, graph, 1), intOf(node, graph, 2));
    give(node, graph, graph.add("Transpose", {graph.nameOf(in(node, 0))}, {{"perm", order}}));
}

void select(const Node& node, OnnxGraph& graph) {
    const std::string index = graph.constant(at::scalar_tensor(intOf(node, graph, 2), at::kLong));
    give(node, graph, graph.add("Gather", {graph.nameOf(in(node, 0)), index}, {{"axis", intOf(node, graph, 1)}}));
}

std::string sliced(OnnxGraph& graph, const std::string& value, std::int64_t dimension, std::int64_t first,
                   std::int64_t last, std::int64_t step = 1) {
    return graph.add("Slice", {value, graph.numbers(Numbers{first}), graph.numbers(Numbers{last}),
                               graph.numbers(Numbers{dimension}), graph.numbers(Numbers{step})});
}

void slice(const Node& node, OnnxGraph& graph) {
    const std::int64_t first = nothing(node, graph, 2) ? 0 : intOf(node, graph, 2);
    const std::int64_t last = nothing(node, graph, 3) ? kEnd : intOf(node, graph, 3);
    give(node, graph,
         sliced(graph, graph.nameOf(in(node, 0)), intOf(node, graph, 1), first, last, intOf(node, graph, 4)));
}

// What is pushed out at one end comes in at the other.
void roll(const Node& node, OnnxGraph& graph) {
    const Numbers shifts = listOf(node, graph, 1), dimensions = listOf(node, graph, 2);
    std::string value = graph.nameOf(in(node, 0));
    for (std::size_t i = 0; i < dimensions.size(); ++i)
        if (shifts[i] != 0)
            value = graph.add("Concat",
                              {sliced(graph, value, dimensions[i], -shifts[i], kEnd),
                               sliced(graph, value, dimensions[i], 0, -shifts[i])},
                              {{"axis", dimensions[i]}});
    give(node, graph, value);
}

void concatenate(const Node& node, OnnxGraph& graph) {
    std::vector<std::string> parts;
    for (const jit::Value* part : in(node, 0)->node()->inputs())
        parts.push_back(graph.nameOf(part));
    give(node, graph, graph.add("Concat", parts, {{"axis", intOf(node, graph, 1)}}));
}

void unsqueeze(const Node& node, OnnxGraph& graph) {
    give(node, graph,
         graph.add("Unsqueeze", {graph.nameOf(in(node, 0)), graph.numbers(Numbers{intOf(node, graph, 1)})}));
}

// torch begins with the last dimension.
void pad(const Node& node, OnnxGraph& graph) {
    const Numbers padding = listOf(node, graph, 1);
    const auto rank = static_cast<std::size_t>(rankOf(in(node, 0)));
    Numbers pads(2 * rank, 0);
    for (std::size_t i = 0; 2 * i < padding.size(); ++i) {
        pads[rank - 1 - i] = padding[2 * i];
        pads[2 * rank - 1 - i] = padding[2 * i + 1];
    }
    give(node, graph,
         graph.add("Pad", {graph.nameOf(in(node, 0)), graph.numbers(pads), graph.number(realOf(node, graph, 2))}));
}

// softmax(q · kᵀ · scale + mask) · v (Vaswani et al. 2017)
void attention(const Node& node, OnnxGraph& graph) {
    demand(realOf(node, graph, 4) == 0 && !argument(node, graph, 5).toBool(), node, "drops elements or hides some");
    const Numbers sizes = tracedSizes(in(node, 0));
    const std::int64_t rank = std::ssize(sizes);
    const double scale =
        nothing(node, graph, 6) ? 1 / std::sqrt(static_cast<double>(sizes.back())) : realOf(node, graph, 6);
    const std::string keys =
        graph.add("Transpose", {graph.nameOf(in(node, 1))}, {{"perm", swapped(rank, rank - 1, rank - 2)}});
    const std::string queries = graph.add("Mul", {graph.nameOf(in(node, 0)), graph.number(scale)});
    std::string scores = graph.add("MatMul", {queries, keys});
    if (!nothing(node, graph, 3))
        scores = graph.add("Add", {scores, graph.nameOf(in(node, 3))});
    const std::string weights = graph.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
    give(node, graph, graph.add("MatMul", {weights, graph.nameOf(in(node, 2))}));
}

struct Row {
    std::string_view op;
    OnnxTranslation translate;
};

constexpr std::array kTable{
    Row{"_convolution", convolution},
    Row{"adaptive_avg_pool2d", adaptivePool},
    Row{"add", sum<kAdd>},
    Row{"avg_pool2d", averagePool},
    Row{"batch_norm", batchNorm},
    Row{"cat", concatenate},
    Row{"clone", unchanged},
    Row{"constant_pad_nd", pad},
    Row{"contiguous", unchanged},
    Row{"detach", unchanged},
    Row{"div", binary<kDiv>},
    Row{"dropout", dropout},
    Row{"expand", expand},
    Row{"flatten", flatten},
    Row{"gelu", gelu},
    Row{"hardsigmoid", hardsigmoid},
    Row{"hardswish", unary<kHardSwish>},
    Row{"hardtanh", hardtanh},
    Row{"layer_norm", layerNorm},
    Row{"linear", linear},
    Row{"matmul", binary<kMatMul>},
    Row{"max_pool2d", maxPool},
    Row{"mean", mean},
    Row{"mul", multiply},
    Row{"permute", permute},
    Row{"relu", unary<kRelu>},
    Row{"reshape", reshape},
    Row{"roll", roll},
    Row{"scaled_dot_product_attention", attention},
    Row{"select", select},
    Row{"sigmoid", unary<kSigmoid>},
    Row{"silu", silu},
    Row{"size", size},
    Row{"slice", slice},
    Row{"softmax", softmax},
    Row{"sub", sum<kSub>},
    Row{"tanh", unary<kTanh>},
    Row{"to", unchanged}, // numbers are chosen for the whole file
    Row{"transpose", transpose},
    Row{"unsqueeze", unsqueeze},
    Row{"view", reshape},
};

} // namespace

OnnxTranslation onnxTranslation(std::string_view op) {
    constexpr std::string_view kLibrary = "aten::";
    if (!op.starts_with(kLibrary))
        return nullptr;
    op.remove_prefix(kLibrary.size());
    if (op.ends_with('_'))
        op.remove_suffix(1); // in place
    const auto found = std::ranges::find(kTable, op, &Row::op);
    return found == kTable.end() ? nullptr : found->translate;
}

} // namespace engine
