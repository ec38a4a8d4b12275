#include "src/experimentanalysis.h"

#include "engine/api/datakinds.h"
#include "engine/api/parameter.h"
#include "engine/api/run.h"
#include "src/latestprogress.h"
#include "src/values.h"

#include <algorithm>

namespace app {
namespace {

constexpr int kSoonMs = 120;
constexpr int kCheckMs = 100;
constexpr int kBatchPictures = 8;
constexpr int kClassesUnknown = 2;

// The values of some settings as one text: another text, another question.
QString values(const engine::Experiment& experiment, std::initializer_list<const char*> keys) {
    QString all = words(experiment.directory);
    for (const char* key : keys)
        all += QLatin1Char('\n') + words(engine::parameterValue(experiment, key));
    return all;
}

QString dataQuestion(const engine::Experiment& experiment) {
    return values(experiment, {"experiment.seed", "data.kind", "data.path", "data.train", "data.validation",
                               "data.layout", "data.validation_share", "data.leave_out", "data.task",
                               "data.file_column", "data.label_columns", "data.split_column"});
}

// The chosen weights, and what stands beside them, are the chosen backbone's.
engine::Experiment withBackbone(const engine::Experiment& experiment, const std::string& backbone) {
    engine::Experiment other = experiment;
    if (backbone != experiment.model.backbone)
        other.model.weights = "bundled";
    other.model.backbone = backbone;
    return other;
}

} // namespace

ExperimentAnalysis::ExperimentAnalysis(QObject* parent) : QObject(parent) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(kSoonMs);
    connect(&m_soon, &QTimer::timeout, this, &ExperimentAnalysis::lookNow);
    m_checkTimer.setInterval(kCheckMs);
    connect(&m_checkTimer, &QTimer::timeout, this, &ExperimentAnalysis::dataChanged);
    askMachine();
}

void ExperimentAnalysis::askMachine() {
    m_machine.ask(
        m_background, QStringLiteral("machine %1").arg(m_arrivals),
        [](const std::stop_token&) {
            Machine machine{engine::devices(), {}};
            for (const auto& backbone : engine::backbones())
                if (!engine::localWeights(backbone.name).empty())
                    machine.localWeights.append(words(backbone.name));
            return machine;
        },
        [this] { Q_EMIT machineChanged(); });
}

void ExperimentAnalysis::weightsArrived() {
    ++m_arrivals;
    askMachine();
    m_soon.start();
}

ExperimentAnalysis::~ExperimentAnalysis() {
    // What takes long ends early; the background then waits for it.
    m_data.clear();
    m_listing.clear();
    m_batch.clear();
    m_speeds.clear();
}

void ExperimentAnalysis::look(const engine::Experiment& experiment) {
    m_experiment = experiment;
    m_soon.start();
}

void ExperimentAnalysis::setRunsFolder(const QString& folder) {
    m_runsFolder = folder;
    m_soon.start();
}

void ExperimentAnalysis::lookAgain() {
    ++m_looks;
    if (engine::isDataThere(m_experiment.dataPath()))
        m_listing.ask(
            m_background, QString::number(m_looks),
            [experiment = m_experiment](const std::stop_token&) { return engine::listData(experiment).fingerprint; },
            [this] { takeListing(); });
    else {
        m_listing.clear();
        takeListing();
    }
}

// Listed otherwise than when they were checked; what cannot be read now as then is no other either.
bool ExperimentAnalysis::dataAreOthers() const {
    if (const auto* listed = m_listing.value())
        return !m_data.value() || *listed != m_data.value()->fingerprint;
    const auto* now = m_listing.trouble();
    const auto* then = m_data.trouble();
    return !now || !then || now->message != then->message;
}

// What is listed otherwise than before is checked anew.
void ExperimentAnalysis::takeListing() {
    if (!m_data.waiting() && dataAreOthers())
        ++m_dataState;
    m_soon.stop();
    lookNow();
    Q_EMIT listed();
}

bool ExperimentAnalysis::upToDate() const {
    return !m_soon.isActive() && !m_listing.waiting() && !m_data.waiting() && !m_weights.waiting() &&
           !m_plan.waiting() && !m_estimate.waiting() && !m_runsProblem.waiting();
}

std::optional<engine::Progress> ExperimentAnalysis::checkProgress() const {
    return m_checkProgress ? m_checkProgress->latest() : std::nullopt;
}

int ExperimentAnalysis::classes() const {
    return m_data.value() ? std::max(1, static_cast<int>(m_data.value()->classes.size())) : kClassesUnknown;
}

void ExperimentAnalysis::lookNow() {
    askData();
    askBatch();
    askWeights();
    askPlan();
    askEstimate();
    askRuns();
    Q_EMIT looked();
}

void ExperimentAnalysis::askRuns() {
    if (m_runsFolder.isEmpty())
        return;
    m_runsProblem.ask(
        m_background, QStringLiteral("%1\n%2").arg(m_runsFolder).arg(m_looks),
        [folder = toPath(m_runsFolder)](const std::stop_token&) { return words(engine::whyNoRuns(folder)); },
        [this] { Q_EMIT runsChanged(); });
}

void ExperimentAnalysis::askData() {
    if (!engine::isDataThere(m_experiment.dataPath())) {
        m_checkTimer.stop();
        m_data.clear();
        Q_EMIT dataChanged();
        return;
    }
    const QString question = dataQuestion(m_experiment) + QStringLiteral("\n%1").arg(m_dataState);
    auto progress = std::make_shared<LatestProgress>();
    const bool asked = m_data.ask(
        m_background, question,
        [experiment = m_experiment, progress](const std::stop_token& stop) {
            return engine::checkData(experiment, stop, progress.get());
        },
        [this] {
            m_checkTimer.stop();
            Q_EMIT dataChanged();
            askBatch();
            askWeights();
            askPlan();
            askEstimate();
        });
    if (!asked)
        return;
    m_data.forgetValue();
    m_checkProgress = std::move(progress);
    m_checkTimer.start();
    Q_EMIT dataChanged();
}

void ExperimentAnalysis::askBatch() {
    if (!m_data.value()) {
        if (!m_data.waiting()) {
            m_batch.clear();
            Q_EMIT batchChanged();
        }
        return;
    }
    const QString question =
        dataQuestion(m_experiment) +
        values(m_experiment, {"data.augmentation", "data.image_size", "model.backbone", "model.weights"}) +
        QStringLiteral("\n%1 %2").arg(m_draw).arg(m_dataState);
    QStringList names;
    for (const auto& one : m_data.value()->classes)
        names.append(words(one.name));
    m_batch.ask(
        m_background, question,
        [experiment = m_experiment, draw = m_draw, names](const std::stop_token& stop) {
            std::vector<BatchPicture> pictures;
            for (const auto& one : engine::previewBatch(experiment, kBatchPictures, draw, stop))
                pictures.push_back({toImage(one.image), names.value(one.label), words(one.file)});
            return pictures;
        },
        [this] { Q_EMIT batchChanged(); });
}

void ExperimentAnalysis::anotherBatch() {
    ++m_draw;
    askBatch();
}

void ExperimentAnalysis::askWeights() {
    const auto file = m_experiment.weightsPath();
    std::error_code code;
    if (file.empty() || !std::filesystem::exists(file, code)) {
        m_weights.clear();
        Q_EMIT weightsChanged();
        return;
    }
    const QString question = QStringLiteral("%1\n%2\n%3 %4")
                                 .arg(words(file), words(m_experiment.model.backbone))
                                 .arg(classes())
                                 .arg(std::filesystem::last_write_time(file, code).time_since_epoch().count());
    m_weights.ask(
        m_background, question,
        [file, backbone = m_experiment.model.backbone, count = classes()](const std::stop_token&) {
            return engine::inspectWeights(file, backbone, count);
        },
        [this] { Q_EMIT weightsChanged(); });
}

void ExperimentAnalysis::askPlan() {
    const QString backbone = QStringLiteral("%1\n%2").arg(words(m_experiment.model.backbone)).arg(classes());
    m_blocks.ask(
        m_background, backbone,
        [name = m_experiment.model.backbone, count = classes()](const std::stop_token&) {
            return engine::blockTree(name, count);
        },
        [this] { Q_EMIT planChanged(); });
    QString question = backbone + values(m_experiment, {"freeze.preset", "freeze.batch_norm", "train.epochs"});
    for (const auto& phase : m_experiment.freeze.phases) {
        question +=
            QStringLiteral("\n%1 %2 %3").arg(phase.fromEpoch).arg(phase.learningRateFactor).arg(words(phase.schedule));
        for (const auto& pattern : phase.train)
            question += QLatin1Char(' ') + words(pattern);
        for (const auto& [pattern, factor] : phase.factors)
            question += QStringLiteral(" %1=%2").arg(words(pattern)).arg(factor);
    }
    m_plan.ask(
        m_background, question,
        [experiment = m_experiment, count = classes()](const std::stop_token&) {
            const int epochs = experiment.train.epochs;
            const std::string& name = experiment.model.backbone;
            return ResolvedPlan{engine::freezePhases(experiment.freeze, epochs, name),
                                engine::resolveFreeze(experiment.freeze, epochs, name, count)};
        },
        [this] { Q_EMIT planChanged(); });
}

void ExperimentAnalysis::askEstimate() {
    if (!m_data.value()) {
        if (!m_data.waiting()) {
            m_estimate.clear();
            Q_EMIT estimateChanged();
        }
        return;
    }
    const QString question = words(m_experiment.directory) + words(engine::toToml(m_experiment)) +
                             QStringLiteral("\n%1 %2 %3 %4 %5")
                                 .arg(m_data.value()->trainSamples)
                                 .arg(m_dataState)
                                 .arg(m_looks)
                                 .arg(m_arrivals)
                                 .arg(m_measured);
    m_estimate.ask(
        m_background, question,
        [experiment = m_experiment, data = *m_data.value()](const std::stop_token&) {
            return Estimate{engine::estimateCost(experiment, data), engine::examine(experiment, data)};
        },
        [this] {
            Q_EMIT estimateChanged();
            askTrial();
        });
}

void ExperimentAnalysis::setTrials(Trials trials) {
    m_trials = trials;
    if (trials == Trials::Off)
        m_trial.clear();
    else
        askTrial();
}

void ExperimentAnalysis::askTrial() {
    const auto* estimate = m_estimate.value();
    if (m_trials == Trials::Off || !estimate || estimate->cost.speedMeasured ||
        std::ranges::any_of(estimate->findings,
                            [](const engine::Finding& found) { return found.severity == engine::Severity::Problem; }))
        return;
    const QString question =
        words(m_experiment.dataPath()) +
        values(m_experiment, {"data.image_size", "data.augmentation", "freeze.preset", "train.precision",
                              "train.batch_size", "model.backbone", "devices.use", "devices.threads"});
    m_trial.ask(
        m_besides, question,
        [experiment = m_experiment](const std::stop_token& stop) { return engine::measureSpeed(experiment, stop); },
        [this] {
            if (const bool* measured = m_trial.value(); measured && *measured) {
                ++m_measured;
                askEstimate();
            }
        });
}

void ExperimentAnalysis::askSpeeds(const QStringList& backbones) {
    if (!m_data.value())
        return;
    const QString question = backbones.join(QLatin1Char(' ')) +
                             values(m_experiment, {"data.image_size", "freeze.preset", "train.precision"});
    m_speeds.ask(
        m_background, question,
        [experiment = m_experiment, data = *m_data.value(), backbones](const std::stop_token& stop) {
            QHash<QString, Speed> speeds;
            for (const auto& info : engine::backbones()) {
                const engine::Experiment other = withBackbone(experiment, info.name);
                if (const double measured = engine::measuredSpeed(other); measured > 0)
                    speeds.insert(words(info.name), {measured, true});
            }
            for (const auto& name : backbones) {
                if (stop.stop_requested() || speeds.contains(name))
                    continue;
                const engine::Experiment other = withBackbone(experiment, name.toStdString());
                try {
                    speeds.insert(name, {engine::estimateCost(other, data).samplesPerSecond, false});
                } catch (const engine::Error&) {
                    continue; // the plan does not fit this backbone: its speed stays unknown
                }
            }
            return speeds;
        },
        [this] { Q_EMIT machineChanged(); });
}

} // namespace app
