// A TorchScript program of one's own is trained, resumed and used.
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/models/ownmodel.h"
#include "engine/models/preparetorch.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/train/pictures.h"

#include <torch/csrc/jit/api/module.h>

#include <QTest>

#include <algorithm>
#include <cstring>

namespace fs = std::filesystem;
using namespace engine;

namespace {

namespace jit = torch::jit;

// Two convolutions with a BatchNorm between, an average, fc. It views its maps as rows.
void saveNet(const fs::path& file, double slope) {
    const auto unit = std::make_shared<jit::CompilationUnit>();
    jit::Module stem("__torch__.Stem", unit), norm("__torch__.BatchNorm2d", unit), last("__torch__.Last", unit),
        fc("__torch__.Linear", unit), net("__torch__.Net", unit);
    at::manual_seed(5);
    stem.register_parameter("weight", at::randn({8, 3, 3, 3}) * 0.2, false);
    stem.define("def forward(self, x):\n    return torch.conv2d(x, self.weight, None, [2, 2], [1, 1])\n");
    norm.register_parameter("weight", at::ones({8}), false);
    norm.register_parameter("bias", at::zeros({8}), false);
    norm.register_buffer("running_mean", at::zeros({8}));
    norm.register_buffer("running_var", at::ones({8}));
    norm.register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
    norm.register_attribute("training", c10::BoolType::get(), true);
    norm.define("def forward(self, x):\n    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, "
                "self.running_var, self.training, 0.1, 1e-5, False)\n");
    last.register_parameter("weight", at::randn({16, 8, 3, 3}) * 0.1, false);
    last.define("def forward(self, x):\n    return torch.leaky_relu(torch.conv2d(x, self.weight, None, [2, 2]), " +
                std::to_string(slope) + ")\n");
    fc.register_parameter("weight", at::randn({5, 16}), false);
    fc.define("def forward(self, x):\n    return torch.matmul(x, self.weight.t())\n");
    net.register_module("stem", stem);
    net.register_module("norm", norm);
    net.register_module("last", last);
    net.register_module("fc", fc);
    net.define("def forward(self, x):\n    y = self.last.forward(self.norm.forward(self.stem.forward(x)))\n"
               "    return self.fc.forward(y.view(y.size(0), 16, -1).mean(2))\n");
    net.save(file.string());
}

Experiment programExperiment(const tests::Project& project, const std::string& output, const std::string& preset) {
    Experiment experiment = project.experiment();
    experiment.model.backbone = "torchscript:" + (project.path() / "net.pt").string() + output;
    experiment.model.weights = "bundled";
    experiment.freeze.preset = preset;
    experiment.train.learningRate = 1e-2;
    return experiment;
}

fs::path trained(const tests::Project& project, const Experiment& experiment) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control);
    return run;
}

std::string bytesOf(const fs::path& checkpoint, const std::string& tensor) {
    const WeightsFile file = WeightsFile::open(checkpoint / "model.safetensors");
    const StoredTensor* found = file.find(tensor);
    return found == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(found->data), found->bytes);
}

} // namespace

class TestOwnModelTraining final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { prepareTorch(); } // programs are made here before a backbone is built

    void whatIsFrozenStaysAndTheRestLearns_data() {
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QStringList>("frozen");
        QTest::addColumn<QStringList>("learning");
        const QString stem = QStringLiteral("stem.weight"), norm = QStringLiteral("norm.weight"),
                      mean = QStringLiteral("norm.running_mean"), last = QStringLiteral("last.weight"),
                      fc = QStringLiteral("fc.weight"), head = QStringLiteral("new_head.weight");
        QTest::newRow("head") << QString() << QStringLiteral("head-only") << QStringList{stem, norm, mean, last, fc}
                              << QStringList{head};
        QTest::newRow("from the middle on") << QString() << QStringLiteral("last-stages:2")
                                            << QStringList{stem, norm, mean} << QStringList{last, fc, head};
        QTest::newRow("an inner output") << QStringLiteral("#last") << QStringLiteral("none") << QStringList{fc}
                                         << QStringList{stem, norm, mean, last, head};
    }

    void whatIsFrozenStaysAndTheRestLearns() {
        QFETCH(const QString, output);
        QFETCH(const QString, preset);
        QFETCH(const QStringList, frozen);
        QFETCH(const QStringList, learning);
        const tests::Project project;
        saveNet(project.path() / "net.pt", 0.1);
        Experiment experiment = programExperiment(project, output.toStdString(), preset.toStdString());
        if (preset == QLatin1String("head-only")) { // on features of random weights
            experiment.train.learningRate = 0.1;
            experiment.train.epochs = 6;
        }
        const fs::path run = trained(project, experiment);
        const RunSummary summary = RunReader(run).summary();
        QCOMPARE(summary.epoch, experiment.train.epochs);
        QVERIFY(summary.best.at("validation/accuracy") > 0.9);
        const WeightsFile before = WeightsFile::open(project.path() / "net.pt");
        for (const QString& name : frozen + learning) {
            const StoredTensor* was = before.find(name.toStdString());
            const std::string is = bytesOf(run / "last", name.toStdString());
            QVERIFY2(!is.empty(), qPrintable(name));
            if (was != nullptr) // the head is new
                QVERIFY2((std::memcmp(was->data, is.data(), is.size()) == 0) == frozen.contains(name),
                         qPrintable(name));
        }
        Predictor predictor = Predictor::fromRun(run);
        const fs::path picture = project.path() / "data" / "val" / "light" / "100.png";
        QCOMPARE(predictor.predict({&picture, 1}, 1).at(0).top.at(0).label, std::string("light"));
        RunControl control;
        QCOMPARE(evaluate(run, {}, control, nullptr).values.at("accuracy"), summary.best.at("validation/accuracy"));
    }

    void resumedRunsEndAsUnbrokenOnes() {
        const tests::Project project;
        saveNet(project.path() / "net.pt", 0.1);
        Experiment experiment = programExperiment(project, {}, "last-stages:2");
        const fs::path whole = trained(project, experiment);
        experiment.train.epochs = 1;
        experiment.train.schedule = "constant";
        const fs::path broken = trained(project, experiment);
        RunControl control;
        (void)train(broken, control, nullptr, 2);
        experiment.train.epochs = 2;
        const fs::path unbroken = trained(project, experiment);
        QCOMPARE(bytesOf(broken / "last", "last.weight"), bytesOf(unbroken / "last", "last.weight"));
        QVERIFY(bytesOf(whole / "last", "last.weight") != bytesOf(unbroken / "last", "last.weight")); // cosine
    }

    // A program is code: weights without the very file mean nothing.
    void anotherProgramInItsPlaceIsNoticed() {
        const tests::Project project;
        saveNet(project.path() / "net.pt", 0.1);
        const Experiment experiment = programExperiment(project, {}, "head-only");
        const fs::path run = trained(project, experiment);
        const std::string sum = programChecksum(experiment.model.backbone);
        QCOMPARE(sum.size(), std::size_t{64});
        for (const fs::path& record : {run / "environment.json", run / "last" / "config.json"}) {
            const std::string text = readFile(record);
            QVERIFY2(text.find(sum) != std::string::npos && text.find("net.pt") != std::string::npos, record.c_str());
        }
        saveNet(project.path() / "net.pt", 0.9);
        const auto trouble = [](const auto& action) {
            try {
                action();
            } catch (const Error& error) {
                return QString::fromUtf8(error.what());
            }
            return QString();
        };
        const QString expected = QStringLiteral("is not the program that this run was trained with");
        QVERIFY(trouble([&] { (void)Predictor::fromRun(run); }).contains(expected));
        RunControl control;
        QVERIFY(trouble([&] { (void)train(run, control, nullptr, 4); }).contains(expected));
        fs::remove(project.path() / "net.pt");
        QVERIFY(trouble([&] { (void)Predictor::fromRun(run); }).contains(QStringLiteral("net.pt")));
    }

    void itsCostIsEstimatedAndItsFilesAreChecked() {
        const tests::Project project;
        saveNet(project.path() / "net.pt", 0.1);
        Experiment experiment = programExperiment(project, {}, "head-only");
        const DataReport data = checkData(experiment);
        const Cost cost = estimateCost(experiment, data);
        QVERIFY(cost.seconds > 0 && cost.seconds < 1e4);
        QCOMPARE(cost.trainableParameters, std::int64_t{5 * 2 + 2});
        for (const Finding& finding : validate(experiment))
            QVERIFY2(finding.severity == Severity::Warning, finding.message.c_str());
        for (const Finding& finding : examine(experiment, data))
            QVERIFY2(finding.severity == Severity::Warning, finding.message.c_str());
        experiment.model.backbone = "torchscript:/nowhere/net.pt";
        QVERIFY(std::ranges::any_of(validate(experiment),
                                    [](const Finding& finding) { return finding.key == "model.backbone"; }));
    }
};

QTEST_GUILESS_MAIN(TestOwnModelTraining)
#include "tst_ownmodeltraining.moc"
