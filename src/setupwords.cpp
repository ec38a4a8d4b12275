#include "src/setupwords.h"

#include "engine/api/classweights.h"
#include "engine/api/datakinds.h"
#include "engine/api/hub.h"
#include "engine/api/parameter.h"
#include "engine/api/ranks.h"
#include "engine/api/tasks.h"
#include "src/freezewords.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct SetupWords {
    Q_DECLARE_TR_FUNCTIONS(Setup)
};
const auto tr = [](const char* text) { return SetupWords::tr(text); };

ui::FieldType fieldType(engine::ParameterType type) {
    switch (type) {
    case engine::ParameterType::Path:
        return ui::FieldType::Path;
    case engine::ParameterType::Integer:
        return ui::FieldType::Integer;
    case engine::ParameterType::Real:
        return ui::FieldType::Real;
    case engine::ParameterType::Choice:
        return ui::FieldType::Choice;
    case engine::ParameterType::List:
        return ui::FieldType::List;
    case engine::ParameterType::Text:
        break;
    }
    return ui::FieldType::Text;
}

QStringList list(const std::vector<std::string>& texts) {
    QStringList made;
    for (const auto& text : texts)
        made.append(words(text));
    return made;
}

ui::Tone toneOf(engine::TensorMatch match) {
    switch (match) {
    case engine::TensorMatch::Matched:
    case engine::TensorMatch::Renamed:
        return ui::Tone::Success;
    case engine::TensorMatch::Reshaped:
    case engine::TensorMatch::New:
        return ui::Tone::Accent;
    case engine::TensorMatch::Missing:
        return ui::Tone::Warning;
    case engine::TensorMatch::Unexpected:
    case engine::TensorMatch::Unmapped:
        break;
    }
    return ui::Tone::Muted;
}

QString matchWords(engine::TensorMatch match) {
    return match == engine::TensorMatch::Unexpected ? tr("unused") : words(engine::tensorMatchName(match));
}

QString pictures(std::int64_t count) {
    return count == 1 ? tr("1 picture") : tr("%1 pictures").arg(ui::formatExact(count));
}

// "3.2×" for each class; empty where all count the same.
QStringList classWeightWords(const engine::Experiment& experiment, const engine::DataReport& report) {
    const auto& rule = experiment.train.classWeights;
    if (rule != "balanced" && rule != "effective")
        return {};
    std::vector<std::int64_t> counts;
    for (const auto& one : report.classes)
        counts.push_back(one.train);
    const auto tasks = engine::tasks();
    const bool several = std::any_of(tasks.begin(), tasks.end(), [&](const engine::TaskInfo& task) {
        return task.name == experiment.data.task && !task.exclusive;
    });
    const auto kind = several ? engine::ClassCounts::Kind::SeveralLabels : engine::ClassCounts::Kind::Exclusive;
    QStringList result;
    for (const double weight :
         engine::classWeights(rule, {.samples = counts, .all = report.trainSamples, .kind = kind}))
        result.append(tr("%1×").arg(ui::formatNumber(weight)));
    return result;
}

} // namespace

QList<ui::FieldSpec> fieldSpecs() {
    QList<ui::FieldSpec> specs;
    for (const auto& parameter : engine::experimentParameters())
        specs.append({words(parameter.key), words(parameter.label), fieldType(parameter.type), words(parameter.unit),
                      words(parameter.defaultValue), parameter.minimum, parameter.maximum, list(parameter.choices),
                      list(parameter.choiceLabels), words(parameter.help), words(parameter.usual),
                      words(parameter.cost)});
    return specs;
}

ui::DataState dataState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis) {
    ui::DataState state;
    state.hasFolder = !experiment.data.path.empty();
    state.sampleName = tr("parts under inspection");
    state.sampleWords = tr("The sample trains in about 1 minute on this computer.");
    state.checking = analysis.data().waiting();
    if (state.checking) {
        if (const auto progress = analysis.checkProgress(); progress && progress->steps > 0) {
            state.checkFraction = static_cast<double>(progress->step) / static_cast<double>(progress->steps);
            state.checkWords =
                (progress->message.empty() ? tr("%1 of %2 pictures") : tr("Looking for copies, %1 of %2"))
                    .arg(ui::formatExact(progress->step), ui::formatExact(progress->steps));
        } else {
            state.checkWords = tr("Looking for pictures");
        }
    }
    const auto* report = analysis.data().value();
    if (!report)
        return state;
    state.train = report->trainSamples;
    state.validation = report->validationSamples;
    const std::filesystem::path data = experiment.dataPath();
    const bool shards = engine::areShards(data);
    state.table = !shards && engine::dataRoot(data) != data;
    state.summary = (shards        ? tr("Shards · %1 classes · %2")
                     : state.table ? tr("Table · %1 classes · %2")
                                   : tr("Image folder · %1 classes · %2"))
                        .arg(report->classes.size())
                        .arg(pictures(report->trainSamples + report->validationSamples));
    const QStringList weights = classWeightWords(experiment, *report);
    for (const auto& one : report->classes)
        state.classes.append({words(one.name), one.train, one.validation,
                              words(engine::passedOverWords(one.passedOver)), true,
                              weights.value(state.classes.size())});
    for (const auto& one : report->notes.noClasses) {
        const QString passedOver = words(engine::passedOverWords(one.passedOver));
        state.classes.append({words(one.name), 0, 0, passedOver.isEmpty() ? tr("empty") : passedOver, false});
    }
    state.notes = list(engine::dataSentences(report->notes));
    state.validationFolder = words(report->validationFolder);
    return state;
}

// The usual weights of the backbone are asked for and are not on this computer.
void sayAbsent(ui::WeightsState& state, const engine::Experiment& experiment, const WeightsDownload& download) {
    const auto all = engine::backbones();
    const auto info = std::find_if(
        all.begin(), all.end(), [&](const engine::BackboneInfo& one) { return one.name == experiment.model.backbone; });
    if (info == all.end() || experiment.model.weights != "bundled" || !engine::localWeights(info->name).empty())
        return;
    const QString where = words(engine::whereWeightsAre(*info));
    state.absent = where.isEmpty() ? tr("Not here") : tr("Not here. %1").arg(where);
    if (info->hub.empty())
        return;
    const bool runs = download.runs() && download.backbone() == words(info->name);
    if (runs)
        state.absent = download.progressWords().isEmpty() ? tr("Asking the hub…")
                                                          : tr("%1 are here").arg(download.progressWords());
    if (runs || !download.runs()) // one at a time
        state.download = runs ? tr("Stop") : tr("Download");
}

ui::WeightsState weightsState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                              const WeightsDownload& download) {
    ui::WeightsState state;
    sayAbsent(state, experiment, download);
    if (!state.absent.isEmpty())
        return state;
    if (experiment.model.weights == "none") {
        state.tone = ui::Tone::Warning;
        state.words = tr("Random start");
        return state;
    }
    if (const auto* trouble = analysis.weights().trouble()) {
        state.tone = ui::Tone::Danger;
        state.words = trouble->message;
        return state;
    }
    if (const auto* report = analysis.weights().value())
        return mappingState(words(experiment.weightsPath().filename()), *report);
    return state;
}

ui::WeightsState mappingState(const QString& file, const engine::WeightsReport& report) {
    ui::WeightsState state;
    const int found = report.matched + report.renamed + report.reshaped;
    const int all = found + report.fresh + report.missing;
    const bool enough = report.pretrainedShare >= 0.9;
    state.tone = report.pretrainedShare <= 0 ? ui::Tone::Danger : enough ? ui::Tone::Success : ui::Tone::Warning;
    state.words = tr("%1 of %2 tensors match").arg(found).arg(all);
    state.pretrainedShare = report.pretrainedShare;
    state.summary = words(engine::weightsWords(report));
    state.heading = tr("%1, %2, %3 parameters")
                        .arg(file, words(report.format), ui::formatCount(static_cast<double>(report.parameters)));
    for (const auto& tensor : report.tensors) {
        QStringList sides;
        for (const auto side : tensor.shape)
            sides.append(QString::number(side));
        state.tensors.append({words(tensor.name), sides.join(QStringLiteral(" × ")), words(tensor.dtype),
                              matchWords(tensor.match), toneOf(tensor.match), words(tensor.target),
                              words(tensor.rule)});
    }
    return state;
}

namespace {

// "8 × 2 ranks × 4 steps ="; nothing where it is the batch size.
QString batchWords(const engine::TrainSettings& train, std::int64_t effective) {
    const std::int64_t ranks = effective / (std::int64_t{train.batchSize} * train.accumulate);
    QString words = QString::number(train.batchSize);
    if (ranks > 1)
        words += SetupWords::tr(" × %1 ranks").arg(ranks);
    if (train.accumulate > 1)
        words += SetupWords::tr(" × %1").arg(train.accumulate);
    return ranks > 1 || train.accumulate > 1 ? words + SetupWords::tr(" =") : QString();
}

} // namespace

QString rankWords(const engine::Experiment& experiment, std::size_t gpus) {
    const auto ranks = static_cast<int>(engine::rankDevices(experiment.devices.use, gpus).size());
    if (ranks < 2)
        return {};
    const auto& train = experiment.train;
    const double factor = engine::learningRateFactor(experiment.devices, ranks);
    const QString batch = tr("%1 × %2 ranks = %3 pictures a step.")
                              .arg(train.batchSize)
                              .arg(ranks)
                              .arg(ui::formatExact(std::int64_t{train.batchSize} * ranks));
    const QString rate = ui::formatRate(train.learningRate);
    return batch + QLatin1Char(' ') +
           (factor > 1 ? tr("Learning rate %1 × %2 = %3.")
                             .arg(rate, QString::number(factor, 'g', 3), ui::formatRate(train.learningRate * factor))
                       : tr("The learning rate stays %1.").arg(rate));
}

ui::SummaryState summaryState(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                              const ui::ThawPlan& thaw) {
    ui::SummaryState state;
    if (const auto* batch = analysis.batch().value())
        for (const auto& picture : *batch)
            state.batch.append({picture.file, picture.image, picture.label, {}, picture.file});
    const auto* report = analysis.data().value();
    const auto* estimate = analysis.estimate().value();
    if (report)
        state.facts.append(
            {tr("Pictures"), QString(),
             tr("%1 train, %2 validation")
                 .arg(ui::formatExact(report->trainSamples), ui::formatExact(report->validationSamples))});
    if (estimate) {
        const engine::Cost& cost = estimate->cost;
        const auto& train = experiment.train;
        state.facts.append({tr("Parameters trained"),
                            tr("of %1").arg(ui::formatCount(static_cast<double>(cost.parameters))),
                            thaw.phases.isEmpty() ? ui::formatCount(static_cast<double>(cost.trainableParameters))
                                                  : trainedWords(thaw)});
        state.facts.append(
            {tr("Effective batch"), batchWords(train, cost.effectiveBatch), ui::formatExact(cost.effectiveBatch)});
        state.facts.append({tr("Steps"),
                            tr("%1 × %2 epochs =").arg(ui::formatExact(cost.stepsPerEpoch)).arg(train.epochs),
                            ui::formatExact(cost.steps)});
        if (cost.seconds > 0)
            state.facts.append({tr("Time"), QString(), ui::formatSpanWords(cost.seconds)});
        state.diskFacts = {
            {tr("Disk"), tr("up to %1 while it trains, then").arg(ui::formatBytes(static_cast<double>(cost.diskBytes))),
             tr("about %1").arg(ui::formatBytes(static_cast<double>(cost.diskFinalBytes)))}};
        state.facts.append(state.diskFacts);
        state.phases = phaseRows(thaw, cost);
        state.parameters = tr("of %1").arg(ui::formatCount(static_cast<double>(cost.parameters)));
        state.freezeFacts = freezeFacts(experiment, thaw, cost);
        state.time = cost.seconds > 0 ? ui::formatSpanWords(cost.seconds) : QString();
        state.memoryName = cost.device == "cpu" ? tr("Memory at the peak, about") : tr("GPU memory at the peak, about");
        const auto total = static_cast<double>(cost.deviceBytes);
        const double others = total - static_cast<double>(cost.deviceFreeBytes);
        const double rest = static_cast<double>(cost.peakBytes) - static_cast<double>(cost.modelBytes) -
                            static_cast<double>(cost.activationBytes) - static_cast<double>(cost.optimizerBytes);
        state.memoryWords = ui::formatBytesOf(others + static_cast<double>(cost.peakBytes), total);
        state.memoryTotal = total;
        const auto part = [](double bytes, ui::Role role, const QString& name) {
            return ui::Meter::Part{bytes, {}, role, name.arg(bytes / 1e9, 0, 'f', 2)};
        };
        state.memoryParts = {
            part(others + std::max(0.0, rest), ui::Role::NeutralSoft, tr("Others %1")),
            part(static_cast<double>(cost.modelBytes + cost.optimizerBytes), ui::Role::Text, tr("Model %1")),
            part(static_cast<double>(cost.activationBytes), ui::Role::Accent, tr("Activations %1"))};
        if (cost.peakBytes <= cost.deviceFreeBytes)
            state.passed.append(tr("Fits in memory, %1 to spare")
                                    .arg(ui::formatBytes(static_cast<double>(cost.deviceFreeBytes - cost.peakBytes))));
    }
    if (report && report->unreadable.empty())
        state.passed.prepend(tr("Every picture can be read"));
    if (const auto* weights = analysis.weights().value(); weights && weights->pretrainedShare >= 0.9)
        state.passed.append(tr("Weights match the backbone"));
    if (const QString passed = freezeState(experiment, thaw, nullptr).passed; !passed.isEmpty())
        state.passed.append(passed);
    if (experiment.freeze.verify != "off" && experiment.freeze.preset != "none")
        state.passed.append(tr("Frozen tensors are verified each epoch"));
    return state;
}

} // namespace app
