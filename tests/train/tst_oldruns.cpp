// Runs of earlier versions, kept beside this file (oldruns/README.md): they open, are listed, answer and go on.
#include "engine/api/metrics.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "tests/support/oldruns.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// A copy of them all with their pictures, as they would lie in a project.
struct Project {
    QTemporaryDir folder;

    Project() {
        for (const auto& entry : fs::directory_iterator(THAW_OLD_RUNS))
            if (entry.path().filename() == "pictures" || entry.path().filename() == "table.csv")
                fs::copy(entry.path(), path() / entry.path().filename(), fs::copy_options::recursive);
            else if (entry.is_directory())
                tests::copyRun(entry.path(), run(entry.path().filename()));
    }
    [[nodiscard]] fs::path path() const { return folder.path().toStdString(); }
    [[nodiscard]] fs::path run(const std::string& name) const { return path() / "runs" / name; }
};

std::vector<ChangedSetting> oneMoreEpoch(const Project& project, const std::string& name) {
    const fs::path data = name == "labels" ? project.path() / "table.csv" : project.path() / "pictures";
    return {{"train.epochs", "3"}, {"data.path", data.string()}};
}

std::vector<std::string> warnings(const fs::path& run) {
    std::vector<std::string> texts;
    for (const RunEvent& event : RunReader(run).events())
        if (event.kind == EventKind::Warning)
            texts.push_back(event.text);
    return texts;
}

} // namespace

class TestOldRuns final : public QObject {
    Q_OBJECT

    QTemporaryDir m_cache;

    static void kinds() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("monitored");
        QTest::newRow("before tasks and metrics") << "first"
                                                  << "validation/accuracy";
        QTest::newRow("one class a picture") << "classes"
                                             << "validation/accuracy";
        QTest::newRow("several labels from a table") << "labels"
                                                     << "validation/mean_average_precision";
    }

private Q_SLOTS:
    void initTestCase() { qputenv("THAW_CACHE", m_cache.path().toUtf8()); }

    void theyOpenWithAllThatTheyRecorded_data() { kinds(); }
    void theyOpenWithAllThatTheyRecorded() {
        QFETCH(QString, name);
        QFETCH(QString, monitored);
        const Project project;
        const RunReader reader(project.run(name.toStdString()));
        const RunSummary& summary = reader.summary();
        QVERIFY(summary.damage.empty());
        QCOMPARE(summary.name, name.toStdString());
        QVERIFY(summary.state == RunState::Finished);
        QCOMPARE(summary.epoch, 2);
        QCOMPARE(summary.lastCheckpointStep, std::int64_t(4));
        QVERIFY(summary.best.at(monitored.toStdString()) > 0);
        QCOMPARE(validationSeries(summary.monitor), monitored.toStdString());
        QCOMPARE(reader.series("train/loss").step, (std::vector<std::int64_t>{1, 2, 3, 4}));
        QCOMPARE(reader.series(monitored.toStdString()).step, (std::vector<std::int64_t>{2, 4}));
        QCOMPARE(reader.samples(2).size(), std::size_t(6));
        QCOMPARE(reader.classNames().front(), std::string("dark"));
        QCOMPARE(reader.events().back().kind, EventKind::Finished);
        QVERIFY(std::ranges::none_of(reader.events(), [](const RunEvent& e) { return e.kind == EventKind::Note; }));
        QCOMPARE(reader.experiment().model.backbone, std::string("cifar_resnet20"));
    }

    void theyAreListed() {
        const Project project;
        std::vector<std::string> names;
        for (const RunSummary& summary : listRuns(project.path() / "runs")) {
            QVERIFY(summary.damage.empty());
            names.push_back(summary.name);
        }
        std::ranges::sort(names);
        QCOMPARE(names, (std::vector<std::string>{"classes", "first", "labels"}));
    }

    void theyAnswer_data() { kinds(); }
    void theyAnswer() {
        QFETCH(QString, name);
        const Project project;
        Predictor predictor = Predictor::fromRun(project.run(name.toStdString()));
        const fs::path picture = project.path() / "pictures/val/light/0.png";
        const auto answers = predictor.predict(std::span(&picture, 1), 2, {});
        QCOMPARE(answers.front().problem, std::string());
        QCOMPARE(answers.front().top.size(), std::size_t(2));
        // As their own version said of this picture after the last epoch.
        for (const SampleResult& said : RunReader(project.run(name.toStdString())).samples(2))
            if (said.file.ends_with("val/light/0.png"))
                QVERIFY(std::abs(answers.front().top.front().probability - said.probability) < 1e-4);
    }

    void theyGoOn_data() { kinds(); }
    void theyGoOn() {
        QFETCH(QString, name);
        QFETCH(QString, monitored);
        const Project project;
        const fs::path run = project.run(name.toStdString());
        const Series loss = RunReader(run).series("train/loss");
        const Series value = RunReader(run).series(monitored.toStdString());
        RunControl control;
        const RunSummary summary = train(run, control, nullptr, oneMoreEpoch(project, name.toStdString()));
        QVERIFY(summary.state == RunState::Finished);
        QCOMPARE(summary.epoch, 3);
        QCOMPARE(summary.step, std::int64_t(6));
        const RunReader reader(run);
        const Series now = reader.series("train/loss");
        QCOMPARE(now.step.size(), std::size_t(6));
        QVERIFY(std::ranges::equal(std::span(now.value).first(4), loss.value)); // nothing is taken back
        QCOMPARE(reader.series(monitored.toStdString()).step.size(), value.step.size() + 1);
        QCOMPARE(warnings(run), std::vector<std::string>()); // its pictures are the same, wherever they lie
        QVERIFY(summary.best.at(monitored.toStdString()) >= value.value.back());
    }
};

QTEST_GUILESS_MAIN(TestOldRuns)
#include "tst_oldruns.moc"
