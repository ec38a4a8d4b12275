// The values of all classes of a metric: one growing file.
#include "tests/runs/runbench.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

std::size_t fileCount(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestClassValues final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void theValuesOfAllClassesShareOneFile() {
        constexpr std::size_t kClasses = 1000;
        RunStart start = twoEpochs();
        start.classes.clear();
        for (std::size_t i = 0; i < kClasses; ++i)
            start.classes.push_back("class/" + std::to_string(i)); // a name may look like a path
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(start, -1);
        RunReader reader(folder);
        for (int epoch = 1; epoch <= 2; ++epoch) {
            std::vector<double> values;
            for (std::size_t i = 0; i < kClasses; ++i)
                values.push_back(i == 7 ? std::nan("") : double(epoch) / double(i + 1));
            writer.scalar("validation/accuracy", epoch * 10, 0.5);
            writer.classValues("validation/accuracy", epoch * 10, values);
        }
        writer.flush();
        QCOMPARE(fileCount(folder / "series"), std::size_t(2));
        QVERIFY(reader.refresh());
        QVERIFY(!reader.refresh());
        QCOMPARE(reader.seriesNames().size(), kClasses); // one has no sample; accuracy itself
        QVERIFY(std::ranges::is_sorted(reader.seriesNames()));
        const Series& last = reader.series("validation/accuracy/class/999");
        QCOMPARE(last.step, (std::vector<std::int64_t>{10, 20}));
        QCOMPARE(last.value, (std::vector<float>{0.001F, 0.002F}));
        QCOMPARE(reader.envelope("validation/accuracy/class/999", 0, 20, 1).at(0).maximum, 0.002F);
        QVERIFY(reader.series("validation/accuracy/class/7").step.empty());
        QVERIFY(reader.series("validation/accuracy/class").step.empty());
        QVERIFY(!reader.summary().last.contains("validation/accuracy/class/7"));
        QCOMPARE(reader.summary().last.at("validation/accuracy/class/999"), 0.002);
    }

    void resumingTakesBackTheValuesOfClasses() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.classValues("validation/accuracy", 15, std::vector<double>{1, 0.5});
        }
        RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.5F});
        RunWriter writer(folder);
        writer.started(twoEpochs(), 10);
        writer.scalar("train/loss", 11, 1);
        reader.refresh();
        QVERIFY(reader.series("validation/accuracy/bee").step.empty());
        writer.classValues("validation/accuracy", 20, std::vector<double>{1, 0.25});
        reader.refresh();
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.25F});
        QCOMPARE(reader.envelope("validation/accuracy/bee", 0, 20, 1).at(0).maximum, 0.25F);
    }

    // As an earlier version wrote them: read, and gone on with.
    void aRunWithAFileForEachClassKeepsThem() {
        const fs::path folder = interruptedRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), 10);
            writer.scalar("validation/accuracy/ant", 15, 0.5);
            writer.scalar("validation/accuracy/bee", 15, 0.75);
            writer.stopped(15);
        }
        QCOMPARE(RunReader(folder).series("validation/accuracy/bee").value, std::vector<float>{0.75F});
        const auto files = fileCount(folder / "series");
        RunWriter writer(folder);
        writer.started(twoEpochs(), 15);
        writer.classValues("validation/accuracy", 20, std::vector<double>{1, std::nan("")});
        writer.flush();
        QCOMPARE(fileCount(folder / "series"), files);
        const RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/ant").value, (std::vector<float>{0.5F, 1}));
        QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.75F});
        QCOMPARE(reader.seriesNames(),
                 (std::vector<std::string>{"train/loss", "validation/accuracy/ant", "validation/accuracy/bee"}));
    }

    void damageInTheValuesOfClassesIsAWarning() {
        const fs::path folder = newRun();
        {
            RunWriter writer(folder);
            writer.started(twoEpochs(), -1);
            for (int step = 1; step <= 3; ++step)
                writer.classValues("validation/accuracy", step, std::vector<double>{0.5, 0.5});
        }
        const fs::path file = folder / "series" / "validation%2Faccuracy.classes";
        std::string content = readFile(file);
        content[content.size() / 2] ^= 1;
        writeFileAtomically(file, content);
        const RunReader reader(folder);
        QCOMPARE(reader.series("validation/accuracy/ant").step, (std::vector<std::int64_t>{1, 3}));
        QCOMPARE(std::ranges::count(reader.events(), EventKind::Warning, &RunEvent::kind), std::ptrdiff_t(1));
    }

    // The classes' names come from a checkpoint, or from what the training found in its data.
    void theValuesOfClassesAreRebuilt() {
        for (const bool saved : {true, false}) {
            const fs::path folder = newRun();
            {
                RunStart start = twoEpochs();
                start.environmentJson = R"({"data": {"classes": [{"name": "ant"}, {"name": "bee"}]}})";
                RunWriter writer(folder);
                writer.started(start, -1);
                writer.scalar("validation/accuracy", 10, 0.5);
                writer.classValues("validation/accuracy", 10, std::vector<double>{std::nan(""), 0.25});
                if (saved) {
                    tests::writeCheckpointFiles(writer.checkpointFolder(10), {.step = 10, .epoch = 1, .bestEpoch = 1});
                    writer.checkpointDone(10);
                }
                writer.stopped(10);
            }
            fs::remove(folder / "summary.json");
            const RunReader reader(folder);
            QVERIFY(!reader.summary().damage.empty());
            QCOMPARE(reader.classNames(), (std::vector<std::string>{"ant", "bee"}));
            QCOMPARE(reader.summary().last.at("validation/accuracy/bee"), 0.25);
            QCOMPARE(reader.summary().best.at("validation/accuracy/bee"), 0.25);
            QVERIFY(!reader.summary().last.contains("validation/accuracy/ant"));
            QCOMPARE(reader.series("validation/accuracy/bee").value, std::vector<float>{0.25F});
        }
    }
};

QTEST_GUILESS_MAIN(TestClassValues)
#include "tst_classvalues.moc"
