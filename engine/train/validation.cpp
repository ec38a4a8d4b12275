#include "engine/train/validation.h"

#include "engine/train/precision.h"

namespace engine {

std::optional<ValidationResult> validateSamples(ComputeDevice& device, Backbone& backbone, const FrozenPrefix* prefix,
                                                BatchSource& batches, const Targets& targets, Meter& meter, bool bf16,
                                                std::stop_token stop,
                                                const std::function<void(std::int64_t)>& progress) {
    const torch::NoGradGuard noGrad;
    const AutocastGuard autocast(bf16, device.place().type());
    backbone.eval();
    const std::vector<Stage> stages = backbone.stages();
    const std::stop_callback cancel(stop, [&batches] { batches.cancel(); });
    ModelBatch batch;
    std::vector<const ImageSample*> samples;
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
            samples.clear();
            for (const std::int64_t index : batch.indices)
                samples.push_back(&targets.samples[static_cast<std::size_t>(index)]);
            meter.add(value.cpu().to(at::kFloat), batch.targets.cpu(), samples);
        }
        if (progress)
            progress(meter.samples());
    }
    if (stop.stop_requested())
        return std::nullopt;
    return ValidationResult{meter.result(), batches.skipped(), batches.awaySeconds()};
}

} // namespace engine
