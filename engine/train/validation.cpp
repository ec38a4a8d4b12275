#include "engine/train/validation.h"

#include "engine/train/precision.h"

#include <limits>

namespace engine {
namespace {

void addBatch(ValidationResult& result, std::span<const ImageSample> samples, const ModelBatch& batch,
              const at::Tensor& logits, double& lossSum) {
    const at::Tensor logProbabilities = at::log_softmax(logits.cpu().to(at::kFloat), 1);
    const auto [best, predicted] = logProbabilities.max(1);
    const auto values = logProbabilities.accessor<float, 2>();
    for (std::int64_t i = 0; i < batch.count; ++i) {
        const auto& sample = samples[static_cast<std::size_t>(batch.indices[static_cast<std::size_t>(i)])];
        const std::int64_t answer = predicted[i].item<std::int64_t>();
        const float loss = -values[i][sample.label];
        lossSum += loss;
        ++result.confusion[static_cast<std::size_t>(sample.label)][static_cast<std::size_t>(answer)];
        result.samples.push_back({.file = sample.file,
                                  .label = sample.label,
                                  .predicted = static_cast<int>(answer),
                                  .probability = std::exp(values[i][answer]),
                                  .loss = loss});
    }
}

void summarise(ValidationResult& result, double lossSum) {
    const auto count = static_cast<double>(result.samples.size());
    std::int64_t right = 0;
    for (std::size_t label = 0; label < result.confusion.size(); ++label) {
        std::int64_t all = 0;
        for (const std::int64_t n : result.confusion[label])
            all += n;
        const std::int64_t hits = result.confusion[label][label];
        right += hits;
        result.perClassAccuracy.push_back(all > 0 ? double(hits) / double(all)
                                                  : std::numeric_limits<double>::quiet_NaN());
    }
    result.loss = lossSum / count;
    result.accuracy = double(right) / count;
}

} // namespace

std::optional<ValidationResult> validateSamples(ComputeDevice& device, Backbone& backbone, const FrozenPrefix* prefix,
                                                BatchSource& batches, std::span<const ImageSample> samples, bool bf16,
                                                std::stop_token stop,
                                                const std::function<void(std::int64_t)>& progress) {
    const torch::NoGradGuard noGrad;
    const AutocastGuard autocast(bf16, device.place().type());
    backbone.eval();
    const std::vector<Stage> stages = backbone.stages();
    const std::stop_callback cancel(stop, [&batches] { batches.cancel(); });
    ValidationResult result;
    result.confusion.assign(static_cast<std::size_t>(backbone.classes()),
                            std::vector<std::int64_t>(static_cast<std::size_t>(backbone.classes())));
    double lossSum = 0;
    ModelBatch batch;
    while (batches.next(batch)) {
        if (batch.count > 0) {
            at::Tensor value = device.upload(batch.input);
            std::size_t stage = batch.firstStage;
            if (prefix != nullptr && stage < prefix->stages()) {
                value = prefix->forward(value, stage);
                stage = prefix->stages();
            }
            for (; stage < stages.size(); ++stage)
                value = stages[stage].forward(value);
            addBatch(result, samples, batch, value, lossSum);
        }
        if (progress)
            progress(static_cast<std::int64_t>(result.samples.size()));
    }
    if (stop.stop_requested())
        return std::nullopt;
    result.skipped = batches.skipped();
    result.awaySeconds = batches.awaySeconds();
    summarise(result, lossSum);
    return result;
}

} // namespace engine
