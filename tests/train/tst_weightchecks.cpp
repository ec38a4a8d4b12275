// What is said about weights before the first step, and what becomes of the head they bring.
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/models/load.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <limits>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// Weights of cifar_resnet20 beside a data folder of the classes dark and light.
struct Bench {
    tests::Project project;
    fs::path weights = project.path() / "weights.safetensors";
    std::shared_ptr<Backbone> source;

    explicit Bench(int classes = 10, const char* backbone = "cifar_resnet20") {
        source = makeBackbone(backbone, classes, 3);
        write({}, {});
    }
    void write(const std::set<std::string>& without, const std::map<std::string, std::string>& metadata) const {
        writeSafetensors(weights, stateViews(*source, without), metadata);
    }
    [[nodiscard]] Experiment experiment(const char* head = "auto") const {
        Experiment experiment = project.experiment();
        experiment.model.backbone = "cifar_resnet20";
        experiment.model.weights = weights.string();
        experiment.model.head = head;
        experiment.data.imageSize = 32;
        experiment.freeze.preset = "head-only";
        experiment.train.epochs = 1;
        return experiment;
    }
    // The findings of one setting.
    [[nodiscard]] std::vector<Finding> found(const std::string& key, const char* head = "auto") const {
        std::vector<Finding> findings = examine(experiment(head), checkData(experiment(head)));
        std::erase_if(findings, [&](const Finding& one) { return one.key != key; });
        return findings;
    }
    [[nodiscard]] fs::path picture() const { return project.path() / "data" / "val" / "light" / "100.png"; }
};

const std::vector<std::string> kClasses{"dark", "light"};

} // namespace

class TestWeightChecks final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void weightsThatFitAreSaidInOneSentence() {
        const Bench bench;
        QVERIFY(bench.found("model.weights").empty());
        const WeightsReport report = inspectWeights(bench.weights, "cifar_resnet20", 2);
        QCOMPARE(weightsWords(report), std::string("100 % of the backbone is pretrained, its new head left out. The "
                                                   "file's own head for 10 classes is not used."));
    }

    void classesThatAreWeighedAreNoFindingAnyMore() {
        const Bench bench;
        Experiment experiment = bench.experiment();
        DataReport data = checkData(experiment);
        data.notes.findings.push_back({.key = "data.path", .message = "uneven", .fixKey = "train.class_weights"});
        const auto uneven = [&] {
            const auto findings = examine(experiment, data);
            return std::ranges::count(findings, "uneven", &Finding::message);
        };
        QCOMPARE(uneven(), 1);
        experiment.train.classWeights = "effective";
        QCOMPARE(uneven(), 0);
    }

    void weightsOfAnotherBackboneAreSaid() {
        const Bench bench;
        Experiment other = bench.experiment();
        other.model.backbone = "cifar_resnet56";
        const auto findings = examine(other, checkData(other));
        const auto found = std::ranges::find_if(findings, [](const Finding& one) {
            return one.message == "Only 31 % of the backbone comes from these weights.";
        });
        QVERIFY(found != findings.end() && found->severity == Severity::Warning);
    }

    void aRandomStemIsNeverWhole() {
        const Bench bench;
        bench.write({"conv1.weight"}, {});
        const auto findings = bench.found("model.weights");
        QCOMPARE(findings.size(), std::size_t{1});
        QVERIFY(words(findings[0]).find("conv1.weight") != std::string::npos);
        QVERIFY(weightsWords(inspectWeights(bench.weights, "cifar_resnet20", 2)).find("100 %") == std::string::npos);
    }

    void numbersThatAreNoneAreNamedByTensor_data() {
        QTest::addColumn<double>("value");
        QTest::newRow("NaN") << std::numeric_limits<double>::quiet_NaN();
        QTest::newRow("infinite") << -std::numeric_limits<double>::infinity();
    }
    void numbersThatAreNoneAreNamedByTensor() {
        QFETCH(double, value);
        const Bench bench;
        const torch::NoGradGuard noGrad;
        bench.source->named_parameters()["layer2.0.conv1.weight"][3].fill_(value);
        bench.write({}, {});
        const auto findings = bench.found("model.weights");
        QCOMPARE(findings.size(), std::size_t{1});
        QVERIFY(findings[0].severity == Severity::Problem);
        QVERIFY(findings[0].detail.find("layer2.0.conv1.weight") != std::string::npos);
        const auto model = makeBackbone("cifar_resnet20", 2, 1);
        const at::Tensor before = model->named_parameters()["conv1.weight"].clone();
        for (const bool head : {false, true}) {
            try {
                if (head)
                    (void)Predictor::fromBackbone("cifar_resnet20", bench.weights, {});
                else
                    loadWeights(*model, bench.weights, false);
                QFAIL("an error was expected");
            } catch (const Error& error) {
                QVERIFY(error.kind() == ErrorKind::BadWeights);
                QVERIFY(std::string(error.what()).find("layer2.0.conv1.weight") != std::string::npos);
            }
        }
        QVERIFY(at::equal(before, model->named_parameters()["conv1.weight"]));
        // Repaired under the same name, it is looked at anew.
        bench.source->named_parameters()["layer2.0.conv1.weight"].fill_(0.5);
        bench.write({"linear.bias"}, {});
        QVERIFY(bench.found("model.weights").empty());
    }

    void aHeadOfTheDatasClassesIsKept() {
        const Bench bench(2);
        bench.write({}, {{"classes", "light\ndark"}});
        const HeadChoice choice = chooseHead("auto", bench.weights, "cifar_resnet20", kClasses);
        QVERIFY(choice.keep && choice.findings.empty());
        QCOMPARE(choice.rows, (std::vector<int>{1, 0}));
        QVERIFY(!chooseHead("new", bench.weights, "cifar_resnet20", kClasses).keep);
        const auto model = makeBackbone("cifar_resnet20", 2, 1);
        loadWeights(*model, bench.weights, true);
        pickHeadRows(*model, choice.rows);
        for (const char* part : {"linear.weight", "linear.bias"})
            QVERIFY(at::equal(model->named_parameters()[part], bench.source->named_parameters()[part].flip(0)));
    }

    void trainingGoesOnWithAKeptHead() {
        const Bench bench(2);
        bench.write({}, {{"classes", "dark\nlight"}});
        const fs::path run = createRun(bench.experiment(), bench.project.runs());
        RunControl control;
        (void)train(run, control);
        const RunReader reader(run);
        const auto events = reader.events();
        QVERIFY(std::ranges::any_of(
            events, [](const RunEvent& event) { return event.text.find("the head among them") != std::string::npos; }));
    }

    void aHeadThatIsLostIsSaid() {
        const Bench bench(2);
        const auto unnamed = bench.found("model.head");
        QCOMPARE(unnamed.size(), std::size_t{1});
        QVERIFY(unnamed[0].severity == Severity::Warning);
        QCOMPARE(unnamed[0].fixKey + '=' + unnamed[0].fixValue, std::string("model.head=keep"));
        QVERIFY(bench.found("model.head", "keep").empty());
        bench.write({}, {{"classes", "cat\ndog"}});
        const auto named = bench.found("model.head");
        QVERIFY(named.size() == 1 && named[0].detail.find("cat, dog") != std::string::npos);
        QVERIFY(bench.found("model.head", "new").empty());
    }

    void aHeadOfOtherClassesCannotBeKept() {
        const Bench bench(10);
        QVERIFY(bench.found("model.head").empty());
        const auto findings = bench.found("model.head", "keep");
        QCOMPARE(findings.size(), std::size_t{1});
        QVERIFY(findings[0].severity == Severity::Problem);
        const fs::path run = createRun(bench.experiment("keep"), bench.project.runs());
        RunControl control;
        QVERIFY_EXCEPTION_THROWN((void)train(run, control), Error);
    }

    void aFineTunedCheckpointPredictsItsOwnClasses() {
        const Bench bench(3);
        bench.write({}, {{"classes", "ant\nbee\ncat"}});
        Predictor predictor = Predictor::fromBackbone("cifar_resnet20", bench.weights, {});
        QCOMPARE(predictor.classNames(), (std::vector<std::string>{"ant", "bee", "cat"}));
        const std::vector<fs::path> files{bench.picture()};
        QCOMPARE(predictor.predict(files, 5).front().top.size(), std::size_t{3});
        bench.write({}, {});
        QCOMPARE(Predictor::fromBackbone("cifar_resnet20", bench.weights, {}).classNames(),
                 (std::vector<std::string>{"0", "1", "2"}));
    }
};

QTEST_MAIN(TestWeightChecks)
#include "tst_weightchecks.moc"
