#pragma once

#include "engine/api/run.h"
#include "engine/api/tasks.h"
#include "engine/base/torchheader.h"
#include "engine/data/imagefolder.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What a validation says of a whole set.
struct Judgement {
    std::map<std::string, double> values;                // metric → value, the loss among them; may be no number
    std::map<std::string, std::vector<double>> perClass; // metric → value of each class; NaN where it has no sample
    std::vector<std::vector<std::int64_t>> confusion;    // [true][predicted]; empty where samples have no one class
    std::vector<double> thresholds;                      // on each label's probability; empty: none is needed
    std::vector<SampleResult> samples;                   // as they came
};

// Gathers what a model answers to the samples of a set. One thread.
class Meter {
public:
    virtual ~Meter() = default;
    // `outputs` [N, outputs()] and `targets` [N, …] on the CPU; `samples`: N, which live as long as the call.
    virtual void add(const at::Tensor& outputs, const at::Tensor& targets,
                     std::span<const ImageSample* const> samples) = 0;
    [[nodiscard]] virtual std::int64_t samples() const = 0; // seen so far
    [[nodiscard]] virtual Judgement result() const = 0;
};

// What a loss makes of the targets.
struct LossOptions {
    double smoothing = 0;    // the share of certainty that is spread over the other answers
    at::Tensor classWeights; // [outputs()] fp32 where the outputs are: of each class's samples, or of each label's yes
};

// One kind of question, without a state of its own: all of it can be asked from any thread.
class Task {
public:
    virtual ~Task() = default;
    [[nodiscard]] virtual const TaskInfo& info() const = 0;
    // Values that the head gives for each sample.
    [[nodiscard]] virtual std::int64_t outputs(const std::vector<std::string>& classes) const = 0;
    // What is right, a row a sample, as loss() takes it; on the CPU.
    [[nodiscard]] virtual at::Tensor targets(std::span<const ImageSample* const> samples,
                                             std::int64_t outputs) const = 0;
    // The loss summed over the samples of `outputs` [N, outputs()], a scalar in fp32 on their device, for autograd.
    [[nodiscard]] virtual at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets,
                                          const LossOptions& options) const = 0;
    // Metrics that are cheap enough for each step; steps and ranks add up their sums over samples.
    [[nodiscard]] virtual std::vector<std::string> stepMetrics() const { return {}; }
    // One float64 value on the device for each of these.
    [[nodiscard]] virtual std::vector<at::Tensor> stepSums(const at::Tensor& /*outputs*/,
                                                           const at::Tensor& /*targets*/) const {
        return {};
    }
    // `thresholds`: those to judge by; empty: the best are chosen.
    [[nodiscard]] virtual std::unique_ptr<Meter> meter(const std::vector<std::string>& classes,
                                                       const std::vector<double>& thresholds = {}) const = 0;
    // The outputs [N, outputs()] as probabilities that people read.
    [[nodiscard]] virtual at::Tensor probabilities(const at::Tensor& outputs) const = 0;
};

[[nodiscard]] std::vector<const ImageSample*> pointersTo(const std::vector<ImageSample>& samples);

// What is right for the samples of a set. The task outlives it.
struct Targets {
    const Task& task;
    SampleList samples;
    std::int64_t outputs = 0;

    Targets(const Task& asked, SampleList of, const std::vector<std::string>& classes)
        : task(asked), samples(std::move(of)), outputs(asked.outputs(classes)) {}
    // [indices.size(), …] on the CPU.
    [[nodiscard]] at::Tensor at(std::span<const std::int64_t> indices) const;
    [[nodiscard]] at::Tensor all() const;
};

// The task of this name. Throws Error(BadInput) where there is none. Any thread.
[[nodiscard]] const Task& taskOf(std::string_view name);
// Adds a task for good, or one in the place of that of the same name, and its row to tasks(). Any thread.
void addTask(std::unique_ptr<Task> task);

[[nodiscard]] std::unique_ptr<Task> makeImageClassification(); // cross-entropy, accuracy, confusion
[[nodiscard]] std::unique_ptr<Task> makeMultiLabel();          // binary cross-entropy, average precision, F1

} // namespace engine
