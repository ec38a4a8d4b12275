// Going on with a run: whatever became of its folder, its data or its disk, no work is lost and nothing is taken for
// what it is not.
#include "engine/api/error.h"
#include "engine/api/parameter.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"
#include "tests/support/fulldisk.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <optional>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// Does something once so many steps are done.
class AtStep final : public ProgressSink {
public:
    AtStep(std::int64_t step, std::function<void()> action) : m_step(step), m_action(std::move(action)) {}
    void onProgress(const Progress& progress) override {
        if (!progress.message.empty())
            m_said.push_back(progress.message);
        if (!m_done && progress.step >= m_step && progress.phase == Phase::Training) {
            m_done = true;
            m_action();
        }
    }
    [[nodiscard]] const std::vector<std::string>& said() const { return m_said; }

private:
    std::int64_t m_step;
    std::function<void()> m_action;
    bool m_done = false;
    std::vector<std::string> m_said;
};

Experiment small(const tests::Project& project, int epochs = 4) {
    Experiment experiment = project.experiment();
    experiment.model.backbone = "cifar_resnet20";
    experiment.data.imageSize = 32;
    experiment.train.epochs = epochs;
    return experiment;
}

fs::path trained(const tests::Project& project, const Experiment& experiment) {
    const fs::path run = createRun(experiment, project.runs());
    RunControl control;
    (void)train(run, control);
    return run;
}

void stopAfter(const fs::path& run, std::int64_t step) {
    RunControl control;
    AtStep stop(step, [&control] { control.requestStop(); });
    (void)train(run, control, &stop);
}

RunSummary goOn(const fs::path& run, const std::vector<ChangedSetting>& changes = {}) {
    RunControl control;
    return train(run, control, nullptr, changes);
}

template <typename Action>
std::optional<Error> errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return {};
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> texts(const fs::path& run, EventKind kind) {
    const RunReader reader(run);
    std::vector<std::string> result;
    for (const RunEvent& event : reader.events())
        if (event.kind == kind)
            result.push_back(event.text);
    return result;
}

std::vector<float> rates(const fs::path& run) { return RunReader(run).series("learning_rate").value; }

std::string model(const fs::path& run) { return readFile(findCheckpoints(run).newest()->folder / "model.safetensors"); }

// The classes' folders change their names, for training and validation.
void renameClass(const tests::Project& project, const char* from, const char* to) {
    for (const char* part : {"train", "val"})
        fs::rename(project.path() / "data" / part / from, project.path() / "data" / part / to);
}

} // namespace

class TestResume final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { tests::g_fullDisk = {}; }

    void aCopyGoesOnWhateverBecameOfItsLinks_data() {
        QTest::addColumn<QString>("links");
        for (const char* links : {"kept", "dropped", "followed", "followed, and checkpoints left out"})
            QTest::newRow(links) << QString::fromLatin1(links);
    }
    void aCopyGoesOnWhateverBecameOfItsLinks() {
        QFETCH(QString, links);
        const tests::Project project;
        const fs::path run = trained(project, small(project, 2));
        const fs::path copy = project.runs() / "copy";
        const bool followed = links.startsWith(QStringLiteral("followed"));
        fs::copy(run, copy,
                 followed ? fs::copy_options::recursive
                          : fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        if (links == QStringLiteral("dropped")) {
            fs::remove(copy / "last");
            fs::remove(copy / "best");
        }
        if (links.endsWith(QStringLiteral("left out")))
            fs::remove_all(copy / "checkpoints");
        RunControl control;
        const double accuracy = evaluate(run, {}, control).values.at("accuracy");
        QCOMPARE(evaluate(copy, {}, control).values.at("accuracy"), accuracy);
        (void)Predictor::fromRun(copy);
        QCOMPARE(planResume(copy, {}).fromStep, std::int64_t(6));

        const auto curve = RunReader(run).series("train/loss").value;
        (void)goOn(run, {{"train.epochs", "3"}});
        QVERIFY(goOn(copy, {{"train.epochs", "3"}}).state == RunState::Finished);
        QVERIFY(holds(texts(copy, EventKind::Started).back(), "goes on from step 6"));
        const auto whole = RunReader(copy).series("train/loss").value;
        QCOMPARE(whole.size(), std::size_t(9));
        QVERIFY(std::equal(curve.begin(), curve.end(), whole.begin()));
        QVERIFY(model(copy) == model(run));
        for (const auto& entry : fs::recursive_directory_iterator(copy))
            QVERIFY2(!entry.path().filename().native().ends_with(".partial"), entry.path().c_str());
        QVERIFY(fs::is_symlink(copy / "last"));
    }

    void aDamagedNewestCheckpointGivesWayToTheOneBefore_data() {
        QTest::addColumn<bool>("sameSize");
        QTest::newRow("cut") << false;
        QTest::newRow("another bit") << true;
    }
    void aDamagedNewestCheckpointGivesWayToTheOneBefore() {
        QFETCH(bool, sameSize);
        const tests::Project project;
        const fs::path unbroken = trained(project, small(project));
        const fs::path run = createRun(small(project), project.runs());
        stopAfter(run, 4);
        const auto [older, step] =
            std::pair(findCheckpoints(run).newest()->folder, findCheckpoints(run).newest()->step);
        const fs::path kept = project.path() / "kept";
        fs::copy(older, kept, fs::copy_options::recursive);
        stopAfter(run, step + 5);
        const RunCheckpoint newer = *findCheckpoints(run).newest();
        QVERIFY(newer.step > step);
        for (const RunCheckpoint& other : findCheckpoints(run).whole)
            if (other.step < newer.step)
                fs::remove_all(other.folder);
        fs::copy(kept, older, fs::copy_options::recursive);
        const fs::path file = newer.folder / "model.safetensors";
        std::string content = readFile(file);
        if (sameSize)
            content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
        else
            content.resize(content.size() / 2);
        writeFileAtomically(file, content);

        const ResumePlan plan = planResume(run, {});
        QCOMPARE(plan.fromStep, step);
        QCOMPARE(plan.notes.size(), std::size_t(1));
        QVERIFY(holds(plan.notes.front(), newer.folder.filename().string() + " is damaged"));
        // What is written now is the newest, though its step is smaller than that of the damaged one.
        stopAfter(run, step);
        QVERIFY(RunReader(run).summary().step < newer.step);
        QCOMPARE(findCheckpoints(run).newest()->step, RunReader(run).summary().step);
        QCOMPARE(texts(run, EventKind::Warning), plan.notes);
        QVERIFY(goOn(run).state == RunState::Finished);
        QVERIFY(model(run) == model(unbroken));
    }

    void withoutAWholeCheckpointNothingIsBegunAnew() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 2));
        const auto points = RunReader(run).series("train/loss").step.size();
        for (const auto& entry : fs::directory_iterator(run / "checkpoints"))
            fs::resize_file(entry.path() / "model.safetensors", 100);
        const auto damaged = errorOf([&] { (void)goOn(run, {{"train.epochs", "3"}}); });
        QVERIFY(damaged && damaged->kind() == ErrorKind::BadWeights);
        QVERIFY(holds(damaged->what(), "No checkpoint of") && holds(damaged->what(), "model.safetensors"));
        fs::remove_all(run / "checkpoints");
        const auto gone = errorOf([&] { (void)goOn(run, {{"train.epochs", "3"}}); });
        QVERIFY(gone && holds(gone->what(), "are gone; the last was of step 6"));
        const RunReader reader(run);
        QCOMPARE(reader.series("train/loss").step.size(), points);
        QVERIFY(reader.summary().state == RunState::Finished);
        QCOMPARE(readExperiment(run / "experiment.toml").train.epochs, 2);
    }

    void theModelUsedIsNeverAnotherThanTheBestWithoutAWord() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 2));
        const fs::path best = findCheckpoints(run).best()->folder;
        std::string content = readFile(best / "model.safetensors");
        content.back() = static_cast<char>(content.back() ^ 1);
        writeFileAtomically(best / "model.safetensors", content);
        const auto error = errorOf([&] { (void)Predictor::fromRun(run); });
        QVERIFY(error && holds(error->what(), best.filename().string()) && holds(error->what(), "is damaged"));
    }

    void aRunWhoseDataIsAwayStaysFinished() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 2));
        const RunSummary before = RunReader(run).summary();
        fs::rename(project.path() / "data", project.path() / "away");
        const auto error = errorOf([&] { (void)goOn(run, {{"train.epochs", "3"}}); });
        QVERIFY(error && holds(error->what(), (project.path() / "data").string()));
        const RunReader reader(run);
        QVERIFY(reader.summary().state == RunState::Finished);
        QVERIFY(reader.summary().failure.empty());
        QCOMPARE(reader.summary().epochs, before.epochs);
        QCOMPARE(readExperiment(run / "experiment.toml").train.epochs, 2);
        QVERIFY(texts(run, EventKind::Knob).empty());
        QVERIFY(holds(texts(run, EventKind::Warning).back(), "It could not go on"));
        // The data is at another place now: that is a setting.
        QVERIFY(goOn(run, {{"data.path", (project.path() / "away").string()}, {"train.epochs", "3"}}).state ==
                RunState::Finished);
        QCOMPARE(readExperiment(run / "experiment.toml").data.path, project.path() / "away");
        QVERIFY(holds(texts(run, EventKind::Knob).front(), "Folder"));
    }

    void weightsThatAreAwayAreNotNeededAnyMore() {
        const tests::Project project;
        const fs::path source = trained(project, small(project, 1));
        Experiment experiment = small(project, 1);
        fs::copy(findCheckpoints(source).newest()->folder / "model.safetensors", project.path() / "w.safetensors");
        experiment.model.weights = "w.safetensors";
        const fs::path run = trained(project, experiment);
        fs::remove(project.path() / "w.safetensors");
        QVERIFY(goOn(run, {{"train.epochs", "2"}}).state == RunState::Finished);
    }

    void exchangedClassesAreRefusedByName() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 1));
        renameClass(project, "dark", "other");
        renameClass(project, "light", "dark");
        renameClass(project, "other", "light");
        const auto error = errorOf([&] { (void)goOn(run, {{"train.epochs", "2"}}); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput);
        QVERIFY(holds(error->what(), "“dark” holds the pictures that were “light”"));
        QVERIFY(RunReader(run).summary().state == RunState::Finished);
    }

    void otherClassesAreRefusedByName() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 1));
        renameClass(project, "dark", "black");
        const auto error = errorOf([&] { (void)goOn(run, {{"train.epochs", "2"}}); });
        QVERIFY(error && holds(error->what(), "“dark” missing, “black” new"));
        QVERIFY(RunReader(run).summary().state == RunState::Finished);
    }

    void otherPicturesAreSaid() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 1));
        QVERIFY(goOn(run, {{"train.epochs", "2"}}).state == RunState::Finished);
        QVERIFY(texts(run, EventKind::Warning).empty());
        fs::copy(project.path() / "data/train/dark/100.png", project.path() / "data/train/dark/zzz.png");
        RunControl control;
        AtStep listener(0, [] {});
        QVERIFY(train(run, control, &listener, {{"train.epochs", "3"}}).state == RunState::Finished);
        const auto warnings = texts(run, EventKind::Warning);
        QCOMPARE(warnings.size(), std::size_t(1));
        QVERIFY(holds(warnings.front(), "25 for training and 8 for validation, where there were 24 and 8"));
        QVERIFY(std::ranges::find(listener.said(), warnings.front()) != listener.said().end()); // before it trains
        QVERIFY(goOn(run, {{"train.epochs", "4"}}).state == RunState::Finished);
        QCOMPARE(texts(run, EventKind::Warning).size(), std::size_t(1)); // these are its pictures now
    }

    void settingsThatARunCannotFollowAreRefusedByName_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        for (const auto& [key, value] : {std::pair{"model.backbone", "resnet18"},
                                         {"model.weights", "none"},
                                         {"experiment.seed", "8"},
                                         {"data.image_size", "64"},
                                         {"data.validation_share", "0.5"},
                                         {"freeze.preset", "head-only"},
                                         {"freeze.batch_norm", "train"},
                                         {"freeze.lora_rank", "4"},
                                         {"data.task", "multi-label"},
                                         {"train.monitor", "loss"},
                                         {"train.optimizer", "sgd"}})
            QTest::newRow(key) << key << value;
    }
    void settingsThatARunCannotFollowAreRefusedByName() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        static const tests::Project project;
        static const fs::path run = trained(project, small(project, 1));
        const std::vector<ChangedSetting> change = {{key.toStdString(), value.toStdString()}};
        for (const auto& attempt : {std::function<void()>([&] { (void)planResume(run, change); }),
                                    std::function<void()>([&] { (void)goOn(run, change); })}) {
            const auto error = errorOf(attempt);
            QVERIFY(error && error->kind() == ErrorKind::BadInput);
            QVERIFY(holds(error->what(), key.toStdString() + " cannot change"));
            QVERIFY(!error->remedy().empty());
        }
        QVERIFY(RunReader(run).summary().state == RunState::Finished);
    }

    void settingsThatDoNotTouchWhatIsLearntMayChangeAndAreRecorded() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 1));
        const std::vector<ChangedSetting> changes = {{"train.epochs", "2"},
                                                     {"data.augmentation", "none"},
                                                     {"train.weight_decay", "0.1"},
                                                     {"data.workers", "1"},
                                                     {"train.label_smoothing", "0.1"},
                                                     {"devices.threads", "1"},
                                                     {"train.early_stopping_patience", "5"}};
        QVERIFY(goOn(run, changes).state == RunState::Finished);
        const Experiment now = readExperiment(run / "experiment.toml");
        for (const auto& [key, value] : changes)
            QCOMPARE(parameterValue(now, key), value);
        const auto knobs = texts(run, EventKind::Knob);
        for (const char* words : {"Epochs 1 → 2", "Augmentation standard → none", "Weight decay 0.01 → 0.1",
                                  "Label smoothing 0 → 0.1", "Computing threads 0 → 1", "Stop early 0 → 5"})
            QVERIFY2(std::ranges::find(knobs, words) != knobs.end(), words);
        QVERIFY(errorOf([&] { (void)goOn(run, {{"train.epochs", "1"}}); }).has_value()); // two are behind it
        QVERIFY(errorOf([&] { (void)goOn(run, {{"train.nothing", "1"}}); }).has_value());
    }

    void aPlaceThatWasCountedInBatchesIsUnderstood() {
        const tests::Project project;
        const fs::path unbroken = trained(project, small(project, 3));
        const fs::path run = createRun(small(project, 3), project.runs());
        stopAfter(run, 4); // one batch into the second epoch
        const fs::path checkpoint = findCheckpoints(run).newest()->folder;
        std::string state = readFile(checkpoint / "trainer_state.json");
        const std::string now = "\"samples_in_epoch\": 8";
        const std::size_t place = state.find(now);
        QVERIFY(place != std::string::npos);
        state.replace(place, now.size(), "\"batch_in_epoch\": 1");
        writeFileAtomically(checkpoint / "trainer_state.json", state);
        fs::remove(checkpoint / "checksums.json");
        QVERIFY(goOn(run).state == RunState::Finished);
        QVERIFY(model(run) == model(unbroken));
    }

    void aRunThatNeverWroteACheckpointFollowsAnySetting() {
        const tests::Project project;
        const fs::path run = createRun(small(project, 1), project.runs());
        QVERIFY(goOn(run, {{"train.batch_size", "4"}}).state == RunState::Finished);
        QCOMPARE(RunReader(run).series("train/loss").step.size(), std::size_t(6));
    }

    void trainingLongerDoesNotRaiseTheLearningRate_data() {
        QTest::addColumn<QString>("schedule");
        QTest::addColumn<QString>("preset");
        QTest::addColumn<int>("stopAt"); // 0: finished
        for (const char* schedule : {"cosine", "one-cycle", "constant"})
            for (const char* preset : {"none", "gradual", "fine-tune"})
                for (const int stop : {0, 8})
                    QTest::addRow("%s, %s, %d", schedule, preset, stop) << schedule << preset << stop;
    }
    void trainingLongerDoesNotRaiseTheLearningRate() {
        QFETCH(QString, schedule);
        QFETCH(QString, preset);
        QFETCH(int, stopAt);
        const tests::Project project(4, 2);
        Experiment experiment = small(project, 5);
        experiment.train.batchSize = 4;
        experiment.train.schedule = schedule.toStdString();
        experiment.freeze.preset = preset.toStdString();
        const fs::path run = createRun(experiment, project.runs());
        if (stopAt > 0)
            stopAfter(run, stopAt);
        else
            (void)goOn(run);
        const std::size_t done = rates(run).size();
        const ResumePlan plan = planResume(run, {{"train.epochs", "8"}});
        QVERIFY(goOn(run, {{"train.epochs", "8"}}).state == RunState::Finished);
        const auto all = rates(run);
        QCOMPARE(all.size(), std::size_t(16));
        for (std::size_t i = done; i < all.size(); ++i)
            QVERIFY2(all[i] <= all[done - 1] * 1.0001F, fmt::format("step {}", i + 1).c_str());
        const auto knobs = texts(run, EventKind::Knob);
        for (const std::string& note : plan.notes) // what is recorded was said before
            QVERIFY2(std::ranges::find(knobs, note) != knobs.end(), note.c_str());
        QVERIFY(plan.notes.size() == 2);
    }

    void aScheduleThatStillRisesIsStretched() {
        const tests::Project project;
        Experiment experiment = small(project, 10);
        experiment.train.warmupSteps = 8;
        const fs::path run = createRun(experiment, project.runs());
        stopAfter(run, 4);
        (void)goOn(run, {{"train.epochs", "12"}});
        experiment.train.epochs = 12;
        QVERIFY(rates(run) == rates(trained(project, experiment)));
        QVERIFY(readExperiment(run / "experiment.toml").train.parts.empty());
    }

    void aSettingOfTheScheduleBeginsANewOne() {
        const tests::Project project;
        const fs::path run = trained(project, small(project, 2));
        (void)goOn(run, {{"train.epochs", "4"}, {"train.learning_rate", "5e-4"}});
        const auto all = rates(run);
        QCOMPARE(all.size(), std::size_t(12));
        QVERIFY(std::abs(double(all[6]) - 5e-4) < 1e-9);
        QVERIFY(all[11] < all[6]);
        // What is written reproduces the whole: the same rates from the start, and after a break in the second part.
        Experiment again = readExperiment(run / "experiment.toml");
        again.directory = project.path();
        QVERIFY(rates(trained(project, again)) == all);
        const fs::path broken = createRun(again, project.runs());
        stopAfter(broken, 8);
        (void)goOn(broken);
        QVERIFY(rates(broken) == all);
    }

    void resumedWithoutChangesEqualsUnbroken() {
        const tests::Project project;
        const fs::path unbroken = trained(project, small(project, 3));
        const fs::path run = createRun(small(project, 3), project.runs());
        for (const int step : {2, 5, 7})
            stopAfter(run, step);
        (void)goOn(run);
        QVERIFY(model(run) == model(unbroken));
        QVERIFY(rates(run) == rates(unbroken));
        QVERIFY(texts(run, EventKind::Knob).empty());
    }

    void aFullDiskIsAFailureOfItsOwnKind() {
        const tests::Project project;
        const fs::path run = createRun(small(project, 6), project.runs());
        stopAfter(run, 4);
        const std::int64_t saved = findCheckpoints(run).newest()->step;
        RunControl control;
        AtStep fill(saved + 2, [&run] { tests::g_fullDisk = {run, run / ".reserve"}; });
        const auto error = errorOf([&] { (void)train(run, control, &fill); });
        tests::g_fullDisk = {};
        QVERIFY(error && error->kind() == ErrorKind::DiskFull);
        QCOMPARE(error->what(), fmt::format("The disk is full. Saved at step {}.", saved));
        const RunSummary failed = RunReader(run).summary();
        QVERIFY(failed.state == RunState::Failed);
        QVERIFY(failed.failureKind == ErrorKind::DiskFull);
        QCOMPARE(failed.failure, std::string(error->what()));
        QVERIFY(holds(failed.remedy, "Free some space"));
        QCOMPARE(failed.lastCheckpointStep, saved);
        QVERIFY(!fs::exists(run / ".reserve"));
        QVERIFY(goOn(run).state == RunState::Finished);
        QVERIFY(model(run) == model(trained(project, small(project, 6))));
    }

    void aFailureNamesTheCheckpointThatThereIs() {
        const tests::Project project;
        Experiment experiment = small(project, 6);
        const fs::path run = createRun(experiment, project.runs());
        const auto failAt = [&](std::int64_t step) {
            RunControl control;
            AtStep fail(step, [] { throw Error(ErrorKind::Device, "The card is gone.", "Put it back."); });
            return errorOf([&] { (void)train(run, control, &fail); });
        };
        QCOMPARE(failAt(2)->remedy(), std::string("Put it back. No checkpoint was written yet."));
        stopAfter(run, 2);
        const auto error = failAt(findCheckpoints(run).newest()->step + 2);
        const std::int64_t saved = findCheckpoints(run).newest()->step; // the best that waited in memory is saved, too
        QCOMPARE(error->remedy(), fmt::format("Put it back. The checkpoint of step {} is kept.", saved));
        QCOMPARE(RunReader(run).summary().remedy, error->remedy());
    }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
