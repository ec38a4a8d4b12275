#include "src/freezewords.h"

#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

struct FreezeWords {
    Q_DECLARE_TR_FUNCTIONS(Freeze)
};
const auto tr = [](const char* text) { return FreezeWords::tr(text); };

qint64 allParameters(const ui::ThawPlan& thaw) {
    qint64 sum = 0;
    for (const auto& block : thaw.blocks)
        sum += block.parameters;
    return sum;
}

bool everTrained(const ui::ThawPlan& thaw, int block) {
    return std::any_of(thaw.phases.begin(), thaw.phases.end(),
                       [block](const ui::ThawPhase& phase) { return phase.cells.at(block).trained(); });
}

int trainedBlocks(const ui::ThawPlan& thaw) {
    int count = 0;
    for (int block = 0; block < thaw.blocks.size(); ++block)
        count += everTrained(thaw, block) ? 1 : 0;
    return count;
}

bool headFirst(const ui::ThawPlan& thaw) {
    const auto& cells = thaw.phases.first().cells;
    for (int block = 0; block < cells.size(); ++block)
        if (cells.at(block).trained() != thaw.blocks.at(block).head)
            return false;
    return true;
}

QString presetWords(const QString& preset) {
    if (preset == QLatin1String("none"))
        return tr("Nothing is frozen");
    if (preset == QLatin1String("head-only"))
        return tr("Head only");
    if (preset == QLatin1String("gradual"))
        return tr("Gradual");
    if (preset == QLatin1String("fine-tune"))
        return tr("fine_tune");
    if (preset.startsWith(QLatin1String("last-stages:"))) {
        const QString count = preset.section(QLatin1Char(':'), 1);
        return count == QLatin1String("1") ? tr("Last stage and head") : tr("Last %1 stages and head").arg(count);
    }
    return tr("By hand");
}

// "epoch 11", "epochs 11 and 31", "epochs 11, 21 and 31"
QString epochsWords(const ui::ThawPlan& thaw) {
    QStringList epochs;
    for (const auto& phase : thaw.phases.mid(1))
        epochs.append(QString::number(phase.fromEpoch));
    if (epochs.size() == 1)
        return tr("epoch %1").arg(epochs.first());
    const QString last = epochs.takeLast();
    return tr("epochs %1 and %2").arg(epochs.join(QStringLiteral(", ")), last);
}

QString spanWords(const ui::ThawPlan& thaw, int phase) {
    const int from = thaw.phases.at(phase).fromEpoch;
    const int to = ui::lastEpoch(thaw, phase);
    return from >= to ? tr("Epoch %1").arg(from) : tr("Epochs %1–%2").arg(from).arg(to);
}

QString secondsWords(double seconds) {
    return seconds < 60 ? tr("%1 s").arg(std::max(1.0, std::round(seconds))) : ui::formatSpan(seconds);
}

QString cacheWords(const ui::ThawPlan& thaw, const engine::Cost& cost) {
    int from = 0;
    int to = 0;
    for (std::size_t i = 0; i < cost.phases.size(); ++i) {
        if (!cost.phases[i].cached)
            continue;
        from = from == 0 ? cost.phases[i].fromEpoch : from;
        to = i + 1 < cost.phases.size() ? cost.phases[i + 1].fromEpoch - 1 : thaw.epochs;
    }
    QString words = from == 0 || (from == 1 && to >= thaw.epochs)
                        ? tr("Cache the frozen part")
                        : tr("Cache the frozen part in epochs %1–%2").arg(from).arg(to);
    words += tr(": %1").arg(ui::formatBytes(static_cast<double>(cost.cacheBytes)));
    if (cost.cacheSavesSeconds >= 0.5)
        words += tr(", saves %1").arg(secondsWords(cost.cacheSavesSeconds));
    return words;
}

} // namespace

QString trainedWords(const ui::ThawPlan& thaw) {
    qint64 least = std::numeric_limits<qint64>::max();
    qint64 most = 0;
    for (int phase = 0; phase < thaw.phases.size(); ++phase) {
        least = std::min(least, ui::trainedParameters(thaw, phase));
        most = std::max(most, ui::trainedParameters(thaw, phase));
    }
    const QString all = ui::formatCount(static_cast<double>(most));
    return least < most ? tr("%1 to %2").arg(ui::formatCount(static_cast<double>(least)), all) : all;
}

ui::FreezeState freezeState(const engine::Experiment& experiment, const ui::ThawPlan& thaw, const engine::Cost* cost) {
    ui::FreezeState state;
    const QString preset = words(experiment.freeze.preset);
    state.stages = std::max(0, static_cast<int>(thaw.blocks.size()) - 1);
    state.summary = presetWords(preset);
    if (cost) {
        state.cacheWhy = words(cost->cacheSentence);
        if (cost->cacheBytes > 0)
            state.cache = cacheWords(thaw, *cost);
    }
    if (thaw.phases.isEmpty())
        return state;
    const int blocks = static_cast<int>(thaw.blocks.size());
    const int trained = trainedBlocks(thaw);
    const int phases = static_cast<int>(thaw.phases.size());
    if (phases > 1)
        state.summary =
            tr("%1 phases over %2 epochs · %3 of %4 blocks thaw").arg(phases).arg(thaw.epochs).arg(trained).arg(blocks);
    else
        state.summary = tr("%1 · %2 of %3 parameters trained")
                            .arg(presetWords(preset), trainedWords(thaw),
                                 ui::formatCount(static_cast<double>(allParameters(thaw))));
    const QString frozen = trained < blocks ? tr("%1 of %2 blocks stay frozen.").arg(blocks - trained).arg(blocks)
                                            : tr("No block stays frozen.");
    bool always = true;
    for (int phase = 0; phase < phases; ++phase)
        always &= ui::trainedParameters(thaw, phase) > 0;
    if (phases > 1) {
        state.sentence = headFirst(thaw) ? tr("Head first; later stages thaw at %1. %2").arg(epochsWords(thaw), frozen)
                                         : tr("The plan changes at %1. %2").arg(epochsWords(thaw), frozen);
        state.passed = always ? tr("Trains something in every phase") : QString();
        return state;
    }
    state.passed = always ? tr("The plan trains something") : QString();
    if (headFirst(thaw))
        state.sentence = tr("The pretrained blocks keep their weights; only the new head learns.");
    else if (trained == blocks)
        state.sentence = tr("Every block learns. That needs more pictures, time and memory than a new head.");
    else
        state.sentence = frozen;
    return state;
}

QList<ui::PhaseRow> phaseRows(const ui::ThawPlan& thaw, const engine::Cost& cost) {
    const auto all = static_cast<double>(std::max<qint64>(1, allParameters(thaw)));
    QList<ui::PhaseRow> rows;
    for (int phase = 0; phase < thaw.phases.size(); ++phase) {
        const auto trained = static_cast<double>(ui::trainedParameters(thaw, phase));
        ui::PhaseRow row{spanWords(thaw, phase), trained / all, ui::formatCount(trained), 0, {}};
        const auto place = static_cast<std::size_t>(phase);
        if (cost.phases.size() == static_cast<std::size_t>(thaw.phases.size()) && cost.phases[place].seconds > 0) {
            row.seconds = cost.phases[place].seconds;
            row.time = secondsWords(row.seconds);
        }
        rows.append(row);
    }
    return rows;
}

QList<ui::Fact> freezeFacts(const engine::Experiment& experiment, const ui::ThawPlan& thaw, const engine::Cost& cost) {
    QList<ui::Fact> facts;
    QList<int> never;
    for (int block = 0; block < thaw.blocks.size(); ++block)
        if (!everTrained(thaw, block))
            never.append(block);
    qint64 parameters = 0;
    for (const int block : never)
        parameters += thaw.blocks.at(block).parameters;
    if (!cost.phases.empty())
        parameters = cost.neverTrained;
    QString names;
    if (!never.isEmpty()) {
        const bool together = never.last() - never.first() + 1 == never.size();
        names = never.size() == 1 ? tr("%1,").arg(thaw.blocks.at(never.first()).name)
                : together ? tr("%1 to %2,").arg(thaw.blocks.at(never.first()).name, thaw.blocks.at(never.last()).name)
                           : tr("%1 blocks,").arg(never.size());
    }
    facts.append({tr("Never trained"), names, parameters > 0 ? ui::formatExact(parameters) : tr("nothing")});
    QString optimizer = words(experiment.train.optimizer);
    for (const auto& choice : engine::optimizers())
        if (choice.name == experiment.train.optimizer)
            optimizer = words(choice.label);
    facts.append(
        {tr("Optimizer state"), tr("%1,").arg(optimizer), ui::formatBytes(static_cast<double>(cost.optimizerBytes))});
    if (cost.phases.empty() || cost.phases.back().stepSeconds <= 0)
        return facts;
    const QString name = cost.phases.size() > 1 ? tr("Step time, phase %1").arg(cost.phases.size()) : tr("Step time");
    const QString all = cost.stepSecondsAll > 0
                            ? tr("%1 if all trained,").arg(ui::formatMilliseconds(1000 * cost.stepSecondsAll))
                            : QString();
    facts.append({name, all, ui::formatMilliseconds(1000 * cost.phases.back().stepSeconds)});
    return facts;
}

} // namespace app
