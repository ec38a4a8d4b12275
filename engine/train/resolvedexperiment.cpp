#include "engine/train/resolvedexperiment.h"

#include "engine/api/catalog.h"
#include "engine/freeze/layout.h"

#include <algorithm>
#include <thread>

namespace engine {

MetricInfo monitorOf(const Experiment& experiment) {
    const std::string& chosen = experiment.train.monitor;
    return findMetric(chosen == "auto" ? findTask(experiment.data.task).monitor : chosen);
}

ResolvedExperiment resolved(const Experiment& experiment, int classes, const DeviceInfo& device, const World& world) {
    const BackboneInfo& info = findBackbone(experiment.model.backbone);
    return {.experiment = experiment,
            .task = &taskOf(experiment.data.task),
            .monitor = monitorOf(experiment),
            .device = device,
            .world = world,
            .threads = threadsOf(experiment.devices, world),
            .precision = pickPrecision(experiment.train, device),
            .preprocess = preprocessOf(experiment),
            .plan = FreezePlan(experiment.freeze, experiment.train.epochs, layoutOf(info.name, classes))};
}

int threadsOf(const DeviceSettings& settings, const World& world) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency()) / world.localSize;
    return settings.threads > 0 ? settings.threads : std::max(1, cores);
}

GradientSync::Settings gradientSettings(const DeviceSettings& settings) {
    return {.update = settings.optimizer == "sharded" ? GradientSync::Update::Sharded : GradientSync::Update::Whole,
            .sentAs = settings.gradients == "bf16" ? at::kBFloat16 : at::kFloat};
}

bool sharesBatchNorm(const DeviceSettings& settings) { return settings.batchNorm == "synchronized"; }

Precision answeringPrecision(const TrainSettings& settings, const DeviceInfo& device) {
    return precisionFindings(settings, device).empty() ? pickPrecision(settings, device) : Precision::Float32;
}

} // namespace engine
