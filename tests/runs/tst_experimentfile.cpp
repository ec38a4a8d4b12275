#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/optimizers.h"
#include "engine/api/parameter.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/devicechoice.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace engine;
namespace fs = std::filesystem;

namespace {

struct Refusal {
    ErrorKind kind = ErrorKind::Internal;
    std::string message, remedy;
};

Refusal refusal(std::string_view toml) {
    try {
        (void)parseExperiment(toml, "/project");
        return {};
    } catch (const Error& error) {
        return {error.kind(), error.what(), error.remedy()};
    }
}

std::string refusalOf(const std::string& key, const std::string& value) {
    Experiment experiment;
    try {
        setParameterValue(experiment, key, value);
        return {};
    } catch (const Error& error) {
        return std::string(error.what()) + " " + error.remedy();
    }
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// A legal value other than the default one.
std::string otherValue(const Parameter& parameter) {
    switch (parameter.type) {
    case ParameterType::Choice:
        return parameter.choices.back() == parameter.defaultValue ? parameter.choices.front()
                                                                  : parameter.choices.back();
    case ParameterType::Integer:
        return parameter.defaultValue == "3" ? "4" : "3";
    case ParameterType::Real:
        return "0.1234567890123";
    case ParameterType::List:
        return parameter.key == "devices.use" ? "cuda:0, cuda:1" : "train/a b.jpg\nval/\"c\".png";
    case ParameterType::Path:
        return "/somewhere/with \"quotes\" and \\ ü";
    case ParameterType::Text:
        return parameter.key == "freeze.preset" ? "last-stages:2" : "tab\there, line\nbreak, delete\x7f, ü, \"q\"";
    }
    return {};
}

Experiment byHand() {
    Experiment experiment;
    experiment.freeze.preset = "by-hand";
    experiment.freeze.phases = {
        {.fromEpoch = 1, .train = {"classifier"}},
        {.fromEpoch = 4,
         .train = {"blocks.6*", "classifier"},
         .learningRateFactor = 1.0 / 3,
         .factors = {{"re:blocks\\.(6|5).*", 0.5}, {"blocks.6", 1.0 / 7}, {"a \"b\"", 3}},
         .schedule = "one-cycle:0.3,5,100000"},
        {.fromEpoch = 9, .train = {"*"}, .learningRateFactor = 1e-7, .schedule = "cosine"},
    };
    return experiment;
}

const Finding* findingFor(const std::vector<Finding>& findings, std::string_view key) {
    for (const Finding& finding : findings)
        if (finding.key == key)
            return &finding;
    return nullptr;
}

} // namespace

class TestExperimentFile : public QObject {
    Q_OBJECT

    static void addParameters() {
        QTest::addColumn<QString>("key");
        for (const Parameter& parameter : experimentParameters())
            QTest::newRow(parameter.key.c_str()) << QString::fromStdString(parameter.key);
    }
    static const Parameter& current() {
        QFETCH(QString, key);
        return *findParameter(key.toStdString());
    }

private Q_SLOTS:
    void settingsThatOnlySomeOptimizersHaveAreKeptByTheFile() {
        Experiment experiment;
        experiment.name = "moments";
        setParameterValue(experiment, "train.beta2", "0.95");
        setParameterValue(experiment, "train.beta1", "0.9"); // the default
        QCOMPARE(experiment.train.options.size(), std::size_t(1));
        QCOMPARE(optimizerSetting(experiment.train, "train.beta2"), 0.95);
        QCOMPARE(optimizerSetting(experiment.train, "train.beta1"), 0.9);
        const QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "experiment.toml";
        writeExperiment(experiment, file);
        QVERIFY(readExperiment(file).train.options == experiment.train.options);
        QVERIFY_EXCEPTION_THROWN(setParameterValue(experiment, "train.beta1", "2"), Error);
        experiment.train.optimizer = "sgd"; // has none such
        const auto findings = validate(experiment);
        const auto said = std::ranges::find(findings, "train.beta2", &Finding::key);
        QVERIFY(said != findings.end());
        QCOMPARE(said->message, std::string("SGD has no such setting."));
        setParameterValue(experiment, said->fixKey, said->fixValue);
        QVERIFY(experiment.train.options.empty());
    }

    void everySettingHasWordsAndALegalDefault_data() { addParameters(); }
    void everySettingHasWordsAndALegalDefault() {
        const Parameter& parameter = current();
        QVERIFY(!parameter.label.empty());
        QVERIFY(!parameter.help.empty());
        QCOMPARE(parameter.choices.size(), parameter.choiceLabels.size());
        QCOMPARE(parameter.choices.empty(), parameter.type != ParameterType::Choice);
        Experiment experiment;
        setParameterValue(experiment, parameter.key, parameter.defaultValue);
        QCOMPARE(parameterValue(experiment, parameter.key), parameter.defaultValue);
        QVERIFY(differences({experiment, Experiment{}}).empty());
    }

    void everySettingSurvivesTheFile_data() { addParameters(); }
    void everySettingSurvivesTheFile() {
        const Parameter& parameter = current();
        const std::string value = otherValue(parameter);
        Experiment experiment;
        setParameterValue(experiment, parameter.key, value);
        QCOMPARE(parameterValue(experiment, parameter.key), value);
        const Experiment read = parseExperiment(toToml(experiment), "/other/folder");
        QCOMPARE(parameterValue(read, parameter.key), value);
        QCOMPARE(toToml(read), toToml(experiment));
        const auto different = differences({Experiment{}, read});
        if (parameter.key == "experiment.name" || value == parameter.defaultValue) { // the only choice
            QVERIFY(different.empty());
        } else {
            QCOMPARE(different.size(), std::size_t(1));
            QCOMPARE(different[0].key, parameter.key);
            QCOMPARE(different[0].values, (std::vector<std::string>{parameter.defaultValue, value}));
        }
    }

    void whatIsNotLegalIsRefusedAndChangesNothing_data() { addParameters(); }
    void whatIsNotLegalIsRefusedAndChangesNothing() {
        const Parameter& parameter = current();
        std::vector<std::string> illegal;
        if (parameter.type == ParameterType::Integer || parameter.type == ParameterType::Real) {
            QVERIFY2(parameter.minimum && parameter.maximum, "numbers need limits");
            for (const double limit : {*parameter.minimum, *parameter.maximum}) {
                Experiment experiment;
                setParameterValue(experiment, parameter.key, QString::number(limit, 'g', 17).toStdString());
                QCOMPARE(std::stod(parameterValue(experiment, parameter.key)), limit);
            }
            const bool whole = parameter.type == ParameterType::Integer;
            for (const double outside : {whole ? *parameter.minimum - 1 : std::nextafter(*parameter.minimum, -1e9),
                                         whole ? *parameter.maximum + 1 : std::nextafter(*parameter.maximum, 1e9)})
                illegal.push_back(QString::number(outside, 'g', 17).toStdString());
            for (const char* text : {"", " ", "abc", "3x", "nan", "inf", "-inf", "1e999", "0x10", "1,5", "true", "--1"})
                illegal.emplace_back(text);
            if (whole)
                illegal.insert(illegal.end(), {"1.5", "1e30", "99999999999999999999"});
        } else if (parameter.type == ParameterType::Choice) {
            illegal = {"", "nonsense", parameter.choices[0] + " ", "None"};
        } else if (parameter.key == "freeze.preset") {
            illegal = {"",
                       "last-stages",
                       "last-stages:",
                       "last-stages:0",
                       "last-stages:-1",
                       "last-stages:2x",
                       "last-stages:99999999999",
                       "all"};
        }
        for (const std::string& value : illegal) {
            Experiment experiment;
            try {
                setParameterValue(experiment, parameter.key, value);
                QFAIL(("accepted " + value).c_str());
            } catch (const Error& error) {
                QVERIFY(error.kind() == ErrorKind::BadInput);
                QVERIFY2(has(error.what(), parameter.key) && has(error.what(), value), error.what());
                QVERIFY(!error.remedy().empty());
            }
            QCOMPARE(parameterValue(experiment, parameter.key), parameter.defaultValue);
        }
    }

    void numbersMayBeWrittenInSeveralWays() {
        Experiment experiment;
        setParameterValue(experiment, "train.learning_rate", "3e-4");
        QCOMPARE(experiment.train.learningRate, 3e-4);
        setParameterValue(experiment, "train.epochs", "1e2");
        QCOMPARE(experiment.train.epochs, 100);
        setParameterValue(experiment, "devices.use", " cuda:1 ,cpu,");
        QCOMPARE(experiment.devices.use, (std::vector<std::string>{"cuda:1", "cpu"}));
        experiment = parseExperiment("[train]\nlearning_rate = 1\nepochs = 7.0\n[devices]\nuse = \"cpu\"\n", {});
        QCOMPARE(experiment.train.learningRate, 1.0);
        QCOMPARE(experiment.train.epochs, 7);
        QCOMPARE(experiment.devices.use, (std::vector<std::string>{"cpu"}));
    }

    void everyRealNumberSurvivesToTheLastBit() {
        for (const double value : {0.1, 1.0 / 3, 1e-9, 100.0, 5e-324 + 1e-9, 0.30000000000000004}) {
            Experiment experiment;
            experiment.train.learningRate = value;
            QCOMPARE(parseExperiment(toToml(experiment), {}).train.learningRate, value);
        }
    }

    void phasesSurviveTheFile() {
        const Experiment experiment = byHand();
        const Experiment read = parseExperiment(toToml(experiment), {});
        QCOMPARE(read.freeze.phases.size(), std::size_t(3));
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(read.freeze.phases[i].fromEpoch, experiment.freeze.phases[i].fromEpoch);
            QCOMPARE(read.freeze.phases[i].train, experiment.freeze.phases[i].train);
            // Qt compares doubles roughly; here every bit counts.
            QVERIFY(read.freeze.phases[i].learningRateFactor == experiment.freeze.phases[i].learningRateFactor);
            QVERIFY(read.freeze.phases[i] == experiment.freeze.phases[i]);
        }
        QCOMPARE(toToml(read), toToml(experiment));
        QVERIFY(differences({read, experiment}).empty());
        Experiment other = experiment;
        other.freeze.phases[1].train = {"classifier"};
        QCOMPARE(differences({other, experiment}).at(0).key, std::string("freeze.phase"));
        other = experiment;
        other.freeze.phases[1].factors[0].factor = 0.6;
        QCOMPARE(differences({other, experiment}).at(0).key, std::string("freeze.phase"));
        other = experiment;
        other.freeze.phases[2].schedule = "constant";
        QCOMPARE(differences({other, experiment}).at(0).key, std::string("freeze.phase"));
    }

    void ofTwoFactorsForOnePatternTheLastIsKept() {
        Experiment experiment = byHand();
        experiment.freeze.phases[1].factors = {{"a", 0.5}, {"b", 0.25}, {"a", 0.125}};
        const Experiment read = parseExperiment(toToml(experiment), {});
        QVERIFY(read.freeze.phases[1].factors == (std::vector<BlockFactor>{{"b", 0.25}, {"a", 0.125}}));
    }

    void factorsKeepTheOrderOfTheFile() {
        const Experiment read = parseExperiment("[[freeze.phase]]\ntrain = [\"*\"]\n[freeze.phase.factors]\n\"z\" = 1\n"
                                                "\"a\" = 0.5\n\"m.*\" = 2.0\n",
                                                {});
        QVERIFY(read.freeze.phases.at(0).factors == (std::vector<BlockFactor>{{"z", 1}, {"a", 0.5}, {"m.*", 2}}));
    }

    // Every beginning of a good file, and the file with each byte put wrong, is read or refused, never more.
    void damagedPlansAreReadOrRefused() {
        const std::string good = toToml(byHand());
        const std::string plan = good.substr(good.find("[[freeze.phase]]"));
        for (std::size_t i = 0; i < plan.size(); ++i)
            for (const char wrong : {'\0', '"', '[', '}', '=', '9', '-', '.', '\n', '\xff'}) {
                std::string damaged = plan;
                damaged[i] = wrong;
                const Refusal said = refusal(damaged);
                QVERIFY2(said.message.empty() || (said.kind == ErrorKind::BadInput && !said.remedy.empty()),
                         damaged.c_str());
                (void)refusal(plan.substr(0, i));
            }
    }

    void phasesThatMakeNoSenseAreRefusedWithTheirLine() {
        const std::string head = "[freeze]\npreset = \"by-hand\"\n[[freeze.phase]]\n";
        for (const char* line : {"from_epoch = 0",
                                 "from_epoch = -3",
                                 "from_epoch = 4294967297",
                                 "from_epoch = \"one\"",
                                 "from_epoch = 1.5",
                                 "learning_rate_factor = 0",
                                 "learning_rate_factor = -1.0",
                                 "learning_rate_factor = nan",
                                 "learning_rate_factor = inf",
                                 "learning_rate_factor = \"fast\"",
                                 "epoch = 1",
                                 "train = [[\"a\"]]",
                                 "factors = 0.5",
                                 "factors = [0.5]",
                                 "factors = { blocks.6 = 0.5 }",
                                 "factors = { a = \"b\" }",
                                 "factors = { a = 0 }",
                                 "factors = { a = -1 }",
                                 "factors = { a = nan }",
                                 "factors = { a = 1e9 }",
                                 "schedule = 1",
                                 "schedule = \"\"",
                                 "schedule = \"magic\"",
                                 "schedule = \"one-cycle:0.3\"",
                                 "schedule = \"one-cycle:1.5,25,10\"",
                                 "schedule = \"one-cycle:1,25,10\"",
                                 "schedule = \"one-cycle:0,25,10\"",
                                 "schedule = \"one-cycle:0.3,25,0\"",
                                 "schedule = \"one-cycle:0.3,25,10,1\""}) {
            const Refusal said = refusal(head + line + "\n");
            QVERIFY2(said.kind == ErrorKind::BadInput, line);
            QVERIFY2(said.message.starts_with("Line 4: freeze.phase"), said.message.c_str());
            QVERIFY(!said.remedy.empty());
        }
        QVERIFY(refusal("[freeze]\nphase = 3\n").message.starts_with("Line 2: freeze.phase must be a list"));
        QVERIFY(refusal("[freeze.phase]\nfrom_epoch = 1\n").message.starts_with("Line 1: freeze.phase must be a list"));
        QVERIFY(refusal("[freeze]\nphase = [1, 2]\n").message.starts_with("Line 2: freeze.phase must be a table"));
    }

    void differencesAreTheSettingsThatAreNotTheSame() {
        Experiment one, two, three;
        two.name = "another name";
        two.train.batchSize = three.train.batchSize = 7;
        const auto different = differences({one, two, three});
        QCOMPARE(different.size(), std::size_t(1)); // a name is no setting
        QCOMPARE(different[0].key, std::string("train.batch_size"));
        QCOMPARE(different[0].values, (std::vector<std::string>{std::to_string(one.train.batchSize), "7", "7"}));
    }

    void unknownKeysAreNamedWithTheirLineAndNearOnes() {
        const Refusal said = refusal("[experiment]\nname = \"x\"\n\n[train]\nlearnin_rate = 0.1\n");
        QVERIFY(said.kind == ErrorKind::BadInput);
        QCOMPARE(said.message, std::string("Line 5: There is no setting called train.learnin_rate."));
        QVERIFY(has(said.remedy, "train.learning_rate"));
        QVERIFY(
            refusal("[trian]\nepochs = 1\n").message.starts_with("Line 2: There is no setting called trian.epochs."));
        QVERIFY(refusal("epochs = 1\n").message.starts_with("Line 1: “epochs” stands outside a section."));
        QVERIFY_EXCEPTION_THROWN((void)parameterValue(Experiment{}, "train.none"), Error);
        QVERIFY(findParameter("train.none") == nullptr);
    }

    void wrongTypesNameLineAndKey() {
        const std::pair<const char*, const char*> cases[] = {
            {"[train]\nepochs = \"many\"\n", "Line 2: train.epochs cannot be “many”."},
            {"[train]\n\nepochs = 2.5\n", "Line 3: train.epochs cannot be “2.5”."},
            {"[train]\nepochs = [1, 2]\n", "Line 2: train.epochs needs a single value."},
            {"[train]\nepochs = 1979-05-27\n", "Line 2: train.epochs needs a single value."},
            {"[train]\nlearning_rate = true\n", "Line 2: train.learning_rate cannot be “true”."},
            {"[train]\nlearning_rate = -1.0\n", "Line 2: train.learning_rate cannot be “-1”."},
            {"[train]\nlearning_rate = nan\n", "Line 2: train.learning_rate cannot be “nan”."},
            {"[train.epochs]\nx = 1\n", "Line 1: train.epochs needs a single value."},
            {"[data]\naugmentation = \"wild\"\n", "Line 2: data.augmentation cannot be “wild”."},
            {"[data]\nleave_out = [[1]]\n", "Line 2: data.leave_out needs a single value."},
            {"[experiment]\nseed = -1\n", "Line 2: experiment.seed cannot be “-1”."},
            {"[experiment]\nseed = 9223372036854775807\n", "Line 2: experiment.seed cannot be “9223372036854775807”."},
        };
        for (const auto& [toml, message] : cases) {
            QCOMPARE(refusal(toml).message, std::string(message));
            QVERIFY(!refusal(toml).remedy.empty());
        }
    }

    void whatIsNoTomlNamesTheLine() {
        for (const char* toml :
             {"[train]\nepochs = \n", "[train]\nepochs 3\n", "[train]\nname = \"open\n",
              "[train]\nepochs = 1\nepochs = 2\n", "[train]\n\x01\n", "[data]\npath = \"\xff\xfe\"\n"}) {
            const Refusal said = refusal(toml);
            QVERIFY2(said.kind == ErrorKind::BadInput, toml);
            QVERIFY2(said.message.starts_with("Line 2: ") || said.message.starts_with("Line 3: "),
                     said.message.c_str());
        }
        QVERIFY(refusal("").message.empty());
    }

    void aByteOrderMarkIsSkipped() {
        const QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "a.toml";
        writeFileAtomically(file, "\xef\xbb\xbf[train]\nepochs = 3\n");
        QCOMPARE(readExperiment(file).train.epochs, 3);
        writeFileAtomically(file, std::string_view("\xff\xfe[\0d\0a\0t\0a\0]\0", 14));
        QCOMPARE(readExperiment(file).train.epochs, Experiment().train.epochs);
    }

    void pathsStartAtTheFilesFolderAndAreWrittenAbsolute() {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        writeFileAtomically(root / "a.toml", "[data]\npath = \"pictures/../photos\"\n[model]\nweights = \"w.pth\"\n");
        const Experiment experiment = readExperiment(root / "a.toml");
        QCOMPARE(experiment.dataPath(), root / "photos");
        QCOMPARE(experiment.weightsPath(), root / "w.pth");
        writeExperiment(experiment, root / "b.toml");
        fs::create_directory(root / "deeper");
        fs::rename(root / "b.toml", root / "deeper" / "b.toml");
        const Experiment read = readExperiment(root / "deeper" / "b.toml");
        QCOMPARE(read.dataPath(), root / "photos");
        QCOMPARE(read.weightsPath(), root / "w.pth");
        Experiment none;
        none.model.weights = "none";
        QCOMPARE(none.weightsPath(), fs::path());
        QCOMPARE(parseExperiment(toToml(none), "/x").model.weights, std::string("none"));
        QCOMPARE(parseExperiment(toToml(Experiment{}), "/x").model.weights, std::string("bundled"));
    }

    void theFileIsNamedInWhatIsSaid() {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "mine.toml";
        try {
            (void)readExperiment(file);
            QFAIL("no such file");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::NotFound);
        }
        writeFileAtomically(file, "[train]\nepochs = 0\n");
        try {
            (void)readExperiment(file);
            QFAIL("no epochs");
        } catch (const Error& error) {
            QCOMPARE(error.what(), "mine.toml: Line 2: train.epochs cannot be “0”.");
        }
        writeFileAtomically(file, "");
        QCOMPARE(readExperiment(file).train.epochs, TrainSettings{}.epochs);
    }

    void severalDevicesAreRanks() {
        using Names = std::vector<std::string>;
        const auto ranks = [](const Names& use, std::size_t gpus) { return rankDevices(use, gpus); };
        QCOMPARE(ranks({}, 2), Names{"auto"});
        QCOMPARE(ranks({"auto"}, 2), Names{"auto"});
        QCOMPARE(ranks({"all"}, 1), Names{"all"});
        QCOMPARE(ranks({"all"}, 3), (Names{"cuda:0", "cuda:1", "cuda:2"}));
        QCOMPARE(ranks({"cuda", "cuda:2", "cuda:0"}, 4), (Names{"cuda:0", "cuda:2"}));
        QCOMPARE(ranks({"cpu", "cpu", "cpu"}, 0), (Names{"cpu", "cpu", "cpu"}));
    }

    void severalRanksRaiseTheLearningRateByTheirRule() {
        DeviceSettings settings;
        QCOMPARE(learningRateFactor(settings, 4), 1.0);
        settings.learningRate = "linear";
        QCOMPARE(learningRateFactor(settings, 4), 4.0);
        QCOMPARE(learningRateFactor(settings, 1), 1.0);
        settings.learningRate = "square-root";
        QCOMPARE(learningRateFactor(settings, 4), 2.0);
    }

    void devicesThatCannotWorkTogetherAreSaid_data() {
        QTest::addColumn<QString>("use");
        QTest::addColumn<bool>("problem");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("fix");
        const auto row = [](const char* use, bool problem, const char* message, const char* fix) {
            QTest::newRow(use) << QString::fromUtf8(use) << problem << QString::fromUtf8(message)
                               << QString::fromUtf8(fix);
        };
        for (const char* use : {"auto", "cpu", "cuda", "cuda:0", "cuda:12", "cuda,cuda:0"})
            row(use, false, "", "");
        for (const char* use : {"cuda:0,cuda:1", "cuda:1,cuda", "all", "cpu,cpu"}) // ranks
            row(use, false, "", "");
        row("auto,cuda:1", true, "“auto” stands for devices of its own choice.", "auto");
        row("cuda:0,all", true, "“all” stands for devices of its own choice.", "all");
        row("cpu,cuda:1", true, "The CPU cannot be used together with a GPU.", "cuda:1");
        row("cuda:0,cpu", true, "The CPU cannot be used together with a GPU.", "cuda:0");
        for (const char* name : {"tpu", "cudax", "cuda:", "cuda:-1", "cuda:1a"})
            row(name, true, qPrintable(QStringLiteral("There is no device called “%1”.").arg(QLatin1String(name))),
                "auto");
        row("cuda:0,tpu", true, "There is no device called “tpu”.", "auto");
    }
    void devicesThatCannotWorkTogetherAreSaid() {
        QFETCH(QString, use);
        QFETCH(bool, problem);
        QFETCH(QString, message);
        QFETCH(QString, fix);
        Experiment experiment;
        setParameterValue(experiment, "devices.use", use.toStdString());
        const auto findings = validate(experiment);
        const Finding* finding = findingFor(findings, "devices.use");
        QCOMPARE(finding == nullptr, message.isEmpty());
        if (finding == nullptr)
            return;
        QCOMPARE(QString::fromStdString(finding->message), message);
        QCOMPARE(finding->severity == Severity::Problem, problem);
        QCOMPARE(QString::fromStdString(finding->fixLabel), QStringLiteral("Use ") + fix);
        setParameterValue(experiment, finding->fixKey, finding->fixValue);
        QVERIFY(findingFor(validate(experiment), "devices.use") == nullptr);
    }

    void checkingFindsWhatStopsARun() {
        Experiment experiment;
        experiment.data.path = "/no/such/folder";
        experiment.model.weights = "/no/such/weights.pth";
        experiment.train.epochs = 0;
        experiment.devices.use = {"tpu"};
        auto findings = validate(experiment);
        for (const char* key : {"data.path", "model.weights", "train.epochs", "devices.use"}) {
            const Finding* finding = findingFor(findings, key);
            QVERIFY2(finding != nullptr, key);
            QVERIFY(finding->severity == Severity::Problem);
        }
        const Finding* epochs = findingFor(findings, "train.epochs");
        setParameterValue(experiment, epochs->fixKey, epochs->fixValue);
        QVERIFY(findingFor(validate(experiment), "train.epochs") == nullptr);

        experiment.freeze.preset = "by-hand";
        QCOMPARE(findingFor(validate(experiment), "freeze.preset")->message, std::string("The plan trains nothing."));
        const auto planned = [&experiment](const std::vector<FreezePhase>& phases) {
            experiment.freeze.phases = phases;
            const auto now = validate(experiment);
            const Finding* finding = findingFor(now, "freeze.phase");
            return finding == nullptr ? std::string() : finding->message;
        };
        experiment.train.epochs = 10;
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}}, {.fromEpoch = 10, .train = {"b"}}}), std::string());
        QCOMPARE(planned({{.fromEpoch = 3, .train = {"a"}}}), std::string("The first phase must begin at epoch 1."));
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}}, {.fromEpoch = 1, .train = {"b"}}}),
                 std::string("Phases must begin at later and later epochs."));
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}}, {.fromEpoch = 11, .train = {"b"}}}),
                 std::string("Phase 2 never comes."));
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}}, {.fromEpoch = 2}}), std::string("Phase 2 trains nothing."));
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}, .factors = {{"a", -1}}}}),
                 std::string("a cannot train with the factor -1."));
        QCOMPARE(planned({{.fromEpoch = 1, .train = {"a"}, .schedule = "wild"}}),
                 std::string("There is no schedule called “wild”."));

        experiment.freeze.loraTargets = {"qkv"};
        const auto useless = validate(experiment);
        QCOMPARE(findingFor(useless, "freeze.lora_targets")->message, std::string("These layers get no adapters."));
        experiment.freeze.loraRank = 8;
        QVERIFY(findingFor(validate(experiment), "freeze.lora_targets") == nullptr);

        Experiment random;
        random.model.weights = "none";
        const auto warnings = validate(random);
        const Finding* frozen = findingFor(warnings, "freeze.preset");
        QVERIFY(frozen != nullptr && frozen->severity == Severity::Warning);
        setParameterValue(random, frozen->fixKey, frozen->fixValue);
        QVERIFY(findingFor(validate(random), "freeze.preset") == nullptr);
    }

    void everyOfferedRemedyIsLegal() {
        Experiment experiment;
        experiment.train.learningRate = 50;
        experiment.freeze.preset = "none";
        for (const char* optimizer : {"adamw", "sgd"}) {
            experiment.train.optimizer = optimizer;
            const auto findings = validate(experiment);
            QVERIFY(findingFor(findings, "train.learning_rate") != nullptr);
            Experiment mended = experiment;
            for (const Finding& finding : findings)
                if (!finding.fixKey.empty())
                    setParameterValue(mended, finding.fixKey, finding.fixValue);
            QVERIFY(findingFor(validate(mended), "train.learning_rate") == nullptr);
        }
        QVERIFY(refusalOf("train.batch_size", "64").empty());
    }
};

QTEST_APPLESS_MAIN(TestExperimentFile)
#include "tst_experimentfile.moc"
