#include "engine/task/task.h"

#include <cmath>
#include <limits>

namespace engine {
namespace {

class ClassificationMeter final : public Meter {
public:
    explicit ClassificationMeter(std::size_t classes) {
        m_result.confusion.assign(classes, std::vector<std::int64_t>(classes));
    }

    void add(const at::Tensor& outputs, const at::Tensor& /*targets*/,
             std::span<const ImageSample* const> samples) override {
        const at::Tensor logProbabilities = at::log_softmax(outputs, 1);
        const auto [best, predicted] = logProbabilities.max(1);
        const auto values = logProbabilities.accessor<float, 2>();
        const auto answers = predicted.accessor<std::int64_t, 1>();
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const ImageSample& sample = *samples[i];
            const auto row = static_cast<std::int64_t>(i);
            const std::int64_t answer = answers[row];
            const float loss = -values[row][sample.label];
            m_lossSum += loss;
            ++m_result.confusion[static_cast<std::size_t>(sample.label)][static_cast<std::size_t>(answer)];
            m_result.samples.push_back({.file = sample.file,
                                        .label = sample.label,
                                        .predicted = static_cast<int>(answer),
                                        .probability = std::exp(values[row][answer]),
                                        .loss = loss});
        }
    }

    [[nodiscard]] std::int64_t samples() const override { return static_cast<std::int64_t>(m_result.samples.size()); }

    [[nodiscard]] Judgement result() const override {
        Judgement result = m_result;
        const auto count = static_cast<double>(samples());
        std::int64_t right = 0;
        for (std::size_t label = 0; label < result.confusion.size(); ++label) {
            std::int64_t all = 0;
            for (const std::int64_t n : result.confusion[label])
                all += n;
            const std::int64_t hits = result.confusion[label][label];
            right += hits;
            result.perClass["accuracy"].push_back(all > 0 ? double(hits) / double(all)
                                                          : std::numeric_limits<double>::quiet_NaN());
        }
        result.values = {{"loss", m_lossSum / count}, {"accuracy", double(right) / count}};
        return result;
    }

private:
    Judgement m_result;
    double m_lossSum = 0;
};

class ImageClassification final : public Task {
public:
    [[nodiscard]] const TaskInfo& info() const override { return m_info; }
    [[nodiscard]] std::int64_t outputs(const std::vector<std::string>& classes) const override {
        return static_cast<std::int64_t>(classes.size());
    }
    [[nodiscard]] at::Tensor targets(std::span<const ImageSample* const> samples,
                                     std::int64_t /*outputs*/) const override {
        at::Tensor labels = at::empty({static_cast<std::int64_t>(samples.size())}, at::kLong);
        auto* label = labels.mutable_data_ptr<std::int64_t>();
        for (const ImageSample* sample : samples)
            *label++ = sample->label;
        return labels;
    }
    [[nodiscard]] at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets,
                                  const LossOptions& options) const override {
        return at::cross_entropy_loss(outputs.to(at::kFloat), targets, options.classWeights, at::Reduction::Sum, -100,
                                      options.smoothing);
    }
    [[nodiscard]] std::vector<std::string> stepMetrics() const override { return {"accuracy"}; }
    [[nodiscard]] std::vector<at::Tensor> stepSums(const at::Tensor& outputs,
                                                   const at::Tensor& targets) const override {
        return {outputs.argmax(1).eq(targets).sum().to(at::kDouble)};
    }
    [[nodiscard]] std::unique_ptr<Meter> meter(const std::vector<std::string>& classes,
                                               const std::vector<double>& /*thresholds*/) const override {
        return std::make_unique<ClassificationMeter>(classes.size());
    }
    [[nodiscard]] at::Tensor probabilities(const at::Tensor& outputs) const override { return at::softmax(outputs, 1); }

private:
    TaskInfo m_info = findTask("image-classification");
};

} // namespace

std::unique_ptr<Task> makeImageClassification() { return std::make_unique<ImageClassification>(); }

} // namespace engine
