// The command line from outside: arguments in, JSON, words and exit codes out.
#include "engine/api/datareport.h"
#include "engine/api/estimate.h"
#include "engine/api/knobs.h"
#include "engine/api/labels.h"
#include "engine/api/liverun.h"
#include "engine/api/queue.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "engine/models/weights/safetensorswriter.h"
#include "engine/runs/tensorboard.h"
#include "tests/cli/thawprogram.h"
#include "tests/train/pictures.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <optional>

using tests::Answer;
using tests::thaw;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

// The project's experiment as a file.
QString experimentFile(const tests::Project& project, int epochs = 2) {
    engine::Experiment experiment = project.experiment();
    experiment.train.epochs = epochs;
    const std::filesystem::path file = project.path() / "experiment.toml";
    engine::writeExperiment(experiment, file);
    return text(file);
}

QString onlyRun(const tests::Project& project) {
    const auto runs = engine::listRuns(project.runs());
    return runs.size() == 1 ? text(runs.front().folder) : QString();
}

} // namespace

class TestCli final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void helpIsEnoughToWorkFrom() {
        const Answer all = thaw({QStringLiteral("--help")});
        QCOMPARE(all.code, 0);
        for (const char* command :
             {"train", "evaluate", "predict", "runs", "queue", "data", "freeze", "backbones", "weights", "devices"}) {
            QVERIFY2(all.out.contains(command), command);
            const Answer one = thaw({QString::fromLatin1(command), QStringLiteral("--help")});
            QCOMPARE(one.code, 0);
            QVERIFY(one.out.size() > 60);
        }
    }

    void unknownWordsEndWithTwo() {
        QCOMPARE(thaw({}).code, 2);
        QCOMPARE(thaw({QStringLiteral("trian")}).code, 2);
        QCOMPARE(thaw({QStringLiteral("train"), QStringLiteral("/nowhere.toml")}).code, 2);
        const Answer answer = thaw({QStringLiteral("--json"), QStringLiteral("backbones"), QStringLiteral("resnet81")});
        QCOMPARE(answer.code, 2);
        const QJsonObject error = answer.json().object()[QLatin1String("error")].toObject();
        QCOMPARE(error[QLatin1String("kind")].toString(), QStringLiteral("bad-input"));
        QVERIFY(error[QLatin1String("remedy")].toString().contains(QStringLiteral("resnet18")));
    }

    void theHomeFolderIsMeantWhereverAPathStands() {
        const tests::Project project(3, 2);
        const QByteArray home = qgetenv("HOME");
        qputenv("HOME", QByteArray::fromStdString(project.path().string()));
        const auto back = qScopeGuard([&home] { qputenv("HOME", home); });
        QCOMPARE(thaw({QStringLiteral("data"), QStringLiteral("check"), QStringLiteral("~/data")}).code, 0);
        for (const char* arguments :
             {"predict --backbone=squeezenet1_1 --weights=~/none.pth ~/data/val/dark/100.png",
              "predict --backbone squeezenet1_1 --weights ~/none.pth ~/data/val/dark/100.png",
              "weights inspect ~/none.pth --backbone squeezenet1_1", "train x.toml --freeze=~/none.pth"}) {
            const Answer answer = thaw(QString::fromLatin1(arguments).split(QLatin1Char(' ')));
            QVERIFY(answer.code != 0);
            QVERIFY2(!answer.words.contains("~/"), answer.words.constData());
        }
    }

    void dataCheckTellsWhatIsFound() {
        const tests::Project project(3, 2);
        const auto data = project.path() / "data";
        std::filesystem::rename(data / "val" / "dark", data / "val" / "darker");
        std::filesystem::create_directory(data / "train" / "dim");
        const Answer told = thaw({QStringLiteral("data"), QStringLiteral("check"), text(data)});
        QCOMPARE(told.code, 0);
        QCOMPARE(told.out, QByteArray("Class      Train  Validation  Passed over\n"
                                      "dark           3           0\n"
                                      "light          3           2\n"
                                      "dim            –           –\n"
                                      "darker         –           –  2 in val left out\n"
                                      "2 classes      6           2\n"
                                      "Training: train. Validation: val.\n"));
        QVERIFY(told.words.contains("Note: The class “dim” has no training picture."));
        QVERIFY(told.words.contains("2 of 4 pictures are left out. “darker”, nearest “dark”."));
        QVERIFY(told.words.contains("Note: 2 pictures to train on validate as well. train/light/10"));
        const QJsonObject json =
            thaw({QStringLiteral("data"), QStringLiteral("check"), text(data), QStringLiteral("--json")})
                .json()
                .object();
        QCOMPARE(json[QLatin1String("classes")].toArray().size(), 2);
        QCOMPARE(json[QLatin1String("validation")].toObject()[QLatin1String("left_out")].toInt(), 2);
        QCOMPARE(json[QLatin1String("findings")].toArray().size(), 3);
        QCOMPARE(thaw({QStringLiteral("data"), QStringLiteral("check"), QStringLiteral("/nowhere")}).code, 2);
    }

    void estimateMeasuresWhatIsNotKnown() {
        QTemporaryDir cache; // in which no speed is known
        const QByteArray before = qgetenv("THAW_CACHE");
        const auto back = qScopeGuard([&before] { qputenv("THAW_CACHE", before); });
        qputenv("THAW_CACHE", cache.path().toUtf8());
        const tests::Project project;
        const auto estimate = [file = experimentFile(project)](const QStringList& more) {
            return thaw(QStringList{QStringLiteral("estimate"), file, QStringLiteral("--set"),
                                    QStringLiteral("data.image_size=56"), QStringLiteral("--json")} +
                        more);
        };
        const QJsonObject guessed = estimate({QStringLiteral("--guess")}).json().object();
        QCOMPARE(guessed[QLatin1String("speed_measured")].toBool(true), false);
        const QJsonObject measured = estimate({}).json().object();
        QCOMPARE(measured[QLatin1String("speed_measured")].toBool(), true);
        QVERIFY(measured[QLatin1String("samples_per_second")].toDouble() > 0);
        QCOMPARE(measured[QLatin1String("steps")], guessed[QLatin1String("steps")]);
        QCOMPARE(estimate({QStringLiteral("--guess")}).json().object()[QLatin1String("samples_per_second")],
                 measured[QLatin1String("samples_per_second")]); // it is known now
        QCOMPARE(estimate({QStringLiteral("--set"), QStringLiteral("train.batch_size=0")}).code, 2);
    }

    void trainsShowsComparesEvaluatesAndPredicts() {
        const tests::Project project;
        const QString file = experimentFile(project);
        const Answer first = thaw({QStringLiteral("train"), file, QStringLiteral("--json")});
        QCOMPARE(first.code, 0);
        const QJsonObject record = first.json().object();
        QCOMPARE(record[QLatin1String("status")].toString(), QStringLiteral("finished"));
        QCOMPARE(record[QLatin1String("epochs")].toInt(), 2);
        QCOMPARE(record[QLatin1String("steps")].toInt(), 6);
        QVERIFY(record[QLatin1String("best")].toObject().contains(QLatin1String("validation/accuracy")));
        QVERIFY(first.words.contains("Epoch 1 of 2")); // plain lines into a pipe
        QVERIFY(first.words.contains("dark          12           4\n"));
        const QString run = record[QLatin1String("run")].toString();

        QCOMPARE(
            thaw({QStringLiteral("train"), file, QStringLiteral("--set"), QStringLiteral("train.learning_rate=1e-3"),
                  QStringLiteral("--run-dir"), text(project.runs() / "second")})
                .code,
            0);
        const Answer list = thaw({QStringLiteral("runs"), QStringLiteral("list"), QStringLiteral("--runs"),
                                  text(project.runs()), QStringLiteral("--json")});
        QCOMPARE(list.json().array().size(), 2);
        const Answer both = thaw({QStringLiteral("runs"), QStringLiteral("compare"), run,
                                  text(project.runs() / "second"), QStringLiteral("--json")});
        const QJsonObject differences = both.json().object()[QLatin1String("differences")].toObject();
        QCOMPARE(differences.keys(), QStringList{QStringLiteral("train.learning_rate")});
        QVERIFY(thaw({QStringLiteral("runs"), QStringLiteral("show"), run}).out.contains("train/loss"));

        const Answer evaluated = thaw({QStringLiteral("evaluate"), run, QStringLiteral("--json")});
        QCOMPARE(evaluated.json().object()[QLatin1String("samples")].toInt(), 8);
        std::filesystem::rename(project.path() / "data" / "val" / "dark", project.path() / "data" / "val" / "night");
        const Answer partly = thaw({QStringLiteral("evaluate"), run, QStringLiteral("--data"),
                                    text(project.path() / "data"), QStringLiteral("--json")});
        QCOMPARE(partly.json().object()[QLatin1String("samples")].toInt(), 4);
        QCOMPARE(partly.json().object()[QLatin1String("left_out")].toInt(), 4);
        QVERIFY(partly.words.contains("1 folder in val is no class of the model; 4 of 8 pictures are left out."));
        std::filesystem::rename(project.path() / "data" / "val" / "night", project.path() / "data" / "val" / "dark");
        const Answer predicted = thaw(
            {QStringLiteral("predict"), run, text(project.path() / "data/val/dark/100.png"), QStringLiteral("--json")});
        const QJsonObject answer = predicted.json().array()[0].toObject();
        QCOMPARE(answer[QLatin1String("top")].toArray().size(), 2);

        QCOMPARE(thaw({QStringLiteral("runs"), QStringLiteral("delete"), run, QStringLiteral("--yes")}).code, 0);
        QVERIFY(!QFile::exists(run));
    }

    void anotherProcessSeesAndSteersATraining() {
        const tests::Project project;
        const QString experiment = experimentFile(project, 400), runs = text(project.runs());
        QProcess training;
        training.start(tests::program(), {QStringLiteral("train"), experiment, QStringLiteral("--runs"), runs});
        const auto kill = qScopeGuard([&training] { training.kill(), training.waitForFinished(); });
        QTRY_VERIFY_WITH_TIMEOUT(!onlyRun(project).isEmpty(), 30'000);
        const std::filesystem::path run = onlyRun(project).toStdString();
        std::optional<engine::Progress> seen;
        QTRY_VERIFY_WITH_TIMEOUT(
            (seen = engine::readProgress(run)) && seen->phase == engine::Phase::Training && seen->step > 3, 60'000);
        QCOMPARE(seen->epochs, 400);
        QCOMPARE(seen->steps, std::int64_t(1200));
        QVERIFY(seen->samplesPerSecond > 0 && std::isfinite(seen->loss));

        const auto ask = [&](const char* command) {
            return thaw({QStringLiteral("runs"), QString::fromLatin1(command), text(run.filename()),
                         QStringLiteral("--runs"), runs})
                .code;
        };
        QCOMPARE(ask("pause"), 0);
        QTRY_COMPARE_WITH_TIMEOUT(engine::RunReader(run).summary().state, engine::RunState::Paused, 20'000);
        QTRY_COMPARE_WITH_TIMEOUT(engine::readProgress(run)->phase, engine::Phase::Paused, 20'000);
        QCOMPARE(ask("resume"), 0);
        QTRY_COMPARE_WITH_TIMEOUT(engine::RunReader(run).summary().state, engine::RunState::Running, 20'000);
        const auto set = [&](const char* setting) {
            return thaw({QStringLiteral("runs"), QStringLiteral("set"), text(run.filename()),
                         QString::fromLatin1(setting), QStringLiteral("--runs"), runs})
                .code;
        };
        QCOMPARE(set("train.learning_rate=1e-5"), 0); // it has told what came of it
        QCOMPARE(engine::readKnobs(run).size(), std::size_t{1});
        QCOMPARE(set("train.learning_rate=fast"), 2);
        QCOMPARE(set("train.optimizer=sgd"), 2);
        QCOMPARE(engine::readKnobs(run).size(), std::size_t{1});
        QCOMPARE(ask("stop"), 0);
        QVERIFY(training.waitForFinished(30'000));
        QCOMPARE(training.exitCode(), 130);
        QVERIFY(engine::RunReader(run).summary().state == engine::RunState::Stopped);
        QVERIFY(!engine::readProgress(run));
        QVERIFY(!std::filesystem::exists(run / "progress.json"));
        QCOMPARE(ask("pause"), 2); // nobody trains it
        QCOMPARE(set("train.weight_decay=0"), 2);
        // The way that it did not go.
        const auto fork = [&](const QString& step) {
            return thaw({QStringLiteral("runs"), QStringLiteral("fork"), text(run.filename()), QStringLiteral("--step"),
                         step, QStringLiteral("--runs"), runs})
                .code;
        };
        QCOMPARE(fork(QStringLiteral("1000000")), 0);
        QCOMPARE(fork(QStringLiteral("0")), 2);
        QCOMPARE(engine::listRuns(run.parent_path()).size(), std::size_t{2});
    }

    void whatWasAskedBeforeATrainingCountsForNothing() {
        const tests::Project project;
        engine::Experiment experiment = project.experiment();
        const std::filesystem::path run = engine::createRun(experiment, project.runs());
        QFile asked(text(run / "command-0.json"));
        QVERIFY(asked.open(QIODevice::WriteOnly));
        asked.write("{\"command\": \"stop\"}");
        asked.close();
        QCOMPARE(thaw({QStringLiteral("train"), QStringLiteral("--resume"), text(run)}).code, 0);
        QVERIFY(engine::RunReader(run).summary().state == engine::RunState::Finished);
    }

    void interruptEndsWith130AndResumeGoesOnPastThePlan() {
        const tests::Project project;
        const QString file = experimentFile(project, 400);
        QProcess process;
        process.start(tests::program(), {QStringLiteral("train"), file});
        QTRY_VERIFY_WITH_TIMEOUT(!onlyRun(project).isEmpty() &&
                                     engine::RunReader(onlyRun(project).toStdString()).summary().step > 4,
                                 120000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 130);
        const QString run = onlyRun(project);
        const engine::RunSummary stopped = engine::RunReader(run.toStdString()).summary();
        QCOMPARE(stopped.state, engine::RunState::Stopped);
        const int epochs = stopped.epoch + 2;
        QCOMPARE(thaw({QStringLiteral("train"), QStringLiteral("--resume"), run, QStringLiteral("--set"),
                       QStringLiteral("train.epochs=%1").arg(epochs)})
                     .code,
                 0);
        QCOMPARE(engine::RunReader(run.toStdString()).summary().epoch, epochs);
        QCOMPARE(thaw({QStringLiteral("train"), QStringLiteral("--resume"), run, QStringLiteral("--set"),
                       QStringLiteral("train.epochs=%1").arg(epochs + 1)})
                     .code,
                 0);
        QCOMPARE(engine::RunReader(run.toStdString()).summary().epoch, epochs + 1);
    }

    void aFolderThatHoldsARunIsNotTakenForAnother() {
        const tests::Project project;
        const QString file = experimentFile(project, 1), folder = text(project.runs() / "mine");
        const QStringList arguments = {QStringLiteral("train"), file, QStringLiteral("--run-dir"), folder};
        QCOMPARE(thaw(arguments).code, 0);
        const Answer second = thaw(arguments);
        QCOMPARE(second.code, 2);
        QVERIFY(second.words.contains("holds a run already"));
        QCOMPARE(second.words.count('\n'), 1);
        QCOMPARE(engine::listRuns(project.runs()).size(), std::size_t(1));
    }

    void whatAResumeChangesIsSaidBeforeItTrains() {
        const tests::Project project;
        const QString file = experimentFile(project, 1), folder = text(project.runs() / "mine");
        QCOMPARE(thaw({QStringLiteral("train"), file, QStringLiteral("--run-dir"), folder}).code, 0);
        const QStringList resume = {QStringLiteral("train"), QStringLiteral("--resume"), folder,
                                    QStringLiteral("--set")};
        const Answer refused = thaw(resume + QStringList{QStringLiteral("model.backbone=resnet18")});
        QCOMPARE(refused.code, 2);
        QVERIFY(refused.words.contains("model.backbone cannot change"));
        const Answer longer = thaw(resume + QStringList{QStringLiteral("train.epochs=2")});
        QCOMPARE(longer.code, 0);
        const auto said = longer.words.indexOf("Note: The learning rate goes on from where it stands");
        QVERIFY(said >= 0 && said < longer.words.indexOf("Epoch 2 of 2"));
        // A damaged record is listed with what is left.
        QVERIFY(QFile::resize(folder + QStringLiteral("/summary.json"), 10));
        const Answer list =
            thaw({QStringLiteral("runs"), QStringLiteral("list"), QStringLiteral("--runs"), text(project.runs())});
        QVERIFY(list.out.contains("mine  finished"));
        QVERIFY(list.words.contains("summary.json cannot be read; curves and 1 checkpoint are there."));
    }

    void theQueueIsTrainedInItsOrder() {
        const tests::Project project(6, 2);
        const QString file = experimentFile(project, 1);
        const QStringList runs{QStringLiteral("--runs"), text(project.runs())};
        const auto queue = [&runs](const QString& arguments) {
            return thaw(QStringList{QStringLiteral("queue")} + runs + arguments.split(QLatin1Char(' ')));
        };
        for (const char* name : {"a", "b", "c"})
            QCOMPARE(queue(QStringLiteral("add %1 --set experiment.name=%2").arg(file, QLatin1String(name))).code, 0);
        const auto names = [&queue] {
            QString all;
            for (const auto& row : queue(QStringLiteral("list")).out.split('\n').mid(1))
                if (const QByteArrayList cells = row.simplified().split(' '); cells.size() > 2)
                    all += QString::fromUtf8(cells.at(2));
            return all;
        };
        QCOMPARE(names(), QStringLiteral("abc"));
        QCOMPARE(queue(QStringLiteral("move c 1")).code, 0);
        QCOMPARE(queue(QStringLiteral("remove a")).code, 0);
        QCOMPARE(names(), QStringLiteral("cb"));
        QCOMPARE(queue(QStringLiteral("remove a")).code, 2);
        {
            const engine::QueueRunner window(project.runs(), "A window");
            const Answer refused = queue(QStringLiteral("run"));
            QCOMPARE(refused.code, 2);
            QVERIFY(refused.words.contains("A window (process "));
            QVERIFY(refused.words.contains("trains this queue already."));
        }
        const Answer trained = queue(QStringLiteral("run --json"));
        QCOMPARE(trained.code, 0);
        QCOMPARE(trained.json().object()[QLatin1String("trained")].toInt(), 2);
        QVERIFY(trained.words.indexOf("-c\n") < trained.words.indexOf("-b\n"));
        QVERIFY(engine::queuedRuns(project.runs()).empty());
        QCOMPARE(engine::RunReader(engine::findRun("b", project.runs())).summary().state, engine::RunState::Finished);
        QCOMPARE(engine::RunReader(engine::findRun("a", project.runs())).summary().state, engine::RunState::Queued);
    }

    void aRunIsNamedMarkedAndArchived() {
        const tests::Project project(3, 2);
        const QStringList runs{QStringLiteral("runs"), QStringLiteral("--runs"), text(project.runs())};
        const auto created = engine::createRun(project.experiment(), project.runs());
        const auto say = [&](const QStringList& arguments) { return thaw(runs + arguments); };
        const QString id = text(created.filename());
        QCOMPARE(say({QStringLiteral("rename"), id, QStringLiteral("short warm-up")}).code, 0);
        QCOMPARE(say({QStringLiteral("tag"), id, QStringLiteral("baseline"), QStringLiteral("keep")}).code, 0);
        QCOMPARE(say({QStringLiteral("star"), QStringLiteral("short warm-up")}).code, 0);
        const QByteArray list = say({QStringLiteral("list")}).out;
        QVERIFY(list.contains("★  short warm-up"));
        QVERIFY(list.contains("baseline, keep"));
        QCOMPARE(say({QStringLiteral("archive"), id}).code, 0);
        QVERIFY(!say({QStringLiteral("list")}).out.contains("short warm-up"));
        QVERIFY(say({QStringLiteral("list"), QStringLiteral("--all")}).out.contains("short warm-up"));
        QCOMPARE(say({QStringLiteral("tag"), id}).code, 0);
        QVERIFY(engine::readRunNotes(created).tags.empty());
    }

    void runsOfTensorBoardAreImported() {
        const tests::Project project(3, 2);
        const auto logs = project.path() / "logs";
        std::filesystem::create_directory(logs);
        engine::TensorBoardWriter writer(logs, -1, 1.8e9);
        writer.scalar("val/loss", 0, 2.5F, 1.8e9);
        writer.scalar("val/loss", 10, 1.5F, 1.8e9 + 60);
        writer.flush();
        const QStringList runs{QStringLiteral("runs"), QStringLiteral("--runs"), text(project.runs())};
        const Answer told = thaw(runs + QStringList{QStringLiteral("import"), text(logs)});
        QCOMPARE(told.code, 0);
        QVERIFY(told.out.startsWith("logs  1 series, 2 points  "));
        const QByteArray list = thaw(runs + QStringList{QStringLiteral("list")}).out;
        QVERIFY2(list.contains("finished") && list.contains("1.5000"), list.constData());
        QCOMPARE(thaw(runs + QStringList{QStringLiteral("import"), text(project.path() / "data")}).code, 2);
    }

    void changedLabelsAreSaidByTheCheckAndByTheTraining() {
        const tests::Project project;
        const QString file = experimentFile(project);
        engine::editLabelChanges(project.path(), [&](std::vector<engine::LabelChange>& list) {
            const auto data = project.path() / "data";
            engine::setLabelChange(list, {data, "train/dark/100.png", "light", "dark", 1.8e9});
            engine::setLabelChange(list, {data, "train/dark/101.png", "", "dark", 1.8e9});
        });
        const QByteArray sentence = "1 picture has another class and 1 is left out, as label-changes.csv says.";
        const Answer checked = thaw({QStringLiteral("data"), QStringLiteral("check"), file});
        QVERIFY2(checked.out.contains(sentence), checked.out.constData());
        QVERIFY(checked.out.contains("dark          10           4"));
        QCOMPARE(thaw({QStringLiteral("train"), file, QStringLiteral("--set"), QStringLiteral("train.epochs=1")}).code,
                 0);
        const auto runs = engine::listRuns(project.runs());
        QCOMPARE(runs.size(), std::size_t{1});
        const engine::RunReader reader(runs.front().folder);
        QVERIFY(std::ranges::any_of(reader.events(), [&](const engine::RunEvent& event) {
            return event.kind == engine::EventKind::Note && event.text == sentence.toStdString();
        }));
    }

    void checksOfTheWindowAreSaidBeforeTheFirstStep() {
        const tests::Project project;
        const QString file = experimentFile(project);
        const std::vector<float> stem(64 * 3 * 3 * 3, 0.1f);
        const std::vector<engine::TensorView> views{
            {"features.0.weight", engine::DType::Float32, {64, 3, 3, 3}, stem.data(), stem.size() * 4, {}}};
        engine::writeSafetensors(project.path() / "stem.safetensors", views);
        const QStringList command{QStringLiteral("train"), file, QStringLiteral("--set"),
                                  QStringLiteral("model.weights=%1").arg(text(project.path() / "stem.safetensors"))};
        const Answer strict = thaw(command + QStringList{QStringLiteral("--strict")});
        QCOMPARE(strict.code, 2);
        QVERIFY(!QFile::exists(text(project.runs())));
        engine::Experiment experiment = engine::readExperiment(file.toStdString());
        experiment.model.weights = (project.path() / "stem.safetensors").string();
        const Answer told = thaw(command);
        QCOMPARE(told.code, 0);
        QVERIFY(told.words.contains("of the backbone is pretrained, its new head left out."));
        std::vector<engine::Finding> findings = engine::validate(experiment);
        for (const engine::Finding& finding : engine::examine(experiment, engine::checkData(experiment)))
            findings.push_back(finding);
        QVERIFY(!findings.empty());
        for (const engine::Finding& finding : findings) {
            const QByteArray sentence = QByteArray::fromStdString(engine::words(finding));
            QVERIFY2(told.words.indexOf(sentence) >= 0, sentence.constData());
            QVERIFY(told.words.indexOf(sentence) < told.words.indexOf("Run: "));
        }
    }

    void weightsThatAreNotHereSayWhereTheyAre() {
        const tests::Project project;
        const QString file = experimentFile(project);
        const Answer answer = thaw({QStringLiteral("train"), file, QStringLiteral("--set"),
                                    QStringLiteral("model.backbone=wide_resnet101_2"), QStringLiteral("--set"),
                                    QStringLiteral("model.weights=bundled")});
        QCOMPARE(answer.code, 2);
        QVERIFY(answer.words.contains("thaw weights fetch wide_resnet101_2"));
        qputenv("HF_HUB_OFFLINE", "1");
        const Answer offline =
            thaw({QStringLiteral("weights"), QStringLiteral("fetch"), QStringLiteral("wide_resnet101_2")});
        qunsetenv("HF_HUB_OFFLINE");
        QVERIFY(offline.code != 0);
        QVERIFY(offline.words.contains("HF_HUB_OFFLINE"));
    }

    void settingsAreCheckedBeforeAnythingIsMade() {
        const tests::Project project;
        const QString file = experimentFile(project);
        for (const char* setting :
             {"train.epochs=0", "train.optimizer=magic", "train.nothing=1", "model.backbone=resnet81"}) {
            const Answer answer =
                thaw({QStringLiteral("train"), file, QStringLiteral("--set"), QString::fromLatin1(setting)});
            QVERIFY2(answer.code == 2, setting);
            QVERIFY2(answer.words.count('\n') <= 2, answer.words.constData());
        }
        QVERIFY(engine::listRuns(project.runs()).empty());
    }

    void nothingIsDeletedWithoutYes() {
        const tests::Project project;
        const QString run = text(engine::createRun(project.experiment(), project.runs()));
        const Answer asked = thaw({QStringLiteral("runs"), QStringLiteral("delete"), run});
        QCOMPARE(asked.code, 0);
        QVERIFY(asked.words.contains("--yes"));
        QVERIFY(QFile::exists(run));
        QCOMPARE(thaw({QStringLiteral("runs"), QStringLiteral("delete"), run, QStringLiteral("--yes")}).code, 0);
        QVERIFY(!QFile::exists(run));
    }

    void picturesArePredictedInOrderAndUnreadableOnesCounted() {
        const tests::Project project;
        const QString run = text(project.runs() / "run");
        QCOMPARE(thaw({QStringLiteral("train"), experimentFile(project, 1), QStringLiteral("--run-dir"), run}).code, 0);
        const std::filesystem::path folder = project.path() / "data/val/dark";
        const auto predict = [&](const QStringList& files) {
            return thaw(QStringList{QStringLiteral("predict"), run, QStringLiteral("--json")} + files);
        };
        const QJsonArray all = predict({text(folder)}).json().array();
        QCOMPARE(all.size(), 4);
        for (int i = 0; i < 4; ++i)
            QCOMPARE(all[i].toObject()[QLatin1String("file")].toString(),
                     text(folder / std::to_string(100 + i)) + QStringLiteral(".png"));
        const std::filesystem::path broken = project.path() / "broken.jpg";
        QFile(text(broken)).open(QIODevice::WriteOnly);
        const Answer some = predict({text(folder / "100.png"), text(broken)});
        QCOMPARE(some.code, 0);
        QVERIFY(some.words.contains("1 of 2 files"));
        QVERIFY(!some.json().array()[1].toObject()[QLatin1String("problem")].toString().isEmpty());
        QCOMPARE(predict({text(broken)}).code, 2);
    }

    void theFreezePlanIsShownAndCarriedToOtherToolsAndBack() {
        const tests::Project project;
        engine::Experiment experiment = project.experiment();
        experiment.model.backbone = "resnet18";
        experiment.freeze.preset = "gradual";
        experiment.train.epochs = 2;
        engine::writeExperiment(experiment, project.path() / "experiment.toml");
        const QString file = text(project.path() / "experiment.toml"), yaml = text(project.path() / "plan.yaml");
        const Answer shown = thaw({QStringLiteral("freeze"), QStringLiteral("show"), file});
        QVERIFY(shown.out.contains("from epoch 2") && shown.out.contains("frozen") && shown.out.contains("× 0.5"));
        const QJsonArray phases =
            thaw({QStringLiteral("freeze"), QStringLiteral("show"), file, QStringLiteral("--json")}).json().array();
        QCOMPARE(phases.size(), 2);
        QCOMPARE(phases[0].toObject()[QLatin1String("trainable_parameters")].toInt(), 1026);

        QCOMPARE(thaw({QStringLiteral("freeze"), QStringLiteral("export"), file, QStringLiteral("--out"), yaml}).code,
                 0);
        const Answer imported = thaw({QStringLiteral("freeze"), QStringLiteral("import"), yaml, file});
        QVERIFY(imported.words.contains("Note: ")); // what it cannot carry over
        const engine::Experiment read = engine::parseExperiment(imported.out.toStdString(), project.path());
        QCOMPARE(read.freeze.preset, std::string("by-hand"));
        QCOMPARE(read.freeze.phases.size(), std::size_t(2));

        const Answer trained =
            thaw({QStringLiteral("train"), file, QStringLiteral("--freeze"), yaml, QStringLiteral("--set"),
                  QStringLiteral("data.image_size=32"), QStringLiteral("--json")});
        QCOMPARE(trained.code, 0);
        const QString run = trained.json().object()[QLatin1String("run")].toString();
        QVERIFY(engine::RunReader(run.toStdString()).experiment().freeze.phases == read.freeze.phases);

        QCOMPARE(thaw({QStringLiteral("train"), file, QStringLiteral("--freeze"), file}).code, 2);
        QCOMPARE(
            thaw({QStringLiteral("train"), file, QStringLiteral("--set"), QStringLiteral("freeze.lora_rank=4")}).code,
            2); // no linear layer to adapt
        QCOMPARE(engine::listRuns(project.runs()).size(), std::size_t(1));
    }

    void devicesAndBackbonesAreListed() {
        const QJsonObject devices = thaw({QStringLiteral("devices"), QStringLiteral("--json")}).json().object();
        QVERIFY(!devices[QLatin1String("devices")].toArray().isEmpty());
        QVERIFY(thaw({QStringLiteral("backbones")}).out.contains("tf_efficientnet_lite0"));
        QVERIFY(thaw({QStringLiteral("backbones"), QStringLiteral("resnet18")}).out.contains("layer4"));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
