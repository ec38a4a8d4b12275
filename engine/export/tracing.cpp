#include "engine/export/tracing.h"

#include "engine/api/error.h"
#include "engine/export/constants.h"
#include "engine/export/freebatch.h"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/scope.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

// How many pictures each of the two traces computes at once: neither is a number that layers like to have.
constexpr std::int64_t kTracedWith = 2, kOtherPictures = 3;
constexpr int kStep = 32; // of sides that halve five times

// "inverted residual" → "InvertedResidual", "torch::nn::LayerNormImpl" → "LayerNorm": what TorchScript can write down
// as a class.
std::string className(std::string words) {
    words.erase(0, words.rfind(':') + 1);
    if (words.ends_with("Impl"))
        words.resize(words.size() - 4);
    std::string name;
    bool upper = true;
    for (const char letter : words) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0 && byte < 0x80)
            name += upper ? static_cast<char>(std::toupper(byte)) : letter;
        upper = std::isalnum(byte) == 0;
    }
    return name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 ? "Block" + name : name;
}

jit::Module mirrored(const torch::nn::Module& module, const std::shared_ptr<jit::CompilationUnit>& unit) {
    jit::Module script(c10::QualifiedName("__torch__.thaw." + className(module.name())), unit, true);
    script.register_attribute("training", c10::BoolType::get(), false);
    for (const auto& item : module.named_parameters(false))
        script.register_parameter(item.key(), item.value(), false);
    for (const auto& item : module.named_buffers(false))
        script.register_buffer(item.key(), item.value());
    for (const auto& item : module.named_children())
        script.register_module(item.key(), mirrored(*item.value(), unit));
    return script;
}

// A tracer may warn of operators in place that write what someone else reads; the certificate tells.
class Unwarned final {
public:
    Unwarned() : m_before(jit::tracer::getTracerStateWarnMode().exchange(false)) {}
    ~Unwarned() { jit::tracer::getTracerStateWarnMode() = m_before; }
    Unwarned(const Unwarned&) = delete;
    Unwarned& operator=(const Unwarned&) = delete;

private:
    bool m_before;
};

// Thaw's own padding as torch's, which every reader knows.
void useTorchsPadding(jit::Graph& graph) {
    static const c10::Symbol ours = c10::Symbol::fromQualString("thaw::pad_zeros");
    std::vector<jit::Node*> found;
    for (jit::Node* node : graph.nodes())
        if (node->kind() == ours)
            found.push_back(node);
    for (jit::Node* node : found) {
        const jit::WithInsertPoint before(node);
        const jit::WithCurrentScope scope(graph, node->scope());
        const auto sides = node->inputs().slice(1);
        jit::Value* padding = graph.insertNode(graph.createList(c10::IntType::get(), sides))->output();
        jit::Value* padded = graph.insert(c10::aten::constant_pad_nd, {node->input(0), padding, std::int64_t{0}});
        padded->setType(node->output()->type());
        node->output()->replaceAllUsesWith(padded);
        node->destroy();
    }
}

std::shared_ptr<jit::Graph> traced(Backbone& backbone, jit::Module& script, at::IntArrayRef shape,
                                   at::ScalarType type) {
    const Unwarned unwarned;
    const auto forward = [&](jit::Stack input) -> jit::Stack {
        jit::Graph& graph = *jit::tracer::getTracingState()->graph;
        const jit::ScopePtr outside = graph.current_scope();
        Signal signal = input.front().toTensor().to(type);
        for (const Stage& stage : backbone.stages()) {
            graph.set_current_scope(outside->push(c10::Symbol::scope(stage.name)));
            signal = stage.forward(signal);
        }
        graph.set_current_scope(outside);
        return {signal.value.to(at::kFloat)};
    };
    // Not all the same: a picture without any pattern hides what depends on it.
    const at::Tensor pixels = at::linspace(-2, 2, shape[0] * shape[1] * shape[2] * shape[3]).reshape(shape);
    auto [state, output] = jit::tracer::trace({pixels}, forward, [](const at::Tensor&) { return std::string(); }, true,
                                              false, &script, {"pixels"});
    useTorchsPadding(*state->graph);
    jit::EliminateDeadCode(state->graph);
    return state->graph;
}

// Statistics of normalisation stay as they are: half precision has no room for large ones.
void narrow(Backbone& backbone, at::ScalarType type) {
    for (const auto& module : backbone.modules()) {
        if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr)
            continue;
        for (at::Tensor& parameter : module->parameters(false))
            parameter.set_data(parameter.to(type));
        for (at::Tensor& buffer : module->buffers(false))
            if (buffer.is_floating_point())
                buffer.set_data(buffer.to(type));
    }
}

PictureSizes sizesOf(Backbone& backbone, jit::Module& script, jit::Graph& graph, int imageSize, at::ScalarType type) {
    const auto same = [&](int side) {
        try {
            return sameGraph(graph, *traced(backbone, script, {kTracedWith, 3, side, side}, type));
        } catch (const Error&) { // a picture that it does not take
            return false;
        }
    };
    const int multiple = std::max(2 * kStep, (imageSize / kStep + 1) * kStep);
    if (!same(multiple)) // among them "same" padding, of pictures that are no multiple themselves
        return PictureSizes::ThisOne;
    if (same(imageSize + 1) && same(imageSize + 3))
        return PictureSizes::Any;
    return imageSize % kStep == 0 ? PictureSizes::MultiplesOf32 : PictureSizes::ThisOne;
}

} // namespace

TracedNetwork traceBackbone(const std::shared_ptr<Backbone>& backbone, int imageSize, at::ScalarType type) {
    const torch::NoGradGuard noGrad;
    backbone->eval();
    if (type != at::kFloat)
        narrow(*backbone, type);
    const auto unit = std::make_shared<jit::CompilationUnit>();
    TracedNetwork network{.module = mirrored(*backbone, unit), .graph = {}};
    network.graph = traced(*backbone, network.module, {kTracedWith, 3, imageSize, imageSize}, type);
    network.sizes = sizesOf(*backbone, network.module, *network.graph, imageSize, type);
    const auto other = traced(*backbone, network.module, {kOtherPictures, 3, imageSize, imageSize}, type);
    if (const std::string block = freeBatch(*network.graph, kTracedWith, *other, kOtherPictures); !block.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} of {} computes otherwise for another number of pictures, which cannot be written "
                                "down.",
                                block, backbone->info().name),
                    "Export it as safetensors.");
    foldConstants(network.graph);
    const auto copy = network.graph->copy(); // its types lose the sizes of these pictures
    for (jit::Node* node : copy->nodes())
        for (jit::Value* value : node->outputs())
            if (value->type()->kind() == c10::TypeKind::TensorType)
                value->setType(c10::TensorType::get());
    for (jit::Value* value : copy->inputs())
        if (value->type()->kind() == c10::TypeKind::TensorType)
            value->setType(c10::TensorType::get());
    jit::Function* function =
        unit->create_function(c10::QualifiedName(*network.module.type()->name(), "forward"), copy);
    network.module.type()->addMethod(function);
    return network;
}

} // namespace engine
