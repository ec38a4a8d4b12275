// Finetuning-Scheduler's YAML, in and out.
#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/freezefile.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace engine;

namespace {

Experiment experiment() {
    Experiment result;
    result.model.backbone = "resnet18";
    result.train.epochs = 10;
    result.train.learningRate = 1e-3;
    return result;
}

std::string refusal(const std::string& yaml) {
    try {
        (void)parseFreezeSchedule(yaml, experiment());
        return {};
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput && !error.remedy().empty() ? error.what() : "of another kind";
    }
}

bool noted(const std::vector<std::string>& notes, std::string_view words) {
    return std::ranges::any_of(notes, [&](const std::string& n) { return n.find(words) != std::string::npos; });
}

constexpr const char* kSchedule = R"(# made by hand
0:
  params:
  - model.fc.bias
  - model.fc.weight
  max_transition_epoch: 3
1:
  params: [model.layer4.*]
  lr: 1.0e-04
  max_transition_epoch: 6
2:
  params:
  - 'model\.layer(2|3)\.'
  - conv1.weight
  lr: 5e-05
  new_lr_scheduler:
    lr_scheduler_init:
      class_path: torch.optim.lr_scheduler.CosineAnnealingLR
      init_args:
        T_max: 4
    pl_lrs_cfg: {interval: epoch, name: again}
)";

} // namespace

class TestScheduleFile final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aScheduleBecomesAPlan() {
        const ImportedFreeze read = parseFreezeSchedule(kSchedule, experiment());
        QCOMPARE(read.settings.preset, std::string("by-hand"));
        const auto& phases = read.settings.phases;
        QCOMPARE(phases.size(), std::size_t(3));
        QCOMPARE(phases[0].fromEpoch, 1);
        QCOMPARE(phases[1].fromEpoch, 4);
        QCOMPARE(phases[2].fromEpoch, 7);
        QCOMPARE(phases[2].schedule, std::string("cosine"));
        const auto outcomes = resolveFreeze(read.settings, 10, "resnet18", 2);
        QCOMPARE(outcomes[0].trainableParameters, std::int64_t(1026));
        QCOMPARE(outcomes[1].trainableParameters, std::int64_t(1026 + 8'393'728));
        QVERIFY(std::abs(outcomes[2].factors.at("layer4") - 0.1) < 1e-9);
        QVERIFY(std::abs(outcomes[2].factors.at("layer3") - 0.05) < 1e-9);
        QVERIFY(std::abs(outcomes[2].factors.at("fc") - 1) < 1e-9);
        QVERIFY(outcomes[2].factors.contains("conv1") && !outcomes[2].factors.contains("layer1"));
        QVERIFY(noted(read.notes, "CosineAnnealingLR becomes the schedule cosine"));
        QVERIFY(noted(read.notes, "best checkpoint"));
    }

    void whatCannotBeCarriedOverIsSaid() {
        const ImportedFreeze read = parseFreezeSchedule(R"({0: {params: ["fc.*"], lr: 0.1},
             1: {params: [layer4], new_optimizer: {optimizer_init: {class_path: torch.optim.SGD}}, wild: 1},
             2: {params: [layer3], new_lr_scheduler: {lr_scheduler_init: {class_path: torch.optim.lr_scheduler.StepLR}}}})",
                                                        experiment());
        for (const char* words :
             {"Phase 0: lr is left out", "Phase 1: new_optimizer is left out", "Phase 1: “wild” is not known",
              "Phase 1 names no lr; it gets 1e-05", "Phase 1 begins when the loss no longer falls",
              "torch.optim.lr_scheduler.StepLR is left out"})
            QVERIFY2(noted(read.notes, words), words);
        QVERIFY(read.settings.phases[2].fromEpoch > read.settings.phases[1].fromEpoch);
        QVERIFY(read.settings.phases[2].fromEpoch <= 10);
    }

    void whatIsNoScheduleIsRefused() {
        for (const char* yaml : {"", "text", "[1, 2]", "0:\n", "0: 3\n", "0:\n  params: fc\n", "0:\n  params: []\n",
                                 "0:\n  lr: 1\n", "a:\n  params: [fc]\n", "-1:\n  params: [fc]\n",
                                 "0:\n  params: [[fc]]\n", "0:\n  params: [fc.weight]\n0:\n  params: [fc.bias]\n",
                                 "0:\n  params: [fc]\n  max_transition_epoch: soon\n",
                                 "0: {params: [fc]}\n1: {params: [layer4], lr: -1}\n",
                                 "0: {params: [fc]}\n1: {params: [layer4], lr: .nan}\n"})
            QVERIFY2(!refusal(yaml).empty() && refusal(yaml) != "of another kind", yaml);
        QCOMPARE(refusal("0:\n  params: [model.decoder]\n"),
                 std::string("Phase 0: no parameter is called “model.decoder”."));
        QVERIFY(refusal("0:\n  params: [\"(\"]\n").find("regular expression") != std::string::npos);
        QVERIFY(refusal("0:\n  params:\n  - a\n b: [").starts_with("Line "));
    }

    // Every beginning of a schedule, and the schedule with each byte put wrong, is read or refused.
    void damagedSchedulesAreReadOrRefused() {
        const std::string good = kSchedule;
        for (std::size_t i = 0; i < good.size(); i += 3)
            for (const char wrong : {'\0', '"', '[', '}', ':', '9', '-', '*', '&', '!', '\xff'}) {
                std::string damaged = good;
                damaged[i] = wrong;
                QVERIFY2(refusal(damaged) != "of another kind", damaged.c_str());
            }
        for (std::size_t i = 0; i < good.size(); i += 5)
            QVERIFY(refusal(good.substr(0, i)) != "of another kind");
        QVERIFY(!refusal(std::string(100'000, '[')).empty());
        QVERIFY(!refusal("a: &a [*a, *a]").empty());
    }

    void whatIsWrittenIsReadAgain() {
        Experiment here = experiment();
        here.freeze.preset = "gradual";
        const ExportedFreeze written = exportFreezeSchedule(here, "net.");
        QVERIFY(
            written.yaml.starts_with("0:\n  params:\n  - net.fc.weight\n  - net.fc.bias\n  max_transition_epoch: 2\n"
                                     "1:\n"));
        const ImportedFreeze read = parseFreezeSchedule(written.yaml, here);
        const auto before = resolveFreeze(here.freeze, 10, "resnet18", 2);
        const auto after = resolveFreeze(read.settings, 10, "resnet18", 2);
        QCOMPARE(after.size(), before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            QCOMPARE(after[i].fromEpoch, before[i].fromEpoch);
            QCOMPARE(after[i].trainableParameters, before[i].trainableParameters);
            QCOMPARE(after[i].trainedBlocks, before[i].trainedBlocks);
        }
        QVERIFY(std::abs(after[1].factors.at("layer4") - 0.5) < 1e-9);
        QVERIFY(noted(written.notes, "thaws blocks at 2 learning rates")); // 0.25 and 0.1 in the last phase
        QVERIFY(written.yaml.find("lr: 0.0005") != std::string::npos);
    }

    void numbersAreNumbersInEveryYaml() {
        Experiment here = experiment();
        here.train.learningRate = 1e-5;
        here.freeze = {.preset = "by-hand",
                       .phases = {{.fromEpoch = 1, .train = {"fc"}}, {.fromEpoch = 2, .train = {"fc", "layer4"}}}};
        QVERIFY(exportFreezeSchedule(here).yaml.ends_with("  lr: 1.0e-05\n"));
    }

    void aPlanThatFreezesAgainCannotBeWritten() {
        Experiment here = experiment();
        here.freeze = {.preset = "by-hand",
                       .phases = {{.fromEpoch = 1, .train = {"*"}}, {.fromEpoch = 2, .train = {"fc"}}}};
        QVERIFY_EXCEPTION_THROWN((void)exportFreezeSchedule(here), Error);
        here.freeze = {.preset = "fine-tune", .loraRank = 0};
        QVERIFY(noted(exportFreezeSchedule(here).notes, "has the schedule one-cycle:0.3,5,100000"));
    }
};

QTEST_GUILESS_MAIN(TestScheduleFile)
#include "tst_schedulefile.moc"
