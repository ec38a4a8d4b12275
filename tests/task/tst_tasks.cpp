// Training by other tasks than the usual one: several labels from a table, and one that only this test knows.
#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/predict.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/data/imagefolder.h"
#include "engine/data/order.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/task/task.h"
#include "engine/train/checkpoint.h"
#include "tests/train/atstep.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace fs = std::filesystem;
using namespace engine;
using tests::AtStep;

namespace {

constexpr const char* kMetric = "mean_squared_error";
std::vector<std::string> g_asked; // the samples for which Brightness was asked what is right

// The mean of (output − number)².
class NumberMeter final : public Meter {
public:
    void add(const at::Tensor& outputs, const at::Tensor& targets,
             std::span<const ImageSample* const> samples) override {
        const at::Tensor squares = (outputs - targets).square();
        for (std::size_t i = 0; i < samples.size(); ++i)
            m_samples.push_back({.file = samples[i]->file, .loss = squares[std::int64_t(i)].item<float>()});
    }
    [[nodiscard]] std::int64_t samples() const override { return std::int64_t(m_samples.size()); }
    [[nodiscard]] Judgement result() const override {
        double sum = 0;
        for (const SampleResult& sample : m_samples)
            sum += sample.loss;
        const double mean = sum / double(m_samples.size());
        return {.values = {{"loss", mean}, {kMetric, mean}}, .samples = m_samples};
    }

private:
    std::vector<SampleResult> m_samples;
};

// Dark pictures are 1, light ones 3.5.
class Brightness final : public Task {
public:
    [[nodiscard]] const TaskInfo& info() const override { return m_info; }
    [[nodiscard]] std::int64_t outputs(const std::vector<std::string>&) const override { return 1; }
    [[nodiscard]] at::Tensor targets(std::span<const ImageSample* const> samples, std::int64_t) const override {
        at::Tensor numbers = at::empty({std::int64_t(samples.size()), 1});
        for (const ImageSample* sample : samples)
            g_asked.push_back(sample->file);
        for (std::size_t i = 0; i < samples.size(); ++i)
            numbers[std::int64_t(i)] = 1 + 2.5 * samples[i]->label;
        return numbers;
    }
    [[nodiscard]] at::Tensor loss(const at::Tensor& outputs, const at::Tensor& targets,
                                  const LossOptions&) const override {
        return (outputs.to(at::kFloat) - targets).square().sum();
    }
    [[nodiscard]] std::vector<std::string> stepMetrics() const override { return {kMetric}; }
    [[nodiscard]] std::vector<at::Tensor> stepSums(const at::Tensor& outputs,
                                                   const at::Tensor& targets) const override {
        return {(outputs.to(at::kFloat) - targets).square().sum().to(at::kDouble)};
    }
    [[nodiscard]] std::unique_ptr<Meter> meter(const std::vector<std::string>&,
                                               const std::vector<double>&) const override {
        return std::make_unique<NumberMeter>();
    }
    [[nodiscard]] at::Tensor probabilities(const at::Tensor& outputs) const override { return outputs; }

private:
    TaskInfo m_info{.name = "brightness",
                    .label = "A number a picture",
                    .meaning = "How bright each picture is.",
                    .sample = "picture",
                    .samples = "pictures",
                    .metrics = {"loss", kMetric},
                    .monitor = kMetric,
                    .exclusive = true};
};

RunSummary trained(const fs::path& run, const std::vector<ChangedSetting>& changes = {}) {
    RunControl control;
    return train(run, control, nullptr, changes);
}

bool sameModel(const fs::path& one, const fs::path& other) {
    const WeightsFile a = WeightsFile::open(one / "last/model.safetensors"),
                      b = WeightsFile::open(other / "last/model.safetensors");
    return std::ranges::all_of(a.tensors(), [&](const StoredTensor& tensor) {
        const StoredTensor* twin = b.find(tensor.name);
        return twin != nullptr && twin->bytes == tensor.bytes &&
               std::memcmp(twin->data, tensor.data, tensor.bytes) == 0;
    });
}

std::vector<float> curve(const fs::path& run, const std::string& name) {
    RunReader reader(run);
    return reader.series(name).value;
}

// Pictures that are dark or light, every second of them striped by its label alone, in a table.
struct Labelled {
    tests::Project project;
    fs::path table = project.path() / "data" / "labels.csv";

    Labelled() {
        std::string text = "image,labels,split\n";
        for (const auto& entry : fs::recursive_directory_iterator(project.path() / "data")) {
            if (!entry.is_regular_file() || entry.path().extension() != ".png")
                continue;
            const fs::path file = fs::relative(entry.path(), project.path() / "data");
            const bool light = file.string().find("light") != std::string::npos,
                       validates = file.string().starts_with("val");
            text += file.string() + (light ? ",light|day" : ",dark") + (validates ? ",val\n" : ",train\n");
        }
        writeFileAtomically(table, text);
    }
    [[nodiscard]] Experiment experiment() const {
        Experiment result = project.experiment();
        result.data.path = table;
        result.data.task = "multi-label";
        result.train.epochs = 4;
        result.train.learningRate = 3e-4;
        return result;
    }
};

} // namespace

class TestTasks final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        addMetric({.name = kMetric,
                   .label = "Mean squared error",
                   .unit = {},
                   .better = Better::Lower,
                   .format = MetricFormat::Number,
                   .meaning = {}});
        addTask(std::make_unique<Brightness>());
    }

    void aTaskOfOnesOwnTrainsIsJudgedByItsMetricAndResumes() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.task = "brightness";
        experiment.train.epochs = 5;
        QVERIFY(validate(experiment).empty());
        const fs::path run = createRun(experiment, project.runs());
        const RunSummary summary = trained(run);
        QCOMPARE(summary.task, std::string("brightness"));
        QCOMPARE(summary.monitor, std::string(kMetric));
        const auto values = curve(run, validationSeries(kMetric));
        QCOMPARE(values.size(), std::size_t(5));
        QVERIFY(values.back() < values.front());
        QCOMPARE(float(bestMonitored(summary)), *std::ranges::min_element(values));
        QCOMPARE(curve(run, trainSeries(kMetric)), curve(run, trainSeries("loss")));
        QVERIFY(curve(run, "validation/accuracy").empty() && curve(run, "train/accuracy").empty());

        const fs::path broken = createRun(experiment, project.runs());
        RunControl control;
        AtStep stop(7, [&control] { control.requestStop(); });
        QVERIFY(train(broken, control, &stop).state == RunState::Stopped);
        QCOMPARE(stop.last().monitor, std::string(kMetric));
        QVERIFY(trained(broken).state == RunState::Finished);
        QVERIFY(sameModel(run, broken));
        QCOMPARE(curve(broken, validationSeries(kMetric)), values);
    }

    void trainingStopsEarlyByWhatIsMonitored() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.task = "brightness";
        experiment.train.epochs = 30;
        experiment.train.learningRate = 3e-3; // jumps about
        experiment.train.earlyStoppingPatience = 2;
        const fs::path run = createRun(experiment, project.runs());
        const RunSummary summary = trained(run);
        QVERIFY(summary.epoch < 30);
        const auto values = curve(run, validationSeries(kMetric));
        const auto best = std::ranges::min_element(values);
        QCOMPARE(summary.bestEpoch, int(best - values.begin()) + 1);
        QCOMPARE(summary.epoch, summary.bestEpoch + 2);
        const RunReader reader(run);
        QVERIFY(std::ranges::any_of(reader.events(), [](const RunEvent& event) {
            return event.text == "Ended early: no better mean squared error in 2 epochs";
        }));
        QCOMPARE(readTrainerState(run / "best").bestValue, bestMonitored(summary));
    }

    void anotherBatchSizeOnResumingVisitsEachSampleOnce() {
        const tests::Project project; // 24 pictures to train with
        Experiment experiment = project.experiment();
        experiment.data.task = "brightness";
        experiment.train.epochs = 3;
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        AtStep stop(4, [&control] { control.requestStop(); }); // 8 of the second epoch
        QVERIFY(train(run, control, &stop).state == RunState::Stopped);
        g_asked.clear();
        const RunSummary summary = trained(run, {{"train.batch_size", "5"}, {"train.accumulate", "2"}});
        QVERIFY(summary.state == RunState::Finished);
        // 16 are left: batches of 5, 5 and 5, 1 make two steps; an epoch of 24 in fives makes three.
        QCOMPARE(summary.step, std::int64_t(4 + 2 + 3));
        QCOMPARE(summary.steps, summary.step);
        std::map<std::string, int> visits;
        for (const std::string& file : g_asked)
            if (file.starts_with("train/"))
                ++visits[file];
        const auto order = EpochOrder(24, experiment.seed, 1).all();
        const ImageFolder data = openImageFolder(experiment);
        QCOMPARE(visits.size(), std::size_t(24));
        for (std::size_t place = 0; place < 24; ++place) // the first eight of the second epoch were seen before
            QCOMPARE(visits.at(data.train[std::size_t(order[place])].file), place < 8 ? 1 : 2);
        const auto rates = curve(run, "learning_rate");
        for (std::size_t i = 1; i < rates.size(); ++i)
            QVERIFY(rates[i] <= rates[i - 1]);
    }

    void untilItsFirstCheckpointARunMayBeAskedSomethingElse() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 1;
        const RunSummary other = trained(createRun(experiment, project.runs()), {{"data.task", "brightness"}});
        QCOMPARE(other.task, std::string("brightness"));
        QCOMPARE(other.monitor, std::string(kMetric));
        QVERIFY(other.best.contains(validationSeries(kMetric)));
        const RunSummary byLoss = trained(createRun(experiment, project.runs()), {{"train.monitor", "loss"}});
        QCOMPARE(byLoss.monitor, std::string("loss"));
    }

    void theMetricThatDecidesCanBeChosen() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.monitor = "loss";
        experiment.train.epochs = 4;
        const RunSummary summary = trained(createRun(experiment, project.runs()));
        QCOMPARE(summary.monitor, std::string("loss"));
        const auto losses = curve(summary.folder, "validation/loss");
        QCOMPARE(float(bestMonitored(summary)), *std::ranges::min_element(losses));
        experiment.train.monitor = "f1";
        const auto findings = validate(experiment);
        QCOMPARE(findings.size(), std::size_t(1));
        QCOMPARE(findings.front().message, std::string("“One class a picture” does not measure F1."));
        QCOMPARE(findings.front().fixValue, std::string("auto"));
    }

    void severalLabelsFromATableAreLearnt() {
        const Labelled labelled;
        const fs::path run = createRun(labelled.experiment(), labelled.project.runs());
        const RunSummary summary = trained(run);
        QVERIFY(summary.state == RunState::Finished);
        QCOMPARE(summary.monitor, std::string("mean_average_precision"));
        QVERIFY2(bestMonitored(summary) > 0.95, qPrintable(QString::number(bestMonitored(summary))));
        QVERIFY(summary.best.contains("validation/f1/day"));
        RunReader reader(run);
        QCOMPARE(reader.classNames(), (std::vector<std::string>{"dark", "day", "light"}));
        const auto samples = reader.samples(summary.bestEpoch);
        QCOMPARE(samples.size(), std::size_t(8));
        for (const SampleResult& sample : samples) {
            const bool light = sample.file.find("light") != std::string::npos;
            QCOMPARE(sample.labels, light ? (std::vector<int>{1, 2}) : std::vector<int>{0});
        }
        // The same figures from the checkpoint, by its thresholds.
        RunControl control;
        const Evaluation again = evaluate(run, {}, control);
        for (const char* metric : {"loss", "mean_average_precision", "f1"})
            QVERIFY2(std::abs(again.values.at(metric) - summary.best.at(validationSeries(metric))) < 1e-4, metric);
        const Evaluation onTable = evaluate(run, labelled.table, control);
        QCOMPARE(onTable.samples, std::int64_t(8));
        QCOMPARE(onTable.values.at("f1"), again.values.at("f1"));

        // They judge, and are not chosen again.
        const fs::path config = fs::canonical(run / "best") / "config.json";
        std::string settings = readFile(config);
        const std::size_t begin = settings.find('[', settings.find("\"thresholds\"")), end = settings.find(']', begin);
        settings.replace(begin, end + 1 - begin, "[2, 2, 2]");
        const std::string kept = readFile(config);
        writeFileAtomically(config, settings);
        fs::remove(config.parent_path() / "checksums.json");
        QCOMPARE(evaluate(run, {}, control).values.at("f1"), 0.0);
        writeFileAtomically(config, kept);

        Predictor predictor = Predictor::fromRun(run);
        QVERIFY(!predictor.task().exclusive);
        const std::vector<fs::path> files{labelled.project.path() / "data/val/light/100.png"};
        const auto answer = predictor.predict(files, 3).front();
        float sum = 0;
        for (const ClassProbability& one : answer.top) {
            QCOMPARE(one.given, one.label != "dark");
            sum += one.probability;
        }
        QVERIFY(sum > 1.2F);
    }

    void severalLabelsResumeExactly() {
        const Labelled labelled;
        const fs::path unbroken = createRun(labelled.experiment(), labelled.project.runs());
        (void)trained(unbroken);
        const fs::path run = createRun(labelled.experiment(), labelled.project.runs());
        RunControl control;
        AtStep stop(5, [&control] { control.requestStop(); });
        QVERIFY(train(run, control, &stop).state == RunState::Stopped);
        (void)trained(run);
        QVERIFY(sameModel(run, unbroken));
        QCOMPARE(curve(run, "validation/f1"), curve(unbroken, "validation/f1"));
    }

    void severalLabelsTrainFromTheCache() {
        const Labelled labelled;
        Experiment experiment = labelled.experiment();
        experiment.freeze.preset = "head-only";
        experiment.data.augmentation = "none";
        experiment.freeze.cache = "off";
        const fs::path plain = createRun(experiment, labelled.project.runs());
        (void)trained(plain);
        experiment.freeze.cache = "on";
        const fs::path cached = createRun(experiment, labelled.project.runs());
        (void)trained(cached);
        const auto a = curve(plain, "train/loss"), b = curve(cached, "train/loss");
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(std::abs(a[i] - b[i]) < 1e-3);
    }

    void aFolderGivesNoSeveralLabels() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.data.task = "multi-label";
        const auto findings = validate(experiment);
        QCOMPARE(findings.size(), std::size_t(1));
        QVERIFY(findings.front().severity == Severity::Problem);
        QCOMPARE(findings.front().fixValue, std::string("image-classification"));
    }
};

QTEST_GUILESS_MAIN(TestTasks)
#include "tst_tasks.moc"
