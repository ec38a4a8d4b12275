#include "src/livewords.h"

#include "engine/api/importruns.h"
#include "engine/api/rankwatch.h"
#include "src/metricwords.h"
#include "src/runevents.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr std::size_t kMostLogLines = 200;
constexpr qsizetype kMostChanges = 4;

struct LiveWords {
    Q_DECLARE_TR_FUNCTIONS(Live)
};
const auto tr = [](const char* text) { return LiveWords::tr(text); };

double now() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

QString clock(double seconds) {
    return QDateTime::fromMSecsSinceEpoch(std::llround(seconds * 1000)).toString(QStringLiteral("HH:mm:ss"));
}

QString stateWords(const engine::RunSummary& run, ui::RunListState state, engine::Phase phase) {
    using State = ui::RunListState;
    switch (state) {
    case State::Running:
        return phase == engine::Phase::LoadingData      ? tr("Reading the data")
               : phase == engine::Phase::LoadingWeights ? tr("Loading the weights")
               : phase == engine::Phase::Validating     ? tr("Validating")
               : phase == engine::Phase::Saving         ? tr("Saving")
                                                        : tr("Running");
    case State::Paused:
        return tr("Paused");
    case State::Queued:
        return tr("Waiting in the queue");
    case State::Finished:
        return tr("Finished");
    case State::Failed:
        return tr("Failed");
    case State::Interrupted:
        return run.lastCheckpointStep < 0
                   ? tr("Interrupted at step %1").arg(ui::formatExact(run.step))
                   : tr("Interrupted at step %1, goes on from %2")
                         .arg(ui::formatExact(run.step), ui::formatExact(run.lastCheckpointStep));
    case State::NotStarted:
        return tr("Not started");
    case State::Stopped:
        break;
    }
    return tr("Stopped at step %1").arg(ui::formatExact(run.step));
}

double lastOf(const engine::RunSummary& run, const std::string& name) {
    const auto found = run.last.find(name);
    return found == run.last.end() ? std::nan("") : found->second;
}

double valueAt(const engine::RunReader& reader, const std::string& name, std::int64_t step) {
    const engine::Series& series = reader.series(name);
    const auto place = std::lower_bound(series.step.begin(), series.step.end(), step);
    return place == series.step.end() || *place != step
               ? std::nan("")
               : static_cast<double>(series.value[static_cast<std::size_t>(place - series.step.begin())]);
}

// "accuracy 95.4 %  loss 0.139"
QString epochWords(const engine::RunReader& reader, std::int64_t step) {
    QStringList said;
    const auto say = [&](const engine::MetricInfo& metric) {
        const double value = valueAt(reader, engine::validationSeries(metric.name), step);
        said.append(QStringLiteral("%1 %2").arg(lowerLabel(metric), formatMetric(metric, value)));
    };
    const engine::MetricInfo monitored = engine::monitored(reader.summary());
    say(monitored);
    if (monitored.name != lossMetric().name)
        say(lossMetric());
    return said.join(QStringLiteral("  "));
}

std::vector<int> beginsOf(const ui::ThawPlan& plan) {
    std::vector<int> epochs;
    for (const auto& phase : plan.phases)
        epochs.push_back(phase.fromEpoch);
    return epochs;
}

// Of a run that is not trained: the epoch in which it was left, which is not done yet.
int epochLeft(const engine::RunSummary& run) {
    const bool within = run.epochs > 0 && run.step * run.epochs > run.epoch * run.steps;
    return within ? std::min(run.epoch + 1, run.epochs) : run.epoch;
}

bool goesOnFromCheckpoint(const engine::RunSummary& run) {
    return run.lastCheckpointStep >= 0 &&
           (run.state == engine::RunState::Stopped || run.state == engine::RunState::Interrupted ||
            run.state == engine::RunState::Failed);
}

} // namespace

ui::LiveHeader liveHeader(const engine::RunSummary& run, ui::RunListState state,
                          const std::optional<engine::Progress>& progress, int colour) {
    using State = ui::RunListState;
    const bool live = state == State::Running || state == State::Paused;
    ui::LiveHeader header;
    header.id = words(run.id);
    header.name = words(run.name);
    header.colour = colour;
    header.state = state;
    header.stateWords = stateWords(run, state, progress ? progress->phase : engine::Phase::Training);
    header.epochs = run.epochs;
    header.steps = run.steps;
    header.step = run.step;
    header.epoch = live ? std::min(run.epoch + 1, run.epochs) : epochLeft(run);
    if (live && progress && progress->epochs > 0) {
        header.epochs = progress->epochs;
        header.epoch = progress->epoch;
        header.steps = progress->steps;
        header.step = progress->step;
    }
    if (state == State::Running && progress && std::isfinite(progress->leftSeconds)) {
        header.secondsLeft = progress->leftSeconds;
        header.ends = tr("ends %1").arg(clock(now() + progress->leftSeconds));
    }
    if (!live && run.seconds > 0)
        header.took = ui::formatSpan(run.seconds);
    header.canResume = state == State::Stopped || state == State::Interrupted || state == State::NotStarted ||
                       (state == State::Failed && run.lastCheckpointStep >= 0);
    header.canExtend = state == State::Finished && run.lastCheckpointStep >= 0;
    header.canExport = run.lastCheckpointStep >= 0;
    header.hasSettings = run.device != engine::kImportedDevice;
    if (!header.hasSettings)
        header.stateWords = tr("Imported");
    return header;
}

QList<ui::LiveFact> liveFacts(const engine::RunReader& reader, const std::optional<engine::Progress>& progress) {
    const engine::RunSummary& run = reader.summary();
    QList<ui::LiveFact> facts;
    if (!run.device.empty())
        facts.append({tr("Device"), QString(), words(run.device)});
    const double speed = progress && std::isfinite(progress->samplesPerSecond)
                             ? progress->samplesPerSecond
                             : lastOf(run, "throughput/samples_per_s");
    if (std::isfinite(speed))
        facts.append({tr("Speed"), QString(), ui::formatSpeed(speed)});
    if (run.parameters > 0)
        facts.append({tr("Parameters trained"), tr("of %1").arg(ui::formatCount(static_cast<double>(run.parameters))),
                      ui::formatCount(static_cast<double>(run.trainableParameters))});
    if (std::isfinite(engine::bestMonitored(run)))
        facts.append(
            {tr("Best %1").arg(lowerLabel(engine::monitored(run))), tr("epoch %1").arg(run.bestEpoch), bestWords(run)});
    const double memory = run.device.empty() ? std::nan("") : lastOf(run, "memory/" + run.device + "/used_bytes");
    if (std::isfinite(memory))
        facts.append({tr("Memory"), QString(), ui::formatBytes(memory)});
    if (run.lastCheckpointStep >= 0)
        facts.append({goesOnFromCheckpoint(run) ? tr("Resume goes on from") : tr("Checkpoint"), QString(),
                      tr("step %1").arg(ui::formatExact(run.lastCheckpointStep))});
    facts.append({tr("Backbone"), QString(), words(reader.experiment().model.backbone)});
    const auto classes = reader.classNames().size();
    facts.append({tr("Data"), classes > 0 ? tr("%1 classes").arg(classes) : QString(),
                  words(reader.experiment().dataPath().filename())});
    return facts;
}

QList<ui::LiveChange> liveChanges(const engine::RunReader& reader, const ui::ThawPlan& plan) {
    QList<ui::LiveChange> changes;
    const auto& events = reader.events();
    const std::vector<bool> begins = phasesBegun(events, beginsOf(plan));
    for (std::size_t i = events.size(); i-- > 0 && changes.size() < kMostChanges;) {
        const engine::RunEvent& event = events[i];
        const QString when = tr("Step %1 · %2").arg(ui::formatExact(event.step), clock(event.time));
        const QString text = withGroupedSteps(asSentence(words(event.text)));
        if (event.kind == engine::EventKind::Knob)
            changes.append({QStringLiteral("sliders-horizontal"), ui::Tone::Accent, text, when});
        else if (begins[i] && event.step > 0)
            changes.append({QStringLiteral("lock-open"), ui::Tone::Thawed, text, when});
        else if (event.kind == engine::EventKind::Alarm)
            changes.append({QStringLiteral("shield-alert"), ui::Tone::Danger, text, when});
        else if (isWarning(event))
            changes.append({QStringLiteral("triangle-alert"), ui::Tone::Warning, text, when});
        else if (event.kind == engine::EventKind::Stopped || event.kind == engine::EventKind::Paused)
            changes.append({QStringLiteral("pause"), ui::Tone::Muted, text, when});
        else if ((event.kind == engine::EventKind::Started && event.step > 0) ||
                 event.kind == engine::EventKind::Resumed)
            changes.append({QStringLiteral("play"), ui::Tone::Muted, text, when});
    }
    return changes;
}

ui::LiveProof liveProof(const engine::RunReader& reader, const ui::ThawPlan& plan) {
    const auto& events = reader.events();
    const auto last = [&events](engine::EventKind kind) {
        return std::find_if(events.rbegin(), events.rend(),
                            [kind](const engine::RunEvent& event) { return event.kind == kind; });
    };
    const auto withStep = [](const engine::RunEvent& event) {
        const QString text = withGroupedSteps(words(event.text)); // may begin with the name of a tensor
        return text.contains(QLatin1String("step")) || event.step < 0
                   ? text
                   : withGroupedSteps(tr("%1 at step %2").arg(text).arg(event.step));
    };
    if (const auto alarm = last(engine::EventKind::Alarm); alarm != events.rend())
        return {ui::Tone::Danger, tr("A frozen tensor changed"), withStep(*alarm)};
    const auto verified = last(engine::EventKind::Verified);
    if (verified == events.rend())
        return {};
    int frozen = 0;
    if (!plan.phases.isEmpty())
        for (const auto& cell : plan.phases.at(ui::phaseAt(plan, verified->epoch)).cells)
            frozen += cell.trained() ? 0 : 1;
    const QString title = frozen > 1    ? tr("%1 blocks proved frozen").arg(frozen)
                          : frozen == 1 ? tr("1 block proved frozen")
                                        : tr("Frozen tensors verified");
    return {ui::Tone::Success, title, withStep(*verified)};
}

QList<ui::LivePhase> livePhases(const engine::RunReader& reader, const ui::ThawPlan& plan) {
    const auto& loss = reader.series(engine::trainSeries(lossMetric().name));
    const engine::RunSummary& run = reader.summary();
    const double perEpoch = run.epochs > 0 ? static_cast<double>(run.steps) / run.epochs : 0;
    QList<ui::LivePhase> phases;
    for (int phase = 0; phase < plan.phases.size() && plan.phases.size() > 1; ++phase) {
        const int from = plan.phases.at(phase).fromEpoch;
        const int to = ui::lastEpoch(plan, phase);
        const auto placeOf = [&](int epochs) {
            return std::upper_bound(loss.step.begin(), loss.step.end(), std::llround(epochs * perEpoch)) -
                   loss.step.begin();
        };
        const auto begin = placeOf(from - 1);
        const auto end = placeOf(to);
        const auto size = static_cast<std::ptrdiff_t>(loss.step.size());
        QString words = ui::phaseTitle(plan, phase);
        if (end < size || (run.epoch >= to && begin < end))
            words =
                tr("%1, %2").arg(words, ui::formatSpan(loss.time[static_cast<std::size_t>(std::min(end, size - 1))] -
                                                       loss.time[static_cast<std::size_t>(begin)]));
        else if (begin < size)
            words = tr("%1, now").arg(words);
        phases.append({words, static_cast<double>(to - from + 1)});
    }
    return phases;
}

QList<ui::LogLine> liveLog(const engine::RunReader& reader, const ui::ThawPlan& plan) {
    QList<ui::LogLine> lines;
    const auto& events = reader.events();
    const std::vector<bool> begins = phasesBegun(events, beginsOf(plan));
    for (std::size_t i = events.size(); i-- > 0 && lines.size() < qsizetype(kMostLogLines);) {
        const engine::RunEvent& event = events[i];
        ui::LogLine line{clock(event.time), eventWord(event, begins[i]), ui::Tone::None,
                         withGroupedSteps(words(event.text))};
        if (event.kind == engine::EventKind::Epoch)
            line.text = epochWords(reader, event.step);
        else if (event.kind == engine::EventKind::Failure || event.kind == engine::EventKind::Alarm)
            line.tone = ui::Tone::Danger;
        else if (isWarning(event))
            line.tone = ui::Tone::Warning;
        else if (event.kind == engine::EventKind::Knob)
            line.tone = ui::Tone::Accent;
        else if (begins[i] || event.kind == engine::EventKind::Verified)
            line.tone = ui::Tone::Frozen;
        lines.append(line);
    }
    return lines;
}

QString wholeLog(const engine::RunReader& reader, const ui::ThawPlan& plan) {
    QString text;
    const auto& events = reader.events();
    const std::vector<bool> begins = phasesBegun(events, beginsOf(plan));
    for (std::size_t i = 0; i < events.size(); ++i) {
        const QString when = QDateTime::fromMSecsSinceEpoch(std::llround(events[i].time * 1000))
                                 .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
        text +=
            QStringLiteral("%1  %2  %3\n")
                .arg(when, eventWord(events[i], begins[i]).leftJustified(10), withGroupedSteps(words(events[i].text)));
    }
    return text;
}

FailureWords liveFailure(const engine::RunReader& reader, std::optional<engine::ErrorKind> kind) {
    const engine::RunSummary& run = reader.summary();
    const bool saved = run.lastCheckpointStep >= 0;
    const auto reason = kind ? kind : run.failureKind;
    const bool memory = reason == engine::ErrorKind::OutOfMemory;
    const bool diverged = reason == engine::ErrorKind::Diverged;
    const int batch = reader.experiment().train.batchSize;
    FailureWords made;
    made.failure.title = tr("%1 failed").arg(words(run.name));
    const double time = reader.events().empty() ? run.startedAt : reader.events().back().time;
    made.failure.when = run.step > 0 ? tr("Step %1, epoch %2. %3.")
                                           .arg(ui::formatExact(run.step))
                                           .arg(run.epoch + 1)
                                           .arg(ui::formatWhen(time, now()))
                                     : tr("Before the first step. %1.").arg(ui::formatWhen(time, now()));
    QStringList why{words(run.failure), words(run.remedy)};
    why.removeAll(QString());
    made.failure.why = why.join(QLatin1Char(' '));
    const auto add = [&made](RemedyKind remedy, const QString& title, const QString& detail) {
        made.remedies.append(remedy);
        made.failure.remedies.append({title, detail});
    };
    const QString fewer = devicesWithoutRank(run, reader.experiment());
    const qsizetype left = static_cast<qsizetype>(engine::readRanks(run.folder).size()) - 1;
    if (memory && batch > 1) {
        const engine::Experiment smaller = withSmallerBatch(reader.experiment());
        add(RemedyKind::SmallerBatch,
            tr("Batch %1, accumulate %2").arg(smaller.train.batchSize).arg(smaller.train.accumulate),
            tr("A new run with the same effective batch and about half the activation memory."));
    }
    if (diverged) {
        const double rate = reader.experiment().train.learningRate;
        add(RemedyKind::LowerRate,
            tr("Train with learning rate %1")
                .arg(ui::formatRate(withLowerRate(reader.experiment()).train.learningRate)),
            tr("A new run; it was %1. As it is, it would diverge again.").arg(ui::formatRate(rate)));
    } else if (saved && !fewer.isEmpty())
        add(RemedyKind::GoOn, tr("Restart from step %1").arg(ui::formatExact(run.lastCheckpointStep)),
            tr("With all %1 ranks. Remove the cause first.").arg(left + 1));
    else if (saved)
        add(RemedyKind::GoOn, tr("Resume from step %1").arg(ui::formatExact(run.lastCheckpointStep)),
            tr("Nothing before it is computed again. Remove the cause first."));
    else
        add(RemedyKind::TrainAgain, tr("Train it again"), tr("From the start. Remove the cause first."));
    if (!fewer.isEmpty() && !diverged)
        add(RemedyKind::FewerRanks, left == 1 ? tr("Restart with 1 rank") : tr("Restart with %1 ranks").arg(left),
            tr("On %1; each step has fewer pictures.").arg(fewer));
    add(RemedyKind::ChangeSettings, tr("Change its settings"), tr("Opens them in Setup; the run stays as it is."));
    made.failure.action = tr("Do this");
    return made;
}

QString devicesWithoutRank(const engine::RunSummary& run, const engine::Experiment& experiment) {
    static const QRegularExpression named(QStringLiteral("^Rank (\\d+)\\b"));
    const auto match = named.match(words(run.failure));
    const auto ranks = engine::readRanks(run.folder);
    if (!match.hasMatch() || ranks.size() < 2)
        return {};
    const int rank = match.captured(1).toInt();
    if (const auto& use = experiment.devices.use; use.size() == 1 && use.front().starts_with("next:"))
        return QStringLiteral("next:%1").arg(ranks.size() - 1);
    QStringList left;
    for (const auto& one : ranks)
        if (one.rank != rank)
            left.append(words(one.device));
    return left.contains(QString()) ? QString() : left.join(QStringLiteral(",")); // one had not told yet
}

engine::Experiment withSmallerBatch(engine::Experiment experiment) {
    const int half = std::max(1, experiment.train.batchSize / 2);
    if (half < experiment.train.batchSize)
        experiment.train.accumulate *= 2;
    experiment.train.batchSize = half;
    return experiment;
}

engine::Experiment withLowerRate(engine::Experiment experiment) {
    experiment.train.learningRate /= 10;
    return experiment;
}

} // namespace app
