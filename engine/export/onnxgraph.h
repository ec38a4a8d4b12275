#pragma once

#include "engine/export/onnxmodel.h"

#include <torch/csrc/jit/api/module.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace engine {

namespace jit = torch::jit;

// The ONNX model that becomes of a traced graph, node by node. What depends on the input has a name there; everything
// else is known and computed at once.
class OnnxGraph final {
public:
    // Parameters are taken from `module`; fp32 constants are written in `type`.
    OnnxGraph(const jit::Module& module, at::ScalarType type) : m_module(module), m_type(type) {}

    // What is known of a value.
    [[nodiscard]] const c10::IValue* known(const jit::Value* value) const;
    void setKnown(const jit::Value* value, c10::IValue held);
    void setName(const jit::Value* value, std::string name) { m_names.insert_or_assign(value, std::move(name)); }
    // Its name in the model; what is known becomes a constant there. Numbers become fp32 tensors without sides.
    [[nodiscard]] std::string nameOf(const jit::Value* value);

    // Adds a node; its only output's name.
    std::string add(const std::string& op, std::vector<std::string> inputs,
                    std::map<std::string, OnnxAttribute> attributes = {});
    std::string constant(const at::Tensor& value, const std::string& name = {});
    std::string numbers(std::span<const std::int64_t> values); // int64 [count]
    std::string number(double value);                          // without sides
    // A list of sizes, of which some may depend on the input: int64 [count].
    [[nodiscard]] std::string sizes(const jit::Value* list);

    // From now on the model is for pictures of the size with which the graph was traced.
    void fixSize() { m_fixed = true; }
    [[nodiscard]] bool fixed() const { return m_fixed; }

    void setScope(std::string scope) { m_scope = std::move(scope); }
    [[nodiscard]] const jit::Module& module() const { return m_module; }
    [[nodiscard]] OnnxModel& model() { return m_model; }

private:
    const jit::Module& m_module;
    at::ScalarType m_type;
    OnnxModel m_model;
    std::string m_scope;
    std::unordered_map<const jit::Value*, c10::IValue> m_known;
    std::unordered_map<const jit::Value*, std::string> m_names;
    std::size_t m_count = 0;
    bool m_fixed = false;
};

// Sides of a tensor as they were when the graph was traced; throws Error(Internal) where the graph does not say.
[[nodiscard]] std::vector<std::int64_t> tracedSizes(const jit::Value* value);

} // namespace engine
