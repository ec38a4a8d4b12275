#pragma once

#include "engine/api/devices.h"
#include "engine/api/experiment.h"
#include "engine/api/metrics.h"
#include "engine/base/world.h"
#include "engine/data/preprocess.h"
#include "engine/distributed/gradientsync.h"
#include "engine/freeze/freezeplan.h"
#include "engine/task/task.h"
#include "engine/train/precision.h"

namespace engine {

// What an experiment comes to on one device: worked out here for training, cost, checks and prediction alike.
struct ResolvedExperiment {
    const Experiment& experiment; // outlives this
    const Task* task = nullptr;   // never null
    MetricInfo monitor;           // decides which epoch is the best
    DeviceInfo device;
    World world;
    int threads = 1; // of this process
    Precision precision = Precision::Float32;
    Preprocess preprocess; // as the backbone wants it, or the files beside weights that are here
    FreezePlan plan;       // as the experiment has it: a training may change its own
};

// Trained for so many classes on `device` by the ranks of `world`. Throws Error(BadInput): the backbone is not known,
// or the freeze plan cannot be followed. What the device cannot compute in is precisionFindings()'s to say.
[[nodiscard]] ResolvedExperiment resolved(const Experiment& experiment, int classes, const DeviceInfo& device,
                                          const World& world = {});

// The metric that decides which epoch is the best.
[[nodiscard]] MetricInfo monitorOf(const Experiment& experiment);
// Threads of this process: as many as are wanted, else its share of the machine's cores.
[[nodiscard]] int threadsOf(const DeviceSettings& settings, const World& world = {});
// What several ranks share, as the step takes it.
[[nodiscard]] GradientSync::Settings gradientSettings(const DeviceSettings& settings);
[[nodiscard]] bool sharesBatchNorm(const DeviceSettings& settings);
// To answer with what was trained, perhaps on a machine that computes otherwise.
[[nodiscard]] Precision answeringPrecision(const TrainSettings& settings, const DeviceInfo& device);

} // namespace engine
