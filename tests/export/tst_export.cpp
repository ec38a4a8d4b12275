// A run whose weights came from another library computes as that one does, and is written for others to open.
#include "engine/api/error.h"
#include "engine/api/export.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/load.h"
#include "engine/models/otherlibrary.h"
#include "engine/train/checkpoint.h"
#include "engine/train/trainedmodel.h"
#include "tests/support/fulldisk.h"
#include "tests/support/refusal.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace fs = std::filesystem;
using namespace engine;
using tests::refusal;

namespace {

constexpr const char* kBackbone = "mobilenet_v3_small";
const Numerics kTimm{.normEpsilon = 1e-5};

// A run of timm's MobileNetV3, which normalises with another epsilon than torchvision's.
struct Bench {
    tests::Project project;
    fs::path weights = project.path() / "weights" / "timm.safetensors";

    Bench() {
        fs::create_directories(weights.parent_path());
        const auto model = makeBackbone(kBackbone, 0, 3);
        model->setNumerics(kTimm);
        writeSafetensors(weights, asInLibrary(*model, Library::Timm, 0).tensors);
    }
    [[nodiscard]] fs::path trained() const {
        Experiment experiment = project.experiment();
        experiment.model.backbone = kBackbone;
        experiment.model.weights = weights.string();
        experiment.freeze.preset = "head-only";
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        return run;
    }
    [[nodiscard]] fs::path out(const char* name) const { return project.path() / name; }
};

nlohmann::json configIn(const fs::path& folder, const char* name = "config.json") {
    return nlohmann::json::parse(readFile(folder / name));
}

at::Tensor pictures() { return at::linspace(-2, 2, 2 * 3 * 48 * 48).reshape({2, 3, 48, 48}).sin(); }

} // namespace

class TestExport final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunComputesAsItsWeightsLibraryDoesAndSaysSo() {
        const Bench bench;
        const fs::path run = bench.trained();
        QVERIFY(readModelDescription(run / "last").numerics == kTimm);
        QVERIFY(loadTrainedModel(run / "last").backbone->numerics() == kTimm);
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [](const RunEvent& event) {
            return event.text == "These weights are computed as timm does: epsilon 1e-05";
        }));
        // Whatever the weights would say by now, as long as the checkpoint is there.
        fs::remove_all(bench.weights.parent_path());
        RunControl control;
        (void)train(run, control, nullptr, 2);
        QVERIFY(readModelDescription(run / "last").numerics == kTimm);
    }

    void anOlderCheckpointKeepsTheNumericsItWasTrainedWith() {
        const Bench bench;
        const fs::path run = bench.trained();
        const fs::path checkpoint = fs::canonical(run / "last");
        auto config = configIn(checkpoint);
        config.erase("numerics"); // as before they were recorded
        writeFileAtomically(checkpoint / "config.json", config.dump());
        fs::remove(checkpoint / "checksums.json"); // as they were before these
        RunControl control;
        (void)train(run, control, nullptr, 2);
        QVERIFY(readModelDescription(run / "last").numerics == Numerics());
    }

    void frozenStagesAndTheirCacheComputeAlike() {
        const torch::NoGradGuard noGrad;
        const auto model = makeBackbone(kBackbone, 2, 3);
        const std::uint64_t own = weightsHash(*model, 3);
        model->setNumerics({.normEpsilon = 1e-2, .padding = Padding::Same});
        QVERIFY(weightsHash(*model, 3) != own);
        model->eval();
        const FrozenPrefix prefix(*model, 3, at::kFloat);
        at::Tensor wanted = pictures();
        for (std::size_t i = 0; i < 3; ++i)
            wanted = model->stages()[i].forward(wanted).value;
        QVERIFY(at::allclose(prefix.forward(pictures(), 0).value, wanted, 1e-4, 1e-5));
        model->setNumerics({});
        QCOMPARE(weightsHash(*model, 3), own);
    }

    void anExportLoadsHereAndGivesTheSameLogits_data() {
        QTest::addColumn<int>("library");
        QTest::addColumn<QString>("architecture");
        QTest::addRow("timm") << int(Library::Timm) << QStringLiteral("mobilenetv3_small_100");
        QTest::addRow("torchvision") << int(Library::Torchvision) << QStringLiteral("mobilenet_v3_small");
        QTest::addRow("its own") << int(Library::Unknown) << QStringLiteral("mobilenet_v3_small");
    }
    void anExportLoadsHereAndGivesTheSameLogits() {
        QFETCH(int, library);
        QFETCH(QString, architecture);
        const Bench bench;
        const fs::path run = bench.trained();
        const auto report = exportModel({.run = run, .out = bench.out("out"), .names = static_cast<Library>(library)});
        QCOMPARE(QString::fromStdString(report.architecture), architecture);
        QVERIFY(report.notes.empty());
        QVERIFY(report.opening.find(library == int(Library::Timm) ? "local-dir:" : "get_model(") != std::string::npos);
        const auto config = configIn(bench.out("out"));
        QCOMPARE(config.at("architecture").get<std::string>(), architecture.toStdString());
        QCOMPARE(config.at("num_classes").get<int>(), 2);
        QCOMPARE(config.at("pretrained_cfg").at("input_size").at(2).get<int>(), 48);

        const torch::NoGradGuard noGrad;
        const TrainedModel trained = loadTrainedModel(modelCheckpoint(run));
        const auto again = buildBackbone(findBackbone(kBackbone), 2);
        const auto loaded = loadWeights(*again, bench.out("out") / "model.safetensors", true);
        QCOMPARE(loaded.missing + loaded.unexpected, 0);
        again->eval();
        QVERIFY(at::allclose(again->forward(pictures()), trained.backbone->forward(pictures()), 1e-4, 1e-5));
        QCOMPARE(statedPreprocess(bench.out("out") / "model.safetensors").imageSize.value_or(0), 48);
    }

    void transformersIsToldSizesClassesAndPreparation() {
        const Bench bench;
        Experiment experiment = bench.project.experiment();
        experiment.model.backbone = "resnet18";
        experiment.freeze.preset = "head-only";
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, bench.project.runs());
        RunControl control;
        (void)train(run, control);
        (void)exportModel({.run = run, .out = bench.out("out"), .names = Library::Transformers});
        const auto config = configIn(bench.out("out"));
        QCOMPARE(config.at("model_type").get<std::string>(), std::string("resnet"));
        QCOMPARE(config.at("depths").get<std::vector<int>>(), (std::vector<int>{2, 2, 2, 2}));
        QCOMPARE(config.at("hidden_sizes").get<std::vector<int>>(), (std::vector<int>{64, 128, 256, 512}));
        QCOMPARE(config.at("layer_type").get<std::string>(), std::string("basic"));
        QCOMPARE(config.at("id2label").at("1").get<std::string>(), std::string("light"));
        const auto pictures = configIn(bench.out("out"), "preprocessor_config.json");
        QCOMPARE(pictures.at("crop_size").at("height").get<int>(), 48);
        QCOMPARE(pictures.at("size").at("shortest_edge").get<int>(), 55);
        const auto report = inspectWeights(bench.out("out") / "model.safetensors", "resnet18", 2);
        QCOMPARE(report.pretrainedShare, 1.0);
        QCOMPARE(int(report.origin), int(Library::Transformers));
    }

    void aFullDiskLeavesNothingBehind() {
        const Bench bench;
        const fs::path run = bench.trained();
        tests::g_fullDisk.below = bench.project.path();
        std::optional<ErrorKind> kind;
        try {
            (void)exportModel({.run = run, .out = bench.out("new")});
        } catch (const Error& error) {
            kind = error.kind();
        }
        tests::g_fullDisk = {};
        QVERIFY(kind == ErrorKind::DiskFull);
        for (const auto& entry : fs::directory_iterator(bench.project.path()))
            QVERIFY2(entry.path().filename().string().find("new") == std::string::npos, entry.path().c_str());
        (void)exportModel({.run = run, .out = bench.out("new")});
    }

    void nothingIsOverwrittenAndARefusalLeavesNothing() {
        const Bench bench;
        const fs::path run = bench.trained();
        fs::create_directories(bench.out("there"));
        QVERIFY(refusal([&] { (void)exportModel({.run = run, .out = bench.out("there")}); }).find("is there already") !=
                std::string::npos);
        QVERIFY(fs::is_empty(bench.out("there")));
        const auto names =
            refusal([&] { (void)exportModel({.run = run, .out = bench.out("new"), .names = Library::Transformers}); });
        QVERIFY2(names.find("transformers has no network like mobilenet_v3_small") != std::string::npos, names.c_str());
        QVERIFY(!fs::exists(bench.out("new")));
        const std::string none =
            refusal([&] { (void)exportModel({.run = bench.project.path(), .out = bench.out("new")}); });
        QVERIFY2(none.find("no checkpoint") != std::string::npos, none.c_str());
        QVERIFY(!fs::exists(bench.out("new")));
    }
};

QTEST_GUILESS_MAIN(TestExport)
#include "tst_export.moc"
