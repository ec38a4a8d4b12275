// What tasks measure, against scikit-learn and torch (reference_metrics.py); the tables of metrics and tasks.
#include "engine/api/classweights.h"
#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/base/atomicfile.h"
#include "engine/task/averageprecision.h"
#include "engine/task/task.h"
#include "tests/support/refusal.h"

#include <QTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace engine;
using nlohmann::json;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Golden {
    json all = json::parse(readFile(std::filesystem::path(THAW_SOURCE_DIR) / "tests/task/golden_metrics.json"));
    std::vector<ImageSample> samples;
    at::Tensor logits;

    Golden() {
        const auto rows = all.at("logits").get<std::vector<std::vector<float>>>();
        logits = at::empty({std::int64_t(rows.size()), std::int64_t(rows.front().size())});
        for (std::size_t i = 0; i < rows.size(); ++i) {
            logits[std::int64_t(i)] = at::tensor(rows[i]);
            ImageSample sample{.file = std::to_string(i)};
            for (std::size_t label = 0; label < rows[i].size(); ++label)
                if (all.at("truth").at(i).at(label).get<int>() != 0)
                    sample.labels.push_back(int(label));
            samples.push_back(sample);
        }
    }
    [[nodiscard]] std::vector<const ImageSample*> pointers(std::size_t from, std::size_t to) const {
        std::vector<const ImageSample*> result;
        for (std::size_t i = from; i < to; ++i)
            result.push_back(&samples[i]);
        return result;
    }
    [[nodiscard]] Judgement judged(const std::vector<double>& thresholds = {}) const {
        const Task& task = taskOf("multi-label");
        const auto meter = task.meter({"a", "b", "c", "d", "e"}, thresholds);
        for (std::size_t from = 0; from < samples.size(); from += 13) {
            const std::size_t to = std::min(samples.size(), from + 13);
            const auto part = pointers(from, to);
            meter->add(logits.narrow(0, std::int64_t(from), std::int64_t(to - from)), task.targets(part, 5), part);
        }
        return meter->result();
    }
};

bool near(double a, double b, double tolerance = 1e-6) { return std::abs(a - b) < tolerance; }

} // namespace

class TestTask final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void severalLabelsAreMeasuredAsScikitLearnDoes() {
        const Golden golden;
        const Judgement found = golden.judged();
        for (std::size_t label = 0; label < 4; ++label) {
            QVERIFY(near(found.perClass.at("mean_average_precision")[label],
                         golden.all.at("average_precision")[label].get<double>()));
            QVERIFY(near(found.perClass.at("f1")[label], golden.all.at("best_f1")[label].get<double>()));
        }
        QVERIFY(std::isnan(found.perClass.at("f1")[4])); // nobody has it
        QVERIFY(near(found.values.at("mean_average_precision"), golden.all.at("mean_average_precision").get<double>()));
        QVERIFY(near(found.values.at("loss"), golden.all.at("loss").get<double>()));
        QCOMPARE(found.thresholds.size(), std::size_t(5));
        QVERIFY(found.confusion.empty());

        const Judgement half = golden.judged({0.5, 0.5, 0.5, 0.5, 0.5});
        for (std::size_t label = 0; label < 4; ++label)
            QVERIFY(near(half.perClass.at("f1")[label], golden.all.at("f1_at_half")[label].get<double>()));
        QCOMPARE(half.thresholds, (std::vector<double>(5, 0.5)));
        for (const SampleResult& sample : half.samples) {
            QCOMPARE(sample.label, -1);
            QVERIFY(sample.predictedLabels.has_value());
        }
    }

    void thresholdsThatWereChosenGiveTheF1ThatTheyWereChosenBy() {
        const Golden golden;
        const Judgement best = golden.judged();
        const Judgement again = golden.judged(best.thresholds);
        for (std::size_t label = 0; label < 4; ++label)
            QCOMPARE(again.perClass.at("f1")[label], best.perClass.at("f1")[label]);
    }

    void aLabelIsGivenFromItsThresholdUp() {
        const Golden golden;
        const std::vector<double> thresholds{0.2, 0.35, 0.5, 0.65, 0.8};
        const Judgement found = golden.judged(thresholds);
        const at::Tensor scores = at::sigmoid(golden.logits);
        const at::Tensor wanted = scores.ge(at::tensor(thresholds));
        QVERIFY(!at::equal(wanted, scores.ge(0.5)));
        at::Tensor given = at::zeros_like(wanted);
        for (std::size_t i = 0; i < found.samples.size(); ++i)
            for (const int label : *found.samples[i].predictedLabels)
                given[std::int64_t(i)][label] = true;
        QVERIFY(at::equal(given, wanted));
    }

    void lossesAreTorchs() {
        const Golden golden;
        const Task& task = taskOf("multi-label");
        const auto all = golden.pointers(0, golden.samples.size());
        const double count = double(all.size());
        const at::Tensor targets = task.targets(all, 5);
        QVERIFY(
            near(task.loss(golden.logits, targets, {}).item<double>() / count, golden.all.at("loss").get<double>()));
        QVERIFY(near(task.loss(golden.logits, targets, {.smoothing = 0.1}).item<double>() / count,
                     golden.all.at("loss_smoothed").get<double>()));
        QVERIFY(at::equal(task.probabilities(golden.logits), at::sigmoid(golden.logits)));
    }

    void classesOfUnequalSizeWeighAsScikitLearnAndThePaperSay() {
        const Golden golden;
        const std::vector<std::int64_t> sizes{80, 15, 5};
        for (const char* rule : {"balanced", "effective"}) {
            const auto weights = classWeights(rule, {.samples = sizes, .all = 100});
            QCOMPARE(weights.size(), sizes.size());
            for (std::size_t i = 0; i < weights.size(); ++i)
                QVERIFY(near(weights[i], golden.all.at(rule)[i].get<double>(), 1e-9));
        }
        QVERIFY(classWeights("none", {.samples = sizes, .all = 100}).empty());
        QVERIFY(tests::refusal([&] {
                    (void)classWeights("rare", {.samples = sizes, .all = 100});
                }).starts_with("“rare” is no way to weigh classes."));
        const std::vector<std::int64_t> missing{50, 0, 50}; // weighs what it likes, and others as if it were not there
        QCOMPARE(classWeights("balanced", {.samples = missing, .all = 100}), (std::vector<double>{1, 1, 1}));
        std::vector<std::int64_t> yes(5);
        for (const ImageSample& sample : golden.samples)
            for (const int label : sample.labels)
                ++yes[std::size_t(label)];
        const auto ofYes =
            classWeights("balanced", {.samples = yes, .all = 60, .kind = ClassCounts::Kind::SeveralLabels});
        for (std::size_t i = 0; i < ofYes.size(); ++i)
            QVERIFY(near(ofYes[i], golden.all.at("yes_weights")[i].get<double>(), 1e-9));
    }

    void weighedLossesAreTorchs() {
        const Golden golden;
        const auto tensor = [&](const char* key) {
            return at::tensor(golden.all.at(key).get<std::vector<double>>(), at::kFloat);
        };
        const at::Tensor labels = at::arange(60).remainder(3);
        const at::Tensor one =
            taskOf("image-classification")
                .loss(golden.logits.narrow(1, 0, 3), labels, {.smoothing = 0.1, .classWeights = tensor("balanced")});
        QVERIFY(near(one.item<double>(), golden.all.at("loss_weighed").get<double>(), 1e-4));
        const Task& several = taskOf("multi-label");
        const at::Tensor targets = several.targets(golden.pointers(0, golden.samples.size()), 5);
        const at::Tensor yes = several.loss(golden.logits, targets, {.classWeights = tensor("yes_weights")});
        QVERIFY(near(yes.item<double>() / 60, golden.all.at("loss_weighed_yes").get<double>(), 1e-5));
    }

    void thresholdsLieHalfwayDown() {
        std::vector<ScoredAnswer> answers{{0.2F, false}, {0.9F, true}, {0.6F, true}, {0.4F, false}};
        const BestThreshold best = bestThreshold(answers);
        QCOMPARE(best.f1, 1.0);
        QVERIFY(near(best.threshold, 0.5));
        QCOMPARE(averagePrecision(answers), 1.0);
        std::vector<ScoredAnswer> none{{0.2F, false}};
        QVERIFY(std::isnan(averagePrecision(none)) && std::isnan(bestThreshold(none).f1) &&
                std::isnan(f1At(0.5, none)));
        QVERIFY(std::isnan(averagePrecision({})));
        std::vector<ScoredAnswer> equal{{0.5F, true}, {0.5F, false}, {0.5F, true}, {0.5F, false}};
        QCOMPARE(averagePrecision(equal), 0.5);
    }

    void oneClassIsCountedByTruth() {
        const Task& task = taskOf("image-classification");
        const std::vector<ImageSample> samples{{"a", 0, {}}, {"b", 0, {}}, {"c", 1, {}}};
        const std::vector<const ImageSample*> all{&samples[0], &samples[1], &samples[2]};
        const at::Tensor logits = at::tensor(std::vector<float>{2, 0, 0, 0, 3, 0, 0, 3, 0}).view({3, 3});
        const auto meter = task.meter({"x", "y", "z"});
        meter->add(logits, task.targets(all, 3), all);
        const Judgement found = meter->result();
        QCOMPARE(found.confusion, (std::vector<std::vector<std::int64_t>>{{1, 1, 0}, {0, 1, 0}, {0, 0, 0}}));
        QCOMPARE(found.perClass.at("accuracy")[0], 0.5);
        QCOMPARE(found.perClass.at("accuracy")[1], 1.0);
        QVERIFY(std::isnan(found.perClass.at("accuracy")[2]));
        QVERIFY(near(found.values.at("accuracy"), 2.0 / 3));
        const auto sums = task.stepSums(logits, task.targets(all, 3));
        QCOMPARE(sums.size(), task.stepMetrics().size());
        QCOMPARE(sums.front().item<double>(), 2.0);
        meter->add(logits, task.targets(all, 3), all); // the loss is a mean over pictures, of which there are six now
        QVERIFY(near(meter->result().values.at("loss"), found.values.at("loss")));
        QVERIFY(near(found.values.at("loss"), task.loss(logits, task.targets(all, 3), {}).item<double>() / 3));
        QVERIFY(meter->result().samples[1].predicted == 1 && !found.samples[1].right() && found.samples[0].right());
    }

    void theTableSaysHowValuesAreReadAndCompared() {
        QCOMPARE(metrics().front().name, std::string("loss"));
        const MetricInfo accuracy = findMetric("accuracy"), loss = findMetric("loss");
        QVERIFY(isBetter(accuracy, 0.9, 0.8) && !isBetter(accuracy, 0.8, 0.8) && isBetter(loss, 0.1, 0.2));
        QVERIFY(isBetter(accuracy, 0.1, kNone) && !isBetter(accuracy, kNone, 0.1) && !isBetter(loss, kNone, kNone));
        QCOMPARE(metricWords(accuracy, 0.9134), std::string("91.3 %"));
        QCOMPARE(metricWords(loss, 0.42134), std::string("0.4213"));
        QCOMPARE(metricWords(loss, kNone), std::string("–"));
        QCOMPARE(loweredLabel(findMetric("mean_average_precision")), std::string("mean average precision"));
        QCOMPARE(loweredLabel(findMetric("f1")), std::string("F1"));
        QCOMPARE(findMetric("word_error_rate").label, std::string("Word error rate"));
        QVERIFY(metricOfSeries("validation/accuracy/a/b") == "accuracy" && metricOfSeries("train/loss") == "loss");
        QVERIFY(!metricOfSeries("learning_rate/head"));
        for (const TaskInfo& task : tasks()) {
            QCOMPARE(task.metrics.front(), std::string("loss"));
            QVERIFY(std::ranges::find(task.metrics, task.monitor) != task.metrics.end());
            QVERIFY(&taskOf(task.name) == &taskOf(task.name));
        }
        QVERIFY_THROWS_EXCEPTION(Error, (void)taskOf("image-clasification"));
    }
};

QTEST_GUILESS_MAIN(TestTask)
#include "tst_task.moc"
