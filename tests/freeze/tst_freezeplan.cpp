// Plans resolved to names: presets, patterns, factors, what joins a plan under way.
#include "engine/api/error.h"
#include "engine/freeze/freezeplan.h"
#include "engine/freeze/pattern.h"
#include "engine/freeze/presets.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace engine;
using namespace std::string_literals;

namespace {

std::string refusal(const FreezeSettings& settings, std::string_view backbone = "resnet18") {
    try {
        (void)resolveFreeze(settings, 10, backbone, 2);
        return {};
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput && !error.remedy().empty() ? error.what() : "of another kind";
    }
}

FreezeSettings byHand(std::vector<FreezePhase> phases) { return {.preset = "by-hand", .phases = std::move(phases)}; }

std::set<std::string> inside(const BackboneLayout& layout, std::size_t fromStage) {
    std::set<std::string> names;
    for (const auto& parameter : layout.parameters)
        for (std::size_t i = fromStage; i < layout.stages.size(); ++i)
            if (insideStage(parameter.name, layout.stages[i]))
                names.insert(parameter.name);
    return names;
}

std::vector<int> beginnings(const std::vector<FreezePhase>& phases) {
    std::vector<int> result;
    for (const FreezePhase& phase : phases)
        result.push_back(phase.fromEpoch);
    return result;
}

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

} // namespace

class TestFreezePlan final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsFrozenIsNotInTrainingMode() {
        for (const char* name : {"efficientnet_b0", "squeezenet1_1", "swin_t"}) {
            const auto model = makeBackbone(name, 3, 1);
            const FreezePlan plan({.preset = "head-only"}, 1, *model);
            plan.setTrainingMode(*model, 0);
            for (const auto& [path, module] : model->named_modules("", false).pairs()) {
                const bool head = path == model->info().classifier;
                if (head || module->children().empty())
                    QVERIFY2(module->is_training() == head, (name + (": " + path)).c_str());
            }
            FreezePlan({.preset = "none"}, 1, *model).setTrainingMode(*model, 0);
            for (const auto& module : model->modules(false))
                if (!module->parameters().empty())
                    QVERIFY(module->is_training() || module->as<torch::nn::BatchNorm2dImpl>() != nullptr);
        }
    }

    void everyBackboneTakesEveryPreset_data() {
        QTest::addColumn<QString>("backbone");
        for (const BackboneInfo& info : backbones())
            QTest::newRow(info.name.c_str()) << QString::fromStdString(info.name);
    }
    void everyBackboneTakesEveryPreset() {
        QFETCH(QString, backbone);
        const std::string name = backbone.toStdString();
        const BackboneLayout& layout = layoutOf(name, 3);
        QVERIFY(inside(layout, 0).size() == layout.parameters.size()); // every parameter has its stage
        for (const char* preset :
             {"none", "head-only", "last-stages:1", "last-stages:3", "last-stages:99", "gradual", "fine-tune"})
            for (const int epochs : {1, 2, 12}) {
                const FreezeSettings settings{.preset = preset};
                const auto outcomes = resolveFreeze(settings, epochs, name, 3);
                const FreezePlan plan(settings, epochs, layout);
                QCOMPARE(plan.phases().size(), outcomes.size());
                for (std::size_t i = 0; i < outcomes.size(); ++i) {
                    QVERIFY(outcomes[i].trainableParameters > 0);
                    QVERIFY(outcomes[i].fromEpoch <= epochs);
                    QVERIFY(std::ranges::find(outcomes[i].trainedBlocks, layout.stages.back().name) !=
                            outcomes[i].trainedBlocks.end());
                    if (i > 0) {
                        QVERIFY(outcomes[i].trainableParameters > outcomes[i - 1].trainableParameters);
                        QVERIFY(outcomes[i].fromEpoch > outcomes[i - 1].fromEpoch);
                    }
                    // A stage's name means exactly that stage.
                    const std::size_t first = plan.phases()[i].firstTrainedStage;
                    QVERIFY(plan.phases()[i].trained == inside(layout, first));
                }
                QCOMPARE(plan.phases().back().lastEpoch, epochs);
            }
        QVERIFY(FreezePlan({.preset = "last-stages:2"}, 5, layout).phases()[0].firstTrainedStage ==
                layout.stages.size() - std::min<std::size_t>(3, layout.stages.size()));
    }

    void gradualThawsFromTheHeadDown() {
        const auto phases = freezePhases({.preset = "gradual"}, 60, "tf_efficientnet_lite0");
        QCOMPARE(beginnings(phases), (std::vector<int>{1, 11, 31}));
        QCOMPARE(phases[0].train, std::vector<std::string>{"classifier"});
        QCOMPARE(phases[2].train,
                 (std::vector<std::string>{"blocks.4", "blocks.5", "blocks.6", "conv_head", "classifier"}));
        const auto outcomes = resolveFreeze({.preset = "gradual"}, 60, "tf_efficientnet_lite0", 2);
        for (const auto& [block, factor] : {std::pair("blocks.6", 0.5), {"conv_head", 0.5}, {"classifier", 1.0}})
            QVERIFY2(near(outcomes[1].factors.at(block), factor), block);
        for (const auto& [block, factor] : {std::pair("blocks.4", 0.1),
                                            {"blocks.5", 0.25},
                                            {"blocks.5.3", 0.25},
                                            {"blocks.6", 0.5},
                                            {"conv_head", 0.5},
                                            {"classifier", 1.0}})
            QVERIFY2(near(outcomes[2].factors.at(block), factor), block);
        QVERIFY(!outcomes[2].factors.contains("blocks.3"));
        QCOMPARE(outcomes[0].trainableParameters, std::int64_t(2562)); // 2 × 1280 + 2
    }

    void gradualMakesTheBestOfFewEpochs() {
        const auto at = [](int epochs) { return beginnings(freezePhases({.preset = "gradual"}, epochs, "resnet18")); };
        QCOMPARE(at(1), (std::vector<int>{1}));
        QCOMPARE(at(2), (std::vector<int>{1, 2}));
        QCOMPARE(at(3), (std::vector<int>{1, 2, 3}));
        QCOMPARE(at(5), (std::vector<int>{1, 2, 4}));
        QCOMPARE(at(12), (std::vector<int>{1, 3, 7}));
    }

    void fineTuneIsFastaisRecipe() {
        const auto phases = freezePhases({.preset = "fine-tune"}, 6, "resnet18");
        QCOMPARE(beginnings(phases), (std::vector<int>{1, 2}));
        QCOMPARE(phases[0].schedule, std::string("one-cycle:0.99,25,100000"));
        QCOMPARE(phases[1].schedule, std::string("one-cycle:0.3,5,100000"));
        const auto outcome = resolveFreeze({.preset = "fine-tune"}, 6, "resnet18", 2).at(1);
        const BackboneLayout& layout = layoutOf("resnet18", 2);
        QVERIFY(near(outcome.factors.at(layout.stages.front().name), 0.005)); // half of a hundredth
        QVERIFY(near(outcome.factors.at("fc"), 0.5));
        for (std::size_t i = 1; i < layout.stages.size(); ++i) // even ratios over depth
            QVERIFY(near(outcome.factors.at(layout.stages[i].name) / outcome.factors.at(layout.stages[i - 1].name),
                         std::pow(100, 1.0 / double(layout.stages.size() - 1))));
        QCOMPARE(freezePhases({.preset = "fine-tune"}, 1, "resnet18").size(), std::size_t(1));
    }

    void patternsAreGlobsOrRegularExpressions() {
        QVERIFY(Pattern("blocks.[45]*").matches("blocks.4"));
        QVERIFY(!Pattern("blocks.[45]*").matches("blocks.6"));
        QVERIFY(!Pattern("blocks.1").covers("blocks.10.conv"));
        QVERIFY(Pattern("blocks.1").covers("blocks.1.conv.weight"));
        QVERIFY(Pattern("re:blocks\\.[45](\\..*)?").matches("blocks.5.1"));
        QVERIFY(!Pattern("re:blocks").matches("blocks.5")); // the whole name
        QVERIFY(Pattern("re:blocks").covers("blocks.5"));   // of a block around it
        QVERIFY(Pattern("re:.*\\.bias").covers("fc.bias"));
        for (const char* bad : {"re:(", "re:[a", "re:*", "re:a{2"})
            QVERIFY_EXCEPTION_THROWN(Pattern{bad}, Error);
    }

    void theLastFactorThatMatchesCounts() {
        const auto settings = byHand({{.fromEpoch = 1,
                                       .train = {"re:layer[34]", "fc"},
                                       .learningRateFactor = 0.5,
                                       .factors = {{"*", 0.1}, {"layer4", 0.2}, {"re:.*bn[12].*", 0.4}, {"fc", 1}}}});
        const auto outcome = resolveFreeze(settings, 5, "resnet18", 2).at(0);
        QVERIFY(near(outcome.factors.at("layer3.0.conv1"), 0.05));
        QVERIFY(near(outcome.factors.at("layer4.0.conv1"), 0.1));
        QVERIFY(near(outcome.factors.at("layer4.0.bn1"), 0.2));
        QVERIFY(near(outcome.factors.at("fc"), 0.5));
        const FreezePlan plan(settings, 5, layoutOf("resnet18", 2));
        QVERIFY(!plan.phases()[0].factors.contains("fc.weight"));
        QVERIFY(!plan.phases()[0].factors.contains("layer1.0.conv1.weight")); // frozen
        const auto stages = plan.stageFactors(0);
        QCOMPARE(stages.size(), std::size_t(2));
        QVERIFY(near(stages.at("layer4"), 0.4) && near(stages.at("layer3"), 0.4));
    }

    void plansThatCannotBeFollowedAreRefusedByName() {
        const FreezePhase head{.fromEpoch = 1, .train = {"fc"}};
        QCOMPARE(refusal(byHand({head})), std::string());
        QCOMPARE(refusal(byHand({})), std::string("The freeze plan has no phase, so it trains nothing."));
        QCOMPARE(refusal(byHand({{.fromEpoch = 1}})), std::string("The freeze plan trains nothing."));
        QCOMPARE(refusal(byHand({head, {.fromEpoch = 3, .train = {"layer9"}}})),
                 std::string("No block is called “layer9”."));
        QCOMPARE(refusal(byHand({{.fromEpoch = 1, .train = {"re:layer9.*"}}})),
                 std::string("No block is called “re:layer9.*”."));
        QCOMPARE(refusal(byHand({{.fromEpoch = 1, .train = {"re:("}}})),
                 std::string("“re:(” is not a regular expression."));
        QCOMPARE(refusal(byHand({{.fromEpoch = 1, .train = {"fc"}, .factors = {{"cf", 0.5}}}})),
                 std::string("No block is called “cf”."));
        QCOMPARE(refusal(byHand({{.fromEpoch = 2, .train = {"fc"}}})), std::string("Phase 1 cannot begin at epoch 2."));
        QCOMPARE(refusal(byHand({head, head})), std::string("Phase 2 cannot begin at epoch 1."));
        QVERIFY(!refusal({.preset = "melt"}).empty());
        for (const char* stages : {"x", "", "0", "-1", "3x", "2 "})
            QCOMPARE(refusal({.preset = "last-stages:"s + stages}),
                     "“last-stages:"s + stages + "” is not a freeze preset.");
    }

    void aPlanUnderWayKeepsItsPast() {
        const FreezePhase head{.fromEpoch = 1, .train = {"fc"}};
        const FreezePhase second{.fromEpoch = 3, .train = {"fc", "layer4"}};
        const FreezePhase third{.fromEpoch = 6, .train = {"*"}, .learningRateFactor = 0.1};
        const std::vector<FreezePhase> old = {head, second, third};
        QVERIFY(joinedPlan(old, old, 4) == old);
        FreezePhase all = third;
        all.fromEpoch = 1;
        FreezePhase later = all;
        later.fromEpoch = 4;
        QVERIFY(joinedPlan(old, {all}, 4) == (std::vector<FreezePhase>{head, second, later}));
        QVERIFY(joinedPlan(old, {head, third}, 4) ==
                (std::vector<FreezePhase>{head, second, {.fromEpoch = 4, .train = {"fc"}}, third}));
        QVERIFY(joinedPlan(old, {all}, 1) == std::vector<FreezePhase>{all});
        QVERIFY(joinedPlan(old, {head, later}, 4) == (std::vector<FreezePhase>{head, second, later}));
    }
};

QTEST_GUILESS_MAIN(TestFreezePlan)
#include "tst_freezeplan.moc"
