#include "tests/src/madeup.h"

#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/runs/runwriter.h"
#include "tests/runs/checkpointfiles.h"

#include <QColor>
#include <QCoreApplication>
#include <QDir>
#include <QImage>
#include <QSettings>
#include <QStandardPaths>

#include <cmath>
#include <map>

namespace madeup {
namespace {

std::vector<engine::SampleResult> samplesOf(const std::string& task) {
    if (task == "image-classification")
        return {{"val/ant/1.jpg", 0, 0, 0.9F, 0.1F},
                {"val/ant/2.jpg", 0, 1, 0.7F, 1.2F},
                {"val/bee/1.jpg", 1, 1, 0.8F, 0.2F}};
    if (task == "multi-label")
        return {{"1.jpg", -1, 0, 0.9F, 0.1F, {0, 1}, std::vector<int>{0, 1}},
                {"2.jpg", -1, 0, 0.9F, 0.5F, {1}, std::vector<int>{0, 1}},
                {"3.jpg", -1, 0, 0.6F, 1.5F, {1}, std::vector<int>{0}}};
    return {};
}

} // namespace

std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish) {
    return run(runsFolder, wish, 1e-3);
}

std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish, double learningRate) {
    engine::Experiment experiment;
    experiment.name = wish.name;
    experiment.data.path = runsFolder / "no-data";
    experiment.train.epochs = wish.epochs;
    experiment.train.learningRate = learningRate;
    const auto folder = engine::createRun(experiment, runsFolder);
    if (wish.end == engine::RunState::Queued)
        return folder;
    engine::RunWriter writer(folder);
    const std::vector<Measured> measured =
        wish.measured.empty() ? std::vector<Measured>{{"accuracy", wish.accuracy, -0.01}} : wish.measured;
    writer.started({.task = wish.task,
                    .monitor = measured.front().metric,
                    .classes = {"ant", "bee"},
                    .device = "cpu",
                    .parameters = 1000,
                    .trainableParameters = 10,
                    .epochs = wish.epochs,
                    .steps = std::int64_t{wish.epochs} * wish.stepsPerEpoch,
                    .environmentJson = {}},
                   -1);
    std::int64_t step = 0;
    for (int epoch = 1; epoch <= wish.done; ++epoch) {
        for (int i = 0; i < wish.stepsPerEpoch; ++i) {
            ++step;
            writer.scalar("train/loss", step, 1.0 / static_cast<double>(step));
            writer.scalar("learning_rate", step, learningRate);
            writer.progress(epoch - 1, step);
        }
        const double accuracy = wish.accuracy - 0.01 * (wish.done - epoch);
        std::map<std::string, double> values{{engine::validationSeries("loss"), 1 - accuracy}};
        for (const Measured& one : measured)
            values[engine::validationSeries(one.metric)] = one.last + one.further * (wish.done - epoch);
        for (const auto& [series, value] : values)
            writer.scalar(series, step, value);
        writer.samples(epoch, samplesOf(wish.task));
        writer.epochDone(epoch, step, values, true);
        writer.event(engine::EventKind::Epoch, step, epoch, "epoch done");
        tests::writeCheckpointFiles(writer.checkpointFolder(step),
                                    {.step = step, .epoch = epoch, .bestEpoch = epoch, .bestAccuracy = accuracy});
        writer.checkpointDone(step);
    }
    switch (wish.end) {
    case engine::RunState::Finished:
        writer.finished(step);
        break;
    case engine::RunState::Stopped:
        writer.stopped(step);
        break;
    case engine::RunState::Failed:
        writer.failed(
            engine::Error(engine::ErrorKind::OutOfMemory, "The batch did not fit into memory.", "Use a smaller batch."),
            step);
        break;
    default:
        writer.flush(); // says running, and nobody holds it: interrupted
        break;
    }
    return folder;
}

void pictures(const QString& folder, int classes, int perClass) {
    for (const char* part : {"train", "val"})
        for (int label = 0; label < classes; ++label) {
            const QDir here(QStringLiteral("%1/%2/class%3").arg(folder, QLatin1String(part)).arg(label));
            here.mkpath(QStringLiteral("."));
            for (int i = 0; i < perClass; ++i) {
                QImage image(64, 48, QImage::Format_RGB32);
                // No two of them are the same file.
                image.fill(QColor::fromHsv(label * 360 / classes, *part == 't' ? 200 : 180, 100 + i * 120 / perClass));
                image.save(here.filePath(QStringLiteral("%1.png").arg(i)));
            }
        }
}

void errorMetrics() {
    engine::MetricInfo metric{.name = "mean_squared_error",
                              .label = "Mean squared error",
                              .unit = {},
                              .better = engine::Better::Lower,
                              .format = engine::MetricFormat::Number,
                              .meaning = {}};
    engine::addMetric(metric);
    metric.name = "mean_error";
    metric.label = "Mean error";
    metric.unit = "px";
    engine::addMetric(metric);
}

void ownSettings() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("ThawTests"));
    QCoreApplication::setApplicationName(QCoreApplication::applicationFilePath().section(QLatin1Char('/'), -1));
    QSettings().clear();
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
}

} // namespace madeup
