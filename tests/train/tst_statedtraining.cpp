// Training and what comes after it follow what stands beside the weights about preparing pictures.
#include "engine/api/datareport.h"
#include "engine/api/estimate.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/models/backbone.h"
#include "engine/models/load.h"
#include "engine/train/checkpoint.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <fstream>

namespace fs = std::filesystem;
using namespace engine;

namespace {

constexpr const char* kStated = R"({"pretrained_cfg": {"input_size": [3, 64, 64], "interpolation": "bicubic",
  "crop_pct": 0.8, "mean": [0.5, 0.4, 0.3], "std": [0.25, 0.25, 0.5]}})";

// A data folder and, in another one, weights of SqueezeNet with a config.json beside them.
struct Bench {
    tests::Project project;
    fs::path weights = project.path() / "weights" / "squeezenet.safetensors";

    Bench() {
        fs::create_directories(weights.parent_path());
        writeSafetensors(weights, stateViews(*makeBackbone("squeezenet1_1", 0, 3)));
        state(kStated);
    }
    void state(const char* config) const { std::ofstream(weights.parent_path() / "config.json") << config; }

    [[nodiscard]] Experiment experiment(int imageSize = 0) const {
        Experiment experiment = project.experiment();
        experiment.model.weights = weights.string();
        experiment.data.imageSize = imageSize;
        experiment.freeze.preset = "head-only";
        experiment.train.epochs = 1;
        return experiment;
    }
    [[nodiscard]] fs::path trained(const Experiment& experiment) const {
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        return run;
    }
    [[nodiscard]] fs::path picture() const { return project.path() / "data" / "val" / "light" / "100.png"; }
};

const Preprocess kAsStated{.imageSize = 64,
                           .resizeSize = 80,
                           .interpolation = Interpolation::Bicubic,
                           .mean = {0.5f, 0.4f, 0.3f},
                           .standardDeviation = {0.25f, 0.25f, 0.5f}};

std::vector<std::string> preparing(const fs::path& run) {
    std::vector<std::string> lines;
    const RunReader reader(run);
    for (const RunEvent& event : reader.events())
        if (event.text.find("beside the weights") != std::string::npos)
            lines.push_back(event.text);
    return lines;
}

} // namespace

class TestStatedTraining final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyOneWhoPreparesPicturesFollowsTheFile() {
        const Bench bench;
        const Experiment experiment = bench.experiment();
        QVERIFY(preprocessOf(experiment) == kAsStated);
        const auto preview = previewBatch(experiment, 2, 1);
        QCOMPARE(preview.size(), std::size_t{2});
        QCOMPARE(preview[0].image.width, 64);
        const fs::path run = bench.trained(experiment);
        QVERIFY(readModelDescription(run / "last").preprocess == kAsStated);
        QCOMPARE(preparing(run).size(), std::size_t{1});
        QVERIFY(preparing(run)[0].find("64 pixels of 80, bicubic, mean 0.5 0.4 0.3") != std::string::npos);
        QCOMPARE(Predictor::fromRun(run).asModelSees(bench.picture()).width, 64);
    }

    void aSizeThatIsChosenStaysAndIsFlagged() {
        const Bench bench;
        const Experiment experiment = bench.experiment(96);
        Preprocess expected = kAsStated;
        expected.imageSize = 96;
        expected.resizeSize = 120;
        QVERIFY(preprocessOf(experiment) == expected);
        const auto findings = examine(experiment, checkData(experiment));
        const auto flagged = [](const Finding& finding) { return finding.fixKey == "data.image_size"; };
        const auto found = std::ranges::find_if(findings, flagged);
        QVERIFY(found != findings.end());
        QCOMPARE(found->fixValue, std::string("64"));
        QVERIFY(std::ranges::none_of(examine(bench.experiment(), checkData(bench.experiment())), [](const Finding& f) {
            return f.message.find("made with") != std::string::npos;
        }));
        QVERIFY(readModelDescription(bench.trained(experiment) / "last").preprocess == expected);
    }

    void weightsOfAnotherBackboneAreNamedWithTheFix() {
        const Bench bench;
        const auto named = [&](const char* config) {
            bench.state(config);
            std::string fix;
            for (const Finding& finding : examine(bench.experiment(), checkData(bench.experiment())))
                if (finding.fixKey == "model.backbone")
                    fix = finding.message + ' ' + finding.fixValue;
            return fix;
        };
        QCOMPARE(named(R"({"architecture": "resnet18"})"), std::string("These weights are resnet18's. resnet18"));
        QCOMPARE(named(R"({"architecture": "squeezenet1_1"})"), std::string());
        QCOMPARE(named(R"({"architecture": "some_other_net"})"), std::string());
    }

    // The checkpoint says how pictures were prepared; what stands beside the weights by then does not count.
    void aRunKeepsItsOwnWhenWeightsChangeOrAreGone() {
        const Bench bench;
        const fs::path run = bench.trained(bench.experiment());
        RunControl control;
        const double accuracy = evaluate(run, {}, control).values.at("accuracy");
        bench.state(R"({"pretrained_cfg": {"input_size": [3, 32, 32], "mean": [0, 0, 0], "std": [1, 1, 1]}})");
        (void)train(run, control, nullptr, 2);
        QVERIFY(readModelDescription(run / "last").preprocess == kAsStated);
        fs::remove_all(bench.weights.parent_path());
        (void)train(run, control, nullptr, 3);
        QCOMPARE(readTrainerState(run / "last").epoch, 3);
        QVERIFY(readModelDescription(run / "last").preprocess == kAsStated);
        QCOMPARE(Predictor::fromRun(run).asModelSees(bench.picture()).width, 64);
        QVERIFY(evaluate(run, {}, control).values.at("accuracy") >= accuracy);
        QCOMPARE(preparing(run).size(), std::size_t{1});
    }

    // What transformers' files may say beyond timm's comes back from the checkpoint, for whoever reads it.
    void everyMannerOfPreparingIsKeptByTheRun() {
        const Bench bench;
        bench.state(R"({"size": {"height": 48, "width": 48}, "crop_size": {"height": 41, "width": 41}, "resample": 1,
          "do_center_crop": true, "do_normalize": false, "do_rescale": false, "do_pad": true})");
        const Preprocess stated{.imageSize = 41,
                                .resizeSize = 48,
                                .interpolation = Interpolation::Lanczos,
                                .mean = {0, 0, 0},
                                .standardDeviation = {1, 1, 1},
                                .cropMode = CropMode::Squash,
                                .cropRounding = CropRounding::Down,
                                .divisor = 1};
        const Experiment experiment = bench.experiment();
        QVERIFY(preprocessOf(experiment) == stated);
        const auto findings = examine(experiment, checkData(experiment));
        QVERIFY(std::ranges::any_of(findings, [](const Finding& f) { return f.message == "do_pad is not followed."; }));
        const fs::path run = bench.trained(experiment);
        QVERIFY(readModelDescription(run / "last").preprocess == stated);
        const std::vector<RunEvent> events = RunReader(run).events();
        QCOMPARE(std::ranges::count(events, "do_pad is not followed.", &RunEvent::text), std::ptrdiff_t{1});
        QCOMPARE(Predictor::fromRun(run).asModelSees(bench.picture()).width, 41);
        // As weights of another run, the checkpoint says the same.
        QVERIFY(preprocessFor(findBackbone("squeezenet1_1"), run / "last" / "model.safetensors", 0) == stated);
    }

    void aCheckpointWithoutTheNewWordsIsReadAsItWasMeant() {
        const Bench bench;
        const fs::path run = bench.trained(bench.experiment());
        const fs::path file = run / "last" / "config.json";
        std::string config = readFile(file);
        for (const char* key : {"crop_mode", "crop_rounding", "rescale_factor", "resize_size"}) {
            const std::size_t begin = config.find(std::string("\"") + key);
            QVERIFY(begin != std::string::npos);
            config.erase(begin, config.find('\n', begin) + 1 - begin);
        }
        writeFileAtomically(file, config);
        QVERIFY(readModelDescription(run / "last").preprocess == kAsStated);
    }

    void weightsWithTheirOwnHeadSayHowAndWhat() {
        const Bench bench;
        std::string labels;
        for (int i = 0; i < 1000; ++i)
            labels += (i > 0 ? ", \"class " : "\"class ") + std::to_string(i) + '"';
        bench.state((R"({"label_names": [)" + labels + R"(], "pretrained_cfg": {"input_size": [3, 64, 64]}})").c_str());
        const Predictor predictor = Predictor::fromBackbone("squeezenet1_1", bench.weights, {});
        QCOMPARE(predictor.asModelSees(bench.picture()).width, 64);
        QCOMPARE(predictor.classNames().at(7), std::string("class 7"));
    }

    void whatCannotBeFollowedIsSaidByWhoAnswersAndByTheRun() {
        const Bench bench;
        QVERIFY(Predictor::fromBackbone("squeezenet1_1", bench.weights, {}).notes().empty());
        std::ofstream(bench.weights.parent_path() / "preprocessor_config.json") << R"({"resample": 77})";
        const std::vector<std::string> notes = Predictor::fromBackbone("squeezenet1_1", bench.weights, {}).notes();
        QCOMPARE(notes.size(), std::size_t{1});
        QVERIFY(notes[0].find("resample") != std::string::npos);
        const RunReader reader(bench.trained(bench.experiment()));
        const auto said = [&](const RunEvent& event) {
            return event.kind == EventKind::Warning && event.text == notes[0];
        };
        QVERIFY(std::ranges::any_of(reader.events(), said));
    }

    void withoutSuchFilesTheBackbonesOwnIsTaken() {
        const Bench bench;
        fs::remove(bench.weights.parent_path() / "config.json");
        const Experiment experiment = bench.experiment(48);
        const Preprocess own = preprocessFor(findBackbone("squeezenet1_1"), 48);
        QVERIFY(preprocessOf(experiment) == own);
        const fs::path run = bench.trained(experiment);
        QVERIFY(readModelDescription(run / "last").preprocess == own);
        QVERIFY(preparing(run).empty());
    }
};

QTEST_GUILESS_MAIN(TestStatedTraining)
#include "tst_statedtraining.moc"
