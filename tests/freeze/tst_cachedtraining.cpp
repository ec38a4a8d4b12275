// A training from the cache is the training from the pictures, only sooner.
#include "engine/api/estimate.h"
#include "engine/api/train.h"
#include "engine/api/weights.h"
#include "engine/data/loader.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/train/pictures.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <fstream>

namespace fs = std::filesystem;
using namespace engine;

namespace {

constexpr double kSameTolerance = 1e-5;

Experiment frozen(const tests::Project& project, const std::string& backbone, const std::string& preset) {
    Experiment experiment = project.experiment();
    experiment.model.backbone = backbone;
    experiment.freeze.preset = preset;
    experiment.data.augmentation = "none";
    experiment.train.epochs = 3;
    experiment.train.learningRate = 1e-3;
    return experiment;
}

// Hears what a training says and does something at a message or a step.
class Listener final : public ProgressSink {
public:
    void onProgress(const Progress& progress) override {
        if (!progress.message.empty())
            messages.push_back(progress.message);
        if (onMessage && !progress.message.empty())
            onMessage(messages.size());
        if (onStep)
            onStep(progress.step);
    }
    std::vector<std::string> messages;
    std::function<void(std::size_t)> onMessage;
    std::function<void(std::int64_t)> onStep;
};

fs::path trained(const tests::Project& project, const Experiment& experiment, Listener* listener = nullptr) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control, listener);
    return run;
}

bool says(const fs::path& run, EventKind kind, const std::string& words) {
    const RunReader reader(run);
    return std::ranges::any_of(reader.events(), [&](const RunEvent& event) {
        return event.kind == kind && event.text.find(words) != std::string::npos;
    });
}

double difference(const std::vector<SampleResult>& a, const std::vector<SampleResult>& b) {
    double worst = a.size() == b.size() && !a.empty() ? 0 : INFINITY;
    for (std::size_t i = 0; i < a.size() && std::isfinite(worst); ++i) {
        if (a[i].file != b[i].file || a[i].predicted != b[i].predicted)
            return INFINITY;
        worst = std::max(
            {worst, std::abs(double(a[i].probability) - b[i].probability), std::abs(double(a[i].loss) - b[i].loss)});
    }
    return worst;
}

std::vector<float> losses(const fs::path& run) { return RunReader(run).series("train/loss").value; }

std::size_t cacheFiles() {
    std::error_code code;
    const auto entries = fs::directory_iterator(cacheFolder() / "features", code);
    return code ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

} // namespace

class TestCachedTraining final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_cache = std::make_unique<QTemporaryDir>();
        qputenv("THAW_CACHE", m_cache->path().toUtf8());
    }

    void predictionsAreTheSameWithAndWithout_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<QString>("preset");
        for (const char* backbone : {"squeezenet1_1", "resnet18", "tf_efficientnet_lite0"})
            for (const char* preset : {"head-only", "last-stages:1"})
                QTest::addRow("%s, %s", backbone, preset) << backbone << preset;
    }
    void predictionsAreTheSameWithAndWithout() {
        QFETCH(QString, backbone);
        QFETCH(QString, preset);
        const tests::Project project(12, 10); // several batches to validate, the last one smaller
        Experiment experiment = frozen(project, backbone.toStdString(), preset.toStdString());
        experiment.freeze.cache = "off";
        const fs::path plain = trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(0));
        experiment.freeze.cache = "on";
        const fs::path cached = trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(2));
        QVERIFY(says(cached, EventKind::Note, "are kept"));
        const double worst = difference(RunReader(plain).samples(3), RunReader(cached).samples(3));
        QVERIFY2(worst < kSameTolerance, qPrintable(QString::number(worst)));
    }

    void laterRunComputesNothingAgain() {
        const tests::Project project;
        const Experiment experiment = frozen(project, "resnet18", "head-only");
        (void)trained(project, experiment);
        Listener listener;
        const fs::path again = trained(project, experiment, &listener);
        QCOMPARE(cacheFiles(), std::size_t(2));
        QCOMPARE(listener.messages.size(), std::size_t(1)); // the plan; no building
        QVERIFY(says(again, EventKind::Note, "are kept"));
    }

    void otherPicturesAreAnotherCache() {
        const tests::Project project;
        const Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        (void)trained(project, experiment);
        const fs::path picture = project.path() / "data" / "val" / "dark" / "100.png";
        fs::last_write_time(picture, fs::last_write_time(picture) + std::chrono::seconds(1));
        (void)trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(3)); // training pictures are the same
    }

    void otherFrozenWeightsAreAnotherCache() {
        const tests::Project project;
        Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        (void)trained(project, experiment);
        experiment.seed += 1; // of random weights: another backbone
        const fs::path cached = trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(4));
        experiment.freeze.cache = "off";
        const fs::path plain = trained(project, experiment);
        QVERIFY(difference(RunReader(plain).samples(3), RunReader(cached).samples(3)) < kSameTolerance);
    }

    void otherPreparationIsAnotherCache() {
        const tests::Project project;
        Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        const fs::path first = trained(project, experiment);
        // The same frozen weights as a file, beside which stands how pictures are prepared.
        const auto stated = [&](const char* name, const char* mean) {
            const fs::path folder = project.path() / name;
            fs::create_directories(folder);
            fs::copy_file(fs::directory_iterator(first / "checkpoints")->path() / "model.safetensors",
                          folder / "model.safetensors");
            std::ofstream(folder / "config.json")
                << R"({"architecture": "squeezenet1_1", "pretrained_cfg": {"mean": )" << mean << "}}";
            return (folder / "model.safetensors").string();
        };
        experiment.model.weights = stated("grey", "[0.5, 0.5, 0.5]");
        (void)trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(4));
        experiment.model.weights = stated("black", "[0.0, 0.0, 0.0]");
        (void)trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(6));
        experiment.data.imageSize *= 2;
        (void)trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(8));
        experiment.freeze.preset = "last-stages:1"; // another cut
        (void)trained(project, experiment);
        QCOMPARE(cacheFiles(), std::size_t(10));
    }

    void resumedInTheMiddleOfAnEpochIsTheUnbrokenRun() {
        const tests::Project project;
        const Experiment experiment = frozen(project, "squeezenet1_1", "head-only"); // dropout in the head
        const fs::path unbroken = trained(project, experiment);
        const fs::path resumed = createRun(experiment, project.runs());
        {
            RunControl control;
            Listener listener;
            listener.onStep = [&](std::int64_t step) {
                if (step >= 4) // of three an epoch
                    control.requestStop();
            };
            QCOMPARE(train(resumed, control, &listener).state, RunState::Stopped);
        }
        RunControl control;
        (void)train(resumed, control);
        QCOMPARE(losses(unbroken).size(), std::size_t(9));
        QVERIFY(losses(resumed) == losses(unbroken));
    }

    void stoppedWhileBuildingKeepsWhatIsBuilt() {
        const tests::Project project(40, 4); // three batches to build
        const Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        const fs::path run = createRun(experiment, project.runs());
        {
            RunControl control;
            Listener listener;
            listener.onMessage = [&](std::size_t count) {
                if (count == 2) // the plan, then the first batch
                    control.requestStop();
            };
            QCOMPARE(train(run, control, &listener).state, RunState::Stopped);
        }
        const fs::path file = fs::directory_iterator(cacheFolder() / "features")->path();
        std::ifstream stream(file, std::ios::binary);
        stream.seekg(4096);
        std::vector<std::uint64_t> hashes(80);
        stream.read(reinterpret_cast<char*>(hashes.data()), 80 * 8);
        const auto made = std::ranges::count_if(hashes, [](std::uint64_t hash) { return hash != 0; });
        QVERIFY2(made >= 32 && made < 80, qPrintable(QString::number(made)));
        RunControl control;
        QCOMPARE(train(run, control).state, RunState::Finished);
        QVERIFY(losses(run) == losses(trained(project, experiment)));
    }

    void cacheMovesWithTheThawAndEndsWithIt() {
        const tests::Project project;
        Experiment experiment = frozen(project, "resnet18", "by-hand");
        experiment.freeze.phases = {{.fromEpoch = 1, .train = {"fc"}},
                                    {.fromEpoch = 3, .train = {"fc", "layer4"}, .learningRateFactor = 0.1},
                                    {.fromEpoch = 5, .train = {"*"}, .learningRateFactor = 0.01}};
        experiment.train.epochs = 6;
        const fs::path cached = trained(project, experiment);
        QVERIFY(says(cached, EventKind::Note, "The outputs of the 5 frozen blocks are kept"));
        QVERIFY(says(cached, EventKind::Note, "moves"));
        QVERIFY(says(cached, EventKind::Note, "ends here"));
        experiment.freeze.cache = "off";
        const fs::path plain = trained(project, experiment);
        const double worst = difference(RunReader(plain).samples(4), RunReader(cached).samples(4));
        QVERIFY2(worst < kSameTolerance, qPrintable(QString::number(worst)));
    }

    void newViewsEachEpochLeaveOnlyValidationToKeep() {
        const tests::Project project;
        Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        experiment.data.augmentation = "standard";
        const fs::path run = trained(project, experiment);
        QVERIFY(says(run, EventKind::Note, "Only the validation"));
        QCOMPARE(cacheFiles(), std::size_t(1));
    }

    void storedViewsAreTheViewsOfTheFirstEpochs() {
        const tests::Project project;
        Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        experiment.data.augmentation = "standard";
        experiment.freeze.views = 2;
        experiment.train.epochs = 2; // as many as views: new ones each epoch are the same
        experiment.freeze.cache = "off";
        const fs::path plain = trained(project, experiment);
        experiment.freeze.cache = "on";
        const fs::path cached = trained(project, experiment);
        const double worst = difference(RunReader(plain).samples(2), RunReader(cached).samples(2));
        QVERIFY2(worst < kSameTolerance, qPrintable(QString::number(worst)));
    }

    void picturesThatCannotBeReadAreLeftOutAsEver() {
        const tests::Project project;
        const fs::path broken = project.path() / "data" / "train" / "dark" / "103.png";
        fs::resize_file(broken, 200);
        Experiment experiment = frozen(project, "squeezenet1_1", "head-only");
        const fs::path cached = trained(project, experiment);
        QVERIFY(says(cached, EventKind::Warning, "103.png"));
        experiment.freeze.cache = "off";
        const fs::path plain = trained(project, experiment);
        const double worst = difference(RunReader(plain).samples(3), RunReader(cached).samples(3));
        QVERIFY2(worst < kSameTolerance, qPrintable(QString::number(worst)));
    }

    void folderThatTakesNoFileIsAWarningOnly() {
        const fs::path blocked = fs::path(m_cache->path().toStdString()) / "features";
        std::ofstream(blocked) << "no folder";
        const tests::Project project;
        const fs::path run = trained(project, frozen(project, "squeezenet1_1", "head-only"));
        QVERIFY(says(run, EventKind::Warning, "held in memory"));
        QCOMPARE(RunReader(run).summary().state, RunState::Finished);
    }

    void costSaysWhatTheCacheTakesAndSaves() {
        const tests::Project project;
        DataReport data;
        data.trainSamples = 1000;
        data.validationSamples = 200;
        data.classes.resize(2);
        Experiment experiment = frozen(project, "resnet18", "head-only");
        experiment.data.imageSize = 0;
        experiment.train.epochs = 20;
        const Cost cost = estimateCost(experiment, data);
        QCOMPARE(cost.cacheBytes, std::uint64_t(1200 * 512 * 4)); // pooled
        QVERIFY(cost.cacheSavesSeconds > 0);
        QVERIFY(QString::fromStdString(cost.cacheSentence).contains(QLatin1String("2 MB")));
        QVERIFY(cost.phases.at(0).cached);
        experiment.freeze.preset = "none";
        const Cost all = estimateCost(experiment, data);
        QCOMPARE(all.cacheBytes, std::uint64_t(0));
        QVERIFY(!all.cacheSentence.empty() && !all.phases.at(0).cached);
    }

private:
    std::unique_ptr<QTemporaryDir> m_cache;
};

QTEST_GUILESS_MAIN(TestCachedTraining)
#include "tst_cachedtraining.moc"
