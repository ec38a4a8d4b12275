// Schedules, losses and optimizers against torch's own classes; reference_recipe.py prints the numbers.
#include "engine/api/error.h"
#include "engine/api/optimizers.h"
#include "engine/optim/optimizer.h"
#include "engine/task/task.h"
#include "engine/train/schedule.h"
#include "engine/train/step.h"

#include <QTest>

using namespace engine;

namespace {

std::vector<double> rates(const TrainSettings& settings, std::int64_t steps) {
    std::vector<double> result;
    for (std::int64_t step = 0; step < steps; ++step)
        result.push_back(learningRateAt(settings, step, steps));
    return result;
}

bool near(double a, double b, double relative = 1e-6) {
    return std::abs(a - b) <= relative * std::max(std::abs(b), 1e-9);
}

at::Tensor parameterFrom(std::initializer_list<float> values) {
    return at::tensor(std::vector<float>(values)).requires_grad_(true);
}

// Three steps with gradients 1, −2, 3 times (1, 2, 3).
at::Tensor afterThreeSteps(const TrainSettings& settings) {
    auto optimizer = makeOptimizer(settings);
    at::Tensor parameter = parameterFrom({0.5F, -1.0F, 2.0F});
    optimizer->setParameters({{"weight", parameter}});
    for (const double scale : {1.0, -2.0, 3.0}) {
        parameter.mutable_grad() = at::tensor(std::vector<float>{1, 2, 3}) * scale;
        optimizer->step(0.1);
        optimizer->zeroGradients();
    }
    return parameter.detach();
}

void compare(const at::Tensor& value, std::initializer_list<double> expected) {
    std::int64_t i = 0;
    for (const double number : expected) {
        const double found = value[i++].item<double>();
        QVERIFY2(near(found, number, 1e-5), qPrintable(QString::number(found, 'g', 9)));
    }
}

} // namespace

class TestRecipe final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDeviceStandsStillForDataNoLongerThanTheStepLasts() {
        // A loader that is behind a queue of work keeps its own thread waiting, not the device.
        const auto backbone = makeBackbone("cifar_resnet20", 2, 1);
        const FreezePlan plan({.preset = "none"}, 1, *backbone);
        plan.apply(*backbone, 0);
        plan.setTrainingMode(*backbone, 0);
        const auto optimizer = makeOptimizer(TrainSettings{});
        optimizer->setParameters({});
        const auto device = openCpu();
        TrainStep step(*device, *backbone, *optimizer, {});
        step.enterPhase(plan.phases()[0]);
        const ModelBatch batch{
            .input = at::randn({2, 3, 32, 32}), .targets = at::zeros({2}, at::kLong), .indices = {}, .count = 2};
        for (const double waitedMs : {0.0, 1e6}) {
            step.begin(1);
            step.waitedForData(waitedMs);
            step.addBatch(batch, 2);
            step.addBatch(batch, 2);
            step.finish(1e-3);
            const auto done = step.arrived();
            QVERIFY(done && !done->replayed && done->samples == 4);
            QVERIFY(done->forwardMs > 0 && done->backwardMs > 0 && done->optimizerMs > 0);
            const double rest = done->seconds * 1e3 - done->forwardMs - done->backwardMs - done->optimizerMs;
            QVERIFY(rest >= 0);
            QVERIFY(near(done->dataMs, waitedMs > 0 ? rest : 0) && near(done->otherMs, waitedMs > 0 ? 0 : rest));
        }
    }
    void cosineFallsAsInTorch() {
        TrainSettings settings;
        settings.learningRate = 0.1;
        const std::vector<double> expected = {0.1,  0.09619397662556434,  0.08535533905932738,  0.0691341716182545,
                                              0.05, 0.030865828381745515, 0.014644660940672627, 0.0038060233744356634};
        const auto found = rates(settings, 8);
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(near(found[i], expected[i]), qPrintable(QString::number(i)));
    }
    // Data that has grown since gives a run more steps than it was planned for.
    void pastItsEndACosineDoesNotRiseAgain() {
        TrainSettings settings;
        settings.schedule = "cosine";
        for (const std::int64_t step : {10, 11, 15, 20})
            QCOMPARE(learningRateAt(settings, step, 10), 0.0);
    }

    void oneCycleRisesAndFallsAsInTorch() {
        TrainSettings settings;
        settings.learningRate = 0.1;
        settings.schedule = "one-cycle";
        const std::vector<double> expected = {0.0040000000000000036,
                                              0.052000000000000005,
                                              0.1,
                                              0.09504846320134738,
                                              0.0811745653949763,
                                              0.06112620219362893,
                                              0.03887419780637107,
                                              0.0188258346050237,
                                              0.004951936798652629,
                                              4e-07};
        const auto found = rates(settings, 10);
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(near(found[i], expected[i], 1e-5), qPrintable(QString::number(found[i], 'g', 9)));
    }
    void warmUpRisesLinearlyAndTheScheduleFollows() {
        TrainSettings settings;
        settings.learningRate = 0.4;
        settings.schedule = "constant";
        settings.warmupSteps = 4;
        const auto found = rates(settings, 6);
        const std::vector<double> expected = {0.1, 0.2, 0.3, 0.4, 0.4, 0.4};
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(near(found[i], expected[i]));
    }
    void cosineBeginsWhereTheWarmUpEnds() {
        TrainSettings settings;
        settings.learningRate = 1;
        settings.warmupSteps = 2;
        const auto found = rates(settings, 6);
        const std::vector<double> expected = {0.5, 1.0, 1.0, 0.8535533905932737, 0.5, 0.1464466094067262};
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(near(found[i], expected[i]), qPrintable(QString::number(found[i], 'g', 9)));
    }
    void aWarmUpLongerThanTheTrainingEndsWithIt() {
        TrainSettings settings;
        settings.learningRate = 0.4;
        settings.warmupSteps = 100;
        const auto found = rates(settings, 4);
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(near(found[i], 0.1 * double(i + 1)));
    }
    void labelSmoothingEqualsTorchs() {
        const at::Tensor logits = at::tensor(std::vector<float>{2.0F, -1.0F, 0.5F, 0.1F, 0.2F, 0.3F}).view({2, 3});
        const at::Tensor labels = at::tensor(std::vector<std::int64_t>{0, 2});
        QVERIFY(
            near(taskOf("image-classification").loss(logits, labels, {}).item<double>() / 2, 0.6216270923614502, 1e-5));
        QVERIFY(near(taskOf("image-classification").loss(logits, labels, {.smoothing = 0.1}).item<double>() / 2,
                     0.7016271352767944, 1e-5));
    }
    void adamwStepsAsTorchs() {
        TrainSettings settings;
        settings.weightDecay = 0.05;
        compare(afterThreeSteps(settings), {0.3956381678581238, -1.0819741487503052, 1.8732506036758423});
    }
    void adamStepsAsTorchs() {
        TrainSettings settings;
        settings.optimizer = "adam";
        settings.weightDecay = 0.05;
        compare(afterThreeSteps(settings), {0.40007773504226585, -1.0951764412423606, 1.8991111054646967});
        settings.options = {{"train.beta1", 0.8}, {"train.beta2", 0.95}, {"train.epsilon", 1e-3}};
        compare(afterThreeSteps(settings), {0.4016563534549632, -1.0938057592084673, 1.9006602375764936});
    }
    void everyOptimizerOfTheTableIsMadeAndKeepsWhatItSays() {
        for (const OptimizerInfo& info : optimizerInfos()) {
            TrainSettings settings;
            settings.optimizer = info.choice.name;
            const auto optimizer = makeOptimizer(settings);
            at::Tensor parameter = parameterFrom({1, 2, 3});
            optimizer->setParameters({{"weight", parameter}});
            parameter.mutable_grad() = at::ones_like(parameter.detach());
            optimizer->step(0.1);
            QCOMPARE(optimizer->stateBytes(), std::uint64_t(info.stateValues) * parameter.nbytes());
        }
        TrainSettings unknown;
        unknown.optimizer = "lion";
        QVERIFY_EXCEPTION_THROWN((void)makeOptimizer(unknown), Error);
    }
    void sgdWithMomentumStepsAsTorchs() {
        TrainSettings settings;
        settings.optimizer = "sgd";
        settings.weightDecay = 0.05;
        compare(afterThreeSteps(settings), {0.29593244194984436, -1.3522748947143555, 1.3738324642181396});
    }
    void sgdWithoutMomentumStepsByTheGradientAlone() {
        TrainSettings settings;
        settings.optimizer = "sgd";
        settings.momentum = 0;
        settings.weightDecay = 0;
        compare(afterThreeSteps(settings), {0.3, -1.4, 1.4}); // gradients (1, 2, 3) times 1 − 2 + 3, rate 0.1
    }
    void stateOfAParameterSurvivesItsBeingFrozen() {
        auto optimizer = makeOptimizer(TrainSettings{});
        at::Tensor one = parameterFrom({1}), two = parameterFrom({2});
        optimizer->setParameters({{"one", one}, {"two", two}});
        one.mutable_grad() = at::ones_like(one.detach());
        two.mutable_grad() = at::ones_like(two.detach());
        optimizer->step(0.1);
        const std::uint64_t bytes = optimizer->stateBytes();
        QCOMPARE(bytes, 2 * std::uint64_t(one.nbytes() + two.nbytes())); // AdamW keeps two numbers for each
        optimizer->setParameters({{"two", two}});
        const double frozen = one.item<double>();
        optimizer->step(0.1);
        QCOMPARE(optimizer->stateBytes(), bytes);
        QCOMPARE(one.item<double>(), frozen); // neither a step nor weight decay
    }
    void factorsScaleTheRateOfTheirParameters() {
        for (const char* name : {"adamw", "sgd"}) {
            TrainSettings settings;
            settings.optimizer = name;
            settings.weightDecay = 0.1;
            const auto stepped = [&](double rate, const std::map<std::string, double>& factors) {
                auto optimizer = makeOptimizer(settings);
                at::Tensor one = parameterFrom({1}), two = parameterFrom({2});
                optimizer->setParameters({{"one", one}, {"two", two}}, factors);
                for (int i = 0; i < 3; ++i) {
                    one.mutable_grad() = at::ones_like(one.detach());
                    two.mutable_grad() = at::ones_like(two.detach()) * 2;
                    optimizer->step(rate);
                }
                return std::pair(one.item<double>(), two.item<double>());
            };
            const auto [one, two] = stepped(0.1, {{"two", 0.25}});
            QCOMPARE(one, stepped(0.1, {}).first);
            QCOMPARE(two, stepped(0.025, {}).second);
            QVERIFY(two != stepped(0.1, {}).second);
        }
    }
    void anUnknownOptimizerIsNamed() {
        TrainSettings settings;
        settings.optimizer = "magic";
        QVERIFY_EXCEPTION_THROWN((void)makeOptimizer(settings), Error);
    }
};

QTEST_GUILESS_MAIN(TestRecipe)
#include "tst_recipe.moc"
