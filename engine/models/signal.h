#pragma once

#include "engine/base/torchheader.h"

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace engine {

// What goes from stage to stage: values and, where samples differ in length, which of them count.
struct Signal {
    at::Tensor value; // [N, …]
    at::Tensor mask;  // [N, length], true where a value counts; undefined: all do

    Signal() = default;
    Signal(at::Tensor of) : value(std::move(of)) {} // NOLINT: a tensor is a signal without a mask
    Signal(at::Tensor of, at::Tensor counting) : value(std::move(of)), mask(std::move(counting)) {}

    // The same on every tensor that is there.
    template <std::invocable<const at::Tensor&> Change>
    [[nodiscard]] Signal with(Change change) const {
        return {change(value), mask.defined() ? change(mask) : mask};
    }
};

// What a stage computes. One that knows tensors only hands the mask on as it came.
class StageFunction final {
public:
    StageFunction() = default;
    template <typename Function>
    requires std::is_invocable_r_v<at::Tensor, Function&, const at::Tensor&>
    StageFunction(Function function) // NOLINT: stages are written as lambdas
        : m_function([function = std::move(function)](const Signal& signal) mutable {
              return Signal(function(signal.value), signal.mask);
          }) {}
    template <typename Function>
    requires(std::is_invocable_r_v<Signal, Function&, const Signal&> &&
             !std::is_invocable_r_v<at::Tensor, Function&, const at::Tensor&> && !std::same_as<Function, StageFunction>)
        StageFunction(Function function)
        : m_function(std::move(function)) {} // NOLINT

    [[nodiscard]] Signal operator()(const Signal& signal) const { return m_function(signal); }

private:
    std::function<Signal(const Signal&)> m_function;
};

} // namespace engine
