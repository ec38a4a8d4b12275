#include "engine/export/onnxgraph.h"

#include "engine/api/error.h"

#include <fmt/format.h>

namespace engine {
namespace {

// "blocks.0.conv1.weight" of a parameter; empty of what was computed.
std::string pathOf(const jit::Value* value) {
    std::string path;
    for (; value->node()->kind() == c10::prim::GetAttr; value = value->node()->input())
        path = value->node()->s(c10::attr::name) + (path.empty() ? "" : ".") + path;
    return path;
}

} // namespace

const c10::IValue* OnnxGraph::known(const jit::Value* value) const {
    const auto found = m_known.find(value);
    return found == m_known.end() ? nullptr : &found->second;
}

void OnnxGraph::setKnown(const jit::Value* value, c10::IValue held) {
    m_known.insert_or_assign(value, std::move(held));
}

std::string OnnxGraph::nameOf(const jit::Value* value) {
    if (const auto found = m_names.find(value); found != m_names.end())
        return found->second;
    const c10::IValue* held = known(value);
    if (held == nullptr || !(held->isTensor() || held->isScalar()))
        throw Error(ErrorKind::Internal, fmt::format("{} has no value that ONNX knows.", m_scope));
    std::string name =
        held->isTensor() ? constant(held->toTensor(), pathOf(value)) : number(held->toScalar().toDouble());
    m_names.emplace(value, name);
    return name;
}

std::string OnnxGraph::add(const std::string& op, std::vector<std::string> inputs,
                           std::map<std::string, OnnxAttribute> attributes) {
    const std::string name = fmt::format("{}/{}_{}", m_scope, op, m_count++);
    m_model.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
    return name;
}

std::string OnnxGraph::constant(const at::Tensor& value, const std::string& name) {
    at::Tensor held = value.detach();
    if (held.is_floating_point())
        held = held.to(m_type);
    std::string used = name.empty() ? fmt::format("{}/constant_{}", m_scope, m_count++) : name;
    m_model.constants.push_back({used, held.contiguous()});
    return used;
}

std::string OnnxGraph::numbers(std::span<const std::int64_t> values) {
    return constant(at::tensor(at::ArrayRef<std::int64_t>(values.data(), values.size()), at::kLong));
}

std::string OnnxGraph::number(double value) { return constant(at::scalar_tensor(value, at::kFloat)); }

std::string OnnxGraph::sizes(const jit::Value* list) {
    if (const c10::IValue* held = known(list))
        return numbers(held->toIntVector());
    std::vector<std::string> parts;
    for (const jit::Value* size : list->node()->inputs()) {
        const c10::IValue* held = known(size);
        parts.push_back(held != nullptr ? numbers(std::vector<std::int64_t>{held->toInt()}) : nameOf(size));
    }
    return add("Concat", parts, {{"axis", std::int64_t{0}}});
}

std::vector<std::int64_t> tracedSizes(const jit::Value* value) {
    const auto tensor = value->type()->cast<c10::TensorType>();
    const auto sizes = tensor ? tensor->sizes().concrete_sizes() : std::nullopt;
    if (!sizes)
        throw Error(ErrorKind::Internal,
                    fmt::format("The sizes of what {} gives are not known.", value->node()->kind().toQualString()));
    return *sizes;
}

} // namespace engine
