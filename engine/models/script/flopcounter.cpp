#include "engine/models/script/flopcounter.h"

#include <memory>
#include <string_view>

namespace engine {
namespace {

thread_local FlopCounter* t_counter = nullptr;

// What each number that an operator puts out costs.
struct Cost final : at::ObserverContext {
    explicit Cost(double flopsEach) : each(flopsEach) {}
    double each;
};

// 0 for what costs little, and for operators made of others, which are counted there.
double costOf(std::string_view name, c10::ArrayRef<const c10::IValue> inputs) {
    const auto size = [&inputs](std::size_t input, std::int64_t dimension) {
        return static_cast<double>(inputs[input].toTensor().size(dimension));
    };
    if (inputs.size() < 2)
        return 0;
    if (name == "aten::_convolution") // channels of a group × kernel
        return 2 * static_cast<double>(inputs[1].toTensor().numel()) / size(1, 0);
    if (name == "aten::mm" || name == "aten::bmm")
        return 2 * size(0, -1);
    if (name == "aten::addmm" || name == "aten::baddbmm")
        return 2 * size(1, -1);
    if (name == "aten::_scaled_dot_product_flash_attention_for_cpu") // by the keys, then by the values
        return 4 * size(1, -2);
    return 0;
}

// The interpreter shows its whole stack, the operator's inputs on top. They are gone at the operator's end.
std::unique_ptr<at::ObserverContext> onStart(const at::RecordFunction& operation) {
    const auto schema = operation.operator_schema();
    const auto inputs = operation.inputs();
    const std::size_t count = schema ? schema->arguments().size() : 0;
    if (count == 0 || inputs.size() < count)
        return nullptr;
    const double cost = costOf(operation.name(), inputs.slice(inputs.size() - count));
    return cost > 0 ? std::make_unique<Cost>(cost) : nullptr;
}

} // namespace

FlopCounter::FlopCounter()
    : m_outer(t_counter),
      m_handle(at::addThreadLocalCallback(at::RecordFunctionCallback(onStart, onEnd)
                                              .needsInputs(true)
                                              .needsOutputs(true)
                                              .scopes({at::RecordScope::FUNCTION}))) {
    t_counter = this;
}

FlopCounter::~FlopCounter() {
    at::removeCallback(m_handle);
    t_counter = m_outer;
}

void FlopCounter::onEnd(const at::RecordFunction& operation, at::ObserverContext* context) {
    if (context == nullptr)
        return;
    const auto& outputs = operation.outputs(); // likewise on top
    const std::size_t count = operation.operator_schema()->returns().size();
    if (count > 0 && outputs.size() >= count && outputs[outputs.size() - count].isTensor())
        t_counter->m_flops += static_cast<const Cost*>(context)->each *
                              static_cast<double>(outputs[outputs.size() - count].toTensor().numel());
}

} // namespace engine
