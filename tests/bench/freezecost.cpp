// What watching costs: one training step of a backbone against a sample of Insight and a proof of what is frozen.
// Usage: freezecost BACKBONE [BATCH] [PRESET]
#include "engine/freeze/proof.h"
#include "engine/train/insight.h"
#include "engine/train/step.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace engine;

constexpr std::int64_t kEvery = 10; // steps, as the trainer looks

template <typename Work>
double milliseconds(int times, const Work& work) {
    work();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i)
        work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() / times;
}

int measure(const std::string& name, std::int64_t batchSize, const std::string& preset) {
    const auto backbone = makeBackbone(name, 2, 1);
    const FreezePlan plan({.preset = preset}, 5, *backbone);
    const auto optimizer = makeOptimizer(TrainSettings{});
    const auto device = openCpu();
    TrainStep step(*device, *backbone, *optimizer, {});
    Insight insight(*backbone, plan, kEvery);
    plan.apply(*backbone, 0);
    plan.setTrainingMode(*backbone, 0);
    step.enterPhase(plan.phases()[0]);
    insight.enterPhase(plan.phases()[0]);
    std::map<std::string, at::Tensor> parameters;
    for (const auto& item : backbone->named_parameters())
        if (item.value().requires_grad())
            parameters.emplace(item.key(), item.value());
    optimizer->setParameters(std::move(parameters));
    const std::int64_t side = backbone->info().imageSize;
    const ModelBatch batch{.input = at::randn({batchSize, 3, side, side}),
                           .targets = at::zeros({batchSize}, at::kLong),
                           .indices = {},
                           .count = batchSize};
    double looking = 0;
    int looks = 0;
    const double all = milliseconds(5, [&] {
        step.begin(looks + 1, TrainStep::Gradients::Wanted);
        step.addBatch(batch, 1);
        const auto begin = std::chrono::steady_clock::now();
        insight.beforeUpdate();
        looking += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        step.finish(1e-4);
        (void)step.arrived();
        const auto after = std::chrono::steady_clock::now();
        (void)insight.afterUpdate();
        looking += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - after).count();
        ++looks;
    });
    const double look = looking / looks, plain = all - look;
    const auto frozen = plan.frozenTensors(*backbone, 0);
    const double proof = milliseconds(5, [&] { (void)fingerprints(frozen); });
    std::printf(
        "%s, %s, batch %lld: step %.1f ms; insight %.2f ms every %lld steps = %.2f %%; proof of %zu tensors %.1f ms\n",
        name.c_str(), preset.c_str(), static_cast<long long>(batchSize), plain, look, static_cast<long long>(kEvery),
        100 * look / double(kEvery) / plain, frozen.size(), proof);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    return measure(argc > 1 ? argv[1] : "resnet50", argc > 2 ? std::atoll(argv[2]) : 8, argc > 3 ? argv[3] : "none");
}
