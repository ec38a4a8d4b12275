#include "engine/task/averageprecision.h"
#include "engine/task/task.h"

#include <cmath>
#include <limits>

namespace engine {
namespace {

double meanOfNumbers(const std::vector<double>& values) {
    double sum = 0, count = 0;
    for (const double value : values)
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

// [N]: mean over the labels, as torch.nn.BCEWithLogitsLoss takes it.
at::Tensor lossOfEach(const at::Tensor& outputs, const at::Tensor& targets, const at::Tensor& yesWeights = {}) {
    return at::binary_cross_entropy_with_logits(outputs, targets, {}, yesWeights, at::Reduction::None).mean(1);
}

class MultiLabelMeter final : public Meter {
public:
    MultiLabelMeter(std::size_t labels, std::vector<double> thresholds)
        : m_labels(labels), m_thresholds(std::move(thresholds)) {}

    void add(const at::Tensor& outputs, const at::Tensor& targets,
             std::span<const ImageSample* const> samples) override {
        const at::Tensor losses = lossOfEach(outputs, targets);
        const at::Tensor scores = at::sigmoid(outputs).contiguous();
        const auto* score = scores.const_data_ptr<float>();
        for (std::size_t i = 0; i < samples.size(); ++i) {
            m_samples.push_back(*samples[i]);
            m_losses.push_back(losses[static_cast<std::int64_t>(i)].item<float>());
            m_scores.insert(m_scores.end(), score + i * m_labels, score + (i + 1) * m_labels);
        }
    }

    [[nodiscard]] std::int64_t samples() const override { return static_cast<std::int64_t>(m_samples.size()); }

    [[nodiscard]] Judgement result() const override {
        Judgement result;
        double lossSum = 0;
        for (const float loss : m_losses)
            lossSum += loss;
        auto& precision = result.perClass["mean_average_precision"];
        auto& f1 = result.perClass["f1"];
        for (std::size_t label = 0; label < m_labels; ++label) {
            std::vector<ScoredAnswer> answers = answersFor(label);
            precision.push_back(averagePrecision(answers));
            const BestThreshold best = m_thresholds.size() == m_labels
                                           ? BestThreshold{m_thresholds[label], f1At(m_thresholds[label], answers)}
                                           : bestThreshold(answers);
            f1.push_back(best.f1);
            result.thresholds.push_back(best.threshold);
        }
        result.values = {{"loss", lossSum / static_cast<double>(samples())},
                         {"mean_average_precision", meanOfNumbers(precision)},
                         {"f1", meanOfNumbers(f1)}};
        for (std::size_t i = 0; i < m_samples.size(); ++i)
            result.samples.push_back(answered(i, result.thresholds));
        return result;
    }

private:
    [[nodiscard]] std::vector<ScoredAnswer> answersFor(std::size_t label) const {
        std::vector<ScoredAnswer> answers(m_samples.size());
        for (std::size_t i = 0; i < answers.size(); ++i)
            answers[i].score = m_scores[i * m_labels + label];
        for (std::size_t i = 0; i < answers.size(); ++i)
            for (const int one : m_samples[i].labels)
                answers[i].right = answers[i].right || static_cast<std::size_t>(one) == label;
        return answers;
    }

    [[nodiscard]] SampleResult answered(std::size_t sample, const std::vector<double>& thresholds) const {
        SampleResult result{.file = m_samples[sample].file, .loss = m_losses[sample]};
        result.labels = m_samples[sample].labels;
        result.predictedLabels.emplace();
        for (std::size_t label = 0; label < m_labels; ++label) {
            const float score = m_scores[sample * m_labels + label];
            if (score >= thresholds[label])
                result.predictedLabels->push_back(static_cast<int>(label));
            if (score > result.probability) {
                result.probability = score;
                result.predicted = static_cast<int>(label);
            }
        }
        return result;
    }

    std::size_t m_labels;
    std::vector<double> m_thresholds; // empty: the best are chosen
    std::vector<ImageSample> m_samples;
    std::vector<float> m_losses;
    std::vector<float> m_scores; // a row a sample
};

class MultiLabel final : public Task {
public:
    [[nodiscard]] const TaskInfo& info() const override { return m_info; }
    [[nodiscard]] std::int64_t outputs(const std::vector<std::string>& classes) const override {
        return static_cast<std::int64_t>(classes.size());
    }
    [[nodiscard]] at::Tensor targets(std::span<const ImageSample* const> samples, std::int64_t outputs) const override {
        at::Tensor rows = at::zeros({static_cast<std::int64_t>(samples.size()), outputs}, at::kFloat);
        auto* row = rows.mutable_data_ptr<float>();
        for (const ImageSample* sample : samples) {
            for (const int label : sample->labels)
                row[label] = 1;
            row += outputs;
        }
        return rows;
    }
    [[nodiscard]] at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets,
                                  const LossOptions& options) const override {
        const double smoothing = options.smoothing;
        const at::Tensor wanted = smoothing > 0 ? targets * (1 - smoothing) + smoothing / 2 : targets;
        return lossOfEach(outputs.to(at::kFloat), wanted, options.classWeights).sum();
    }
    [[nodiscard]] std::unique_ptr<Meter> meter(const std::vector<std::string>& classes,
                                               const std::vector<double>& thresholds) const override {
        return std::make_unique<MultiLabelMeter>(classes.size(), thresholds);
    }
    [[nodiscard]] at::Tensor probabilities(const at::Tensor& outputs) const override { return at::sigmoid(outputs); }

private:
    TaskInfo m_info = findTask("multi-label");
};

} // namespace

std::unique_ptr<Task> makeMultiLabel() { return std::make_unique<MultiLabel>(); }

} // namespace engine
