#include "engine/export/onnxpreparation.h"

#include "engine/export/onnxgraph.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace engine {
namespace {

constexpr const char* kPictures = "pictures";
constexpr std::int64_t kReal = 1; // ONNX's number of fp32

class Preparing final {
public:
    Preparing(OnnxGraph& graph, const Preprocess& preprocess) : m_graph(graph), m_preprocess(preprocess) {
        const std::string shape = m_graph.add("Shape", {kPictures});
        m_height = m_graph.add("Gather", {shape, whole(1)});
        m_width = m_graph.add("Gather", {shape, whole(2)});
    }

    // [N, 3, side, side]: across, rounded to levels, down, rounded again, as Pillow does with bytes.
    std::string pixels() {
        const std::string planes =
            m_graph.add("Transpose", {real(kPictures)}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}});
        const std::string across =
            m_graph.add("Transpose", {weights(m_width, m_height)}, {{"perm", std::vector<std::int64_t>{1, 0}}});
        const std::string narrow = levels(m_graph.add("MatMul", {planes, across}));
        const std::string cut = levels(m_graph.add("MatMul", {weights(m_height, m_width), narrow}));
        const std::string shares = m_graph.add("Div", {cut, m_graph.number(m_preprocess.divisor)});
        return m_graph.add("Div", {m_graph.add("Sub", {shares, perChannel(m_preprocess.mean)}),
                                   perChannel(m_preprocess.standardDeviation)});
    }

private:
    std::string whole(std::int64_t number) { return m_graph.constant(at::scalar_tensor(number, at::kLong)); }
    std::string real(const std::string& values) { return m_graph.add("Cast", {values}, {{"to", kReal}}); }
    std::string perChannel(const std::array<float, 3>& values) {
        return m_graph.constant(at::tensor(at::ArrayRef<float>(values.data(), values.size())).reshape({3, 1, 1}));
    }
    std::string levels(const std::string& values) {
        const std::string nearest = m_graph.add("Floor", {m_graph.add("Add", {values, m_graph.number(0.5)})});
        return m_graph.add("Clip", {nearest, m_graph.number(0), m_graph.number(255)});
    }

    // How long a side of the whole picture becomes: the shorter one resizeSize, the other in proportion.
    std::string resized(const std::string& length, const std::string& other) {
        const std::string least = whole(m_preprocess.resizeSize);
        if (m_preprocess.cropMode == CropMode::Squash)
            return least;
        const std::string scaled = m_graph.add("Div", {m_graph.add("Mul", {length, least}), other});
        return m_graph.add("Max", {least, scaled});
    }

    // Where the centre begins.
    std::string margin(const std::string& length) {
        const std::string spare = m_graph.add("Sub", {length, whole(m_preprocess.imageSize)});
        if (m_preprocess.cropRounding == CropRounding::Down)
            return real(m_graph.add("Div", {spare, whole(2)}));
        return m_graph.add("Round", {m_graph.add("Mul", {real(spare), m_graph.number(0.5)})});
    }

    std::string weightAt(const std::string& distance) {
        const auto product = [this](const std::string& one, const std::string& other) {
            return m_graph.add("Mul", {one, other});
        };
        const auto plus = [this](const std::string& one, double other) {
            return m_graph.add("Add", {one, m_graph.number(other)});
        };
        if (m_preprocess.interpolation == Interpolation::Bilinear)
            return m_graph.add("Relu", {m_graph.add("Sub", {m_graph.number(1), distance})});
        const auto below = [&](double limit) { return m_graph.add("Less", {distance, m_graph.number(limit)}); };
        const std::string square = product(distance, distance);
        const std::string near = plus(product(plus(product(distance, m_graph.number(1.5)), -2.5), square), 1);
        const std::string far =
            product(plus(product(plus(product(plus(distance, -5), distance), 8), distance), -4), m_graph.number(-0.5));
        const std::string tail = m_graph.add("Where", {below(2), far, m_graph.number(0)});
        return m_graph.add("Where", {below(1), near, tail});
    }

    // [side, length]: what each value along a side has in each of those that are kept.
    std::string weights(const std::string& length, const std::string& other) {
        const std::string wanted = resized(length, other);
        const std::string scale = m_graph.add("Div", {real(length), real(wanted)});
        const std::string stretch = m_graph.add("Max", {scale, m_graph.number(1)});
        const std::string rows =
            m_graph.constant(at::arange(m_preprocess.imageSize, at::kFloat).add(0.5).reshape({-1, 1}));
        const std::string centres = m_graph.add("Mul", {m_graph.add("Add", {margin(wanted), rows}), scale});
        const std::string places = m_graph.add(
            "Add", {m_graph.add("Range", {m_graph.number(0), real(length), m_graph.number(1)}), m_graph.number(0.5)});
        const std::string distances =
            m_graph.add("Abs", {m_graph.add("Div", {m_graph.add("Sub", {places, centres}), stretch})});
        const std::string values = weightAt(distances);
        const std::int64_t along = 1;
        const std::string sums =
            m_graph.add("ReduceSum", {values, m_graph.numbers(std::span(&along, 1))}, {{"keepdims", std::int64_t{1}}});
        return m_graph.add("Div", {values, sums});
    }

    OnnxGraph& m_graph;
    const Preprocess& m_preprocess;
    std::string m_height, m_width;
};

OnnxNode single(const std::string& op, const std::string& input, const std::string& output) {
    return {.op = op, .name = output, .inputs = {input}, .outputs = {output}, .attributes = {}};
}

} // namespace

void addPreparation(OnnxModel& model, const Preprocess& preprocess, const TaskInfo& task) {
    const jit::Module none("preparation");
    OnnxGraph graph(none, at::kFloat);
    graph.setScope("preparation");
    const std::string pixels = Preparing(graph, preprocess).pixels();
    OnnxModel& made = graph.model();
    made.nodes.push_back(single("Identity", pixels, model.input.name));
    model.nodes.insert(model.nodes.begin(), std::make_move_iterator(made.nodes.begin()),
                       std::make_move_iterator(made.nodes.end()));
    std::ranges::move(made.constants, std::back_inserter(model.constants));
    model.nodes.push_back(single(task.exclusive ? "Softmax" : "Sigmoid", model.output.name, "probabilities"));
    if (task.exclusive)
        model.nodes.back().attributes.emplace("axis", std::int64_t{1});
    model.output.name = "probabilities";
    model.input = {.name = kPictures, .type = at::kByte, .shape = {"pictures", "height", "width", std::int64_t{3}}};
}

} // namespace engine
