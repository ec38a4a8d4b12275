#pragma once

#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/knobs.h"
#include "engine/train/trainer.h"
#include "tests/train/pictures.h"
#include "tests/train/rankruns.h"

#include <map>
#include <string>
#include <vector>

namespace tests {

using Asks = std::multimap<std::int64_t, engine::StepRequest>; // behind so many steps
constexpr auto kSet = engine::StepRequest::Kind::Set;

struct Crash {};

// 16 pictures in batches of 4: four steps an epoch.
inline engine::Experiment small(const Project& project, int epochs = 3) {
    engine::Experiment experiment = project.experiment();
    experiment.model.backbone = "cifar_resnet20";
    experiment.data.imageSize = 32;
    experiment.data.augmentation = "light";
    experiment.data.workers = 1;
    experiment.devices.threads = 1;
    experiment.train.batchSize = 4;
    experiment.train.epochs = epochs;
    experiment.train.learningRate = 1e-3;
    experiment.freeze.preset = "none";
    return experiment;
}

// `crashAt`: the process dies behind this step.
inline engine::RunSummary trainAsking(const std::filesystem::path& run, const Asks& asks, std::int64_t crashAt = -1,
                                      const std::vector<engine::ChangedSetting>& changes = {}) {
    engine::RunControl control;
    engine::Trainer trainer(run, control, nullptr, changes);
    trainer.afterEachStep([&](engine::Backbone&, std::int64_t step) {
        const auto [begin, end] = asks.equal_range(step);
        for (auto ask = begin; ask != end; ++ask)
            trainer.requests().add(ask->second);
        if (step == crashAt)
            throw Crash();
    });
    return trainer.run();
}

inline std::vector<std::string> told(const std::filesystem::path& run, engine::EventKind kind) {
    std::vector<std::string> texts;
    const engine::RunReader reader(run);
    for (const engine::RunEvent& event : reader.events())
        if (event.kind == kind)
            texts.push_back(std::to_string(event.step) + " " + event.text);
    return texts;
}

struct End {
    std::string model;
    std::vector<float> losses, accuracies, rates;
    bool operator==(const End&) const = default;
};

inline End endOf(const std::filesystem::path& run) {
    return {engine::readFile(engine::findCheckpoints(run).newest()->folder / "model.safetensors"),
            curve(run, "train/loss"), curve(run, "validation/accuracy"), curve(run, "learning_rate")};
}

} // namespace tests
