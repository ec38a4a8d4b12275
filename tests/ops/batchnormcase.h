#pragma once

#include "engine/ops/batchnorm.h"

#include <QTest>

#include <ATen/ATen.h>

#include <torch/csrc/autograd/autograd.h>

namespace tests {

// What BatchNorm with what follows it gave: output, gradients of input, shortcut, weight and bias, running mean and
// variance.
using BatchNormResult = std::vector<at::Tensor>;

// One call with everything that it needs, drawn by one seed on the CPU.
struct BatchNormCase {
    at::Tensor input, added, grad;
    engine::ops::BatchNormState state;
    engine::Activation activation;

    BatchNormCase(const at::IntArrayRef size, bool withAdded, engine::Activation kind, at::ScalarType type)
        : activation(kind) {
        at::manual_seed(23);
        const std::int64_t channels = size[1];
        const auto draw = [&] { return at::randn(size).to(type).contiguous(at::MemoryFormat::ChannelsLast); };
        // Far from zero, where sums of squares would lose the deviation.
        input = (at::randn(size) * 1.5 + 20 * at::randn({1, channels, 1, 1}))
                    .to(type)
                    .contiguous(at::MemoryFormat::ChannelsLast);
        if (withAdded)
            added = draw();
        grad = draw();
        state = {.weight = at::rand({channels}) + 0.5,
                 .bias = at::randn({channels}),
                 .runningMean = at::randn({channels}),
                 .runningVar = at::rand({channels}) + 0.5,
                 .batches = at::zeros({}, at::kLong)};
    }

    [[nodiscard]] BatchNormCase on(at::Device device) const {
        BatchNormCase there = *this;
        for (at::Tensor* tensor : {&there.input, &there.added, &there.grad, &there.state.weight, &there.state.bias,
                                   &there.state.runningMean, &there.state.runningVar, &there.state.batches}) {
            if (tensor->defined())
                *tensor = tensor->to(device).clone();
        }
        return there;
    }

    // `compute` gives the output from input and shortcut.
    template <typename Compute>
    BatchNormResult run(const Compute& compute) {
        input.set_requires_grad(true);
        state.weight.set_requires_grad(true);
        state.bias.set_requires_grad(true);
        std::vector<at::Tensor> inputs{input, state.weight, state.bias};
        if (added.defined())
            inputs.push_back(added.set_requires_grad(true));
        const at::Tensor output = compute();
        BatchNormResult result = torch::autograd::grad({output}, inputs, {grad});
        result.insert(result.begin(), output.detach());
        result.push_back(state.runningMean);
        result.push_back(state.runningVar);
        return result;
    }
    BatchNormResult runOperator() {
        return run([&] { return engine::ops::batchNormActivate(input, added, state, activation); });
    }
};

inline void addBatchNormRows() {
    QTest::addColumn<int>("activation");
    QTest::addColumn<bool>("added");
    using engine::Activation;
    for (const auto& [name, activation] : {std::pair{"none", Activation::None},
                                           {"relu", Activation::Relu},
                                           {"relu6", Activation::Relu6},
                                           {"silu", Activation::Silu},
                                           {"hardswish", Activation::Hardswish}}) {
        QTest::addRow("%s", name) << static_cast<int>(activation) << false;
        if (activation == Activation::None || activation == Activation::Relu)
            QTest::addRow("%s behind a sum", name) << static_cast<int>(activation) << true;
    }
}

} // namespace tests
