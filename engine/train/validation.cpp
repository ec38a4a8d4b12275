#include "engine/train/validation.h"

#include "engine/train/precision.h"

namespace engine {
namespace {

// Rows of outputs and the samples that they answer.
struct Answers {
    at::Tensor outputs; // [n, outputs] float32 on the CPU
    std::vector<std::int64_t> ids;
};

Answers answersOf(const AnsweringModel& model, const std::vector<Stage>& stages, const ModelBatch& batch,
                  std::int64_t outputs) {
    if (batch.count == 0)
        return {at::empty({0, outputs}), {}};
    Signal signal = model.pixels(batch.input.with([&](const at::Tensor& host) { return model.device.upload(host); }));
    std::size_t stage = batch.firstStage;
    if (model.prefix != nullptr && stage < model.prefix->stages()) {
        signal = model.prefix->forward(signal, stage);
        stage = model.prefix->stages();
    }
    for (; stage < stages.size(); ++stage)
        signal = stages[stage].forward(signal);
    return {signal.value.cpu().to(at::kFloat), batch.indices};
}

Answers ofAllRanks(ProcessGroup& group, const Answers& mine) {
    const at::Tensor ids = gatherRows(group, at::tensor(mine.ids, at::kLong)).contiguous();
    const auto* first = ids.const_data_ptr<std::int64_t>();
    return {gatherRows(group, mine.outputs), {first, first + ids.numel()}};
}

} // namespace

std::optional<ValidationResult> validateSamples(const AnsweringModel& model, BatchSource& batches,
                                                const Targets& targets, Meter& meter, std::stop_token stop,
                                                const std::function<void(std::int64_t)>& progress) {
    const torch::NoGradGuard noGrad;
    const AutocastGuard autocast(model.precision, model.device.place().type());
    model.backbone.eval();
    const std::vector<Stage> stages = model.backbone.stages();
    const std::stop_callback cancel(stop, [&batches] { batches.cancel(); });
    ModelBatch batch;
    std::vector<ImageSample> samples;
    while (batches.next(batch)) {
        Answers answers = answersOf(model, stages, batch, targets.outputs);
        if (model.group != nullptr)
            answers = ofAllRanks(*model.group, answers);
        samples.clear();
        for (const std::int64_t id : answers.ids)
            samples.push_back(targets.samples[static_cast<std::size_t>(id)]);
        if (!samples.empty())
            meter.add(answers.outputs, model.group == nullptr ? batch.targets.cpu() : targets.at(answers.ids),
                      pointersTo(samples));
        if (progress)
            progress(meter.samples());
    }
    if (stop.stop_requested())
        return std::nullopt;
    return ValidationResult{meter.result(), batches.skipped(), batches.awaySeconds()};
}

} // namespace engine
