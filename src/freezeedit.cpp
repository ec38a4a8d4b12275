#include "src/freezeedit.h"

#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace app {
namespace {

struct FreezeWords {
    Q_DECLARE_TR_FUNCTIONS(Freeze)
};
const auto tr = [](const char* text) { return FreezeWords::tr(text); };

using Names = std::set<std::string>;

// Parts without parts of their own are what is locked or thawed; those without parameters have nothing to lock.
void collectLeaves(const engine::BlockInfo& block, Names& leaves) {
    if (block.children.empty()) {
        if (block.parameters > 0)
            leaves.insert(block.name);
        return;
    }
    for (const auto& child : block.children)
        collectLeaves(child, leaves);
}

const engine::BlockInfo* findBlock(const Tree& tree, const std::string& name) {
    for (const auto& block : tree) {
        if (block.name == name)
            return &block;
        if (const auto* found = findBlock(block.children, name))
            return found;
    }
    return nullptr;
}

Names trainedLeaves(const Tree& tree, const engine::FreezeOutcome& phase) {
    Names all;
    for (const auto& block : tree)
        collectLeaves(block, all);
    const Names trained(phase.trainedBlocks.begin(), phase.trainedBlocks.end());
    Names result;
    std::set_intersection(all.begin(), all.end(), trained.begin(), trained.end(), std::inserter(result, result.end()));
    return result;
}

void addPatterns(const Tree& tree, const Names& trained, std::vector<std::string>& patterns) {
    for (const auto& block : tree) {
        Names leaves;
        collectLeaves(block, leaves);
        if (leaves.empty())
            continue;
        if (std::includes(trained.begin(), trained.end(), leaves.begin(), leaves.end()))
            patterns.push_back(block.name);
        else
            addPatterns(block.children, trained, patterns);
    }
}

ui::BlockRow row(const engine::BlockInfo& block, const std::vector<std::pair<int, Names>>& phases) {
    ui::BlockRow made;
    made.name = words(block.name);
    made.type = words(block.type);
    QStringList sides;
    for (const auto side : block.output)
        if (side > 0)
            sides.append(QString::number(side));
    made.output = sides.join(QStringLiteral(" × "));
    made.parameters = block.parameters;
    made.flops = block.flops;
    made.head = block.head;
    for (const auto& [epoch, trained] : phases)
        if (trained.contains(block.name)) {
            made.trained = true;
            made.fromEpoch = epoch;
            break;
        }
    for (const auto& child : block.children)
        made.children.append(row(child, phases));
    return made;
}

engine::FreezeSettings handMade(const engine::FreezeSettings& settings, const Tree& tree, const Plan& plan,
                                const Names& thaw, const Names& freeze) {
    engine::FreezeSettings made = settings;
    made.preset = "by-hand";
    made.phases.clear();
    for (const auto& phase : plan) {
        Names trained = trainedLeaves(tree, phase);
        trained.insert(thaw.begin(), thaw.end());
        for (const auto& name : freeze)
            trained.erase(name);
        engine::FreezePhase hand{.fromEpoch = phase.fromEpoch, .learningRateFactor = phase.learningRateFactor};
        addPatterns(tree, trained, hand.train);
        made.phases.push_back(std::move(hand));
    }
    return made;
}

QString presetWords(const QString& preset) {
    if (preset == QLatin1String("none"))
        return tr("Nothing is frozen");
    if (preset == QLatin1String("head-only"))
        return tr("Head only");
    if (preset.startsWith(QLatin1String("last-stages:"))) {
        const QString count = preset.section(QLatin1Char(':'), 1);
        return count == QLatin1String("1") ? tr("Last stage and head") : tr("Last %1 stages and head").arg(count);
    }
    return tr("By hand");
}

} // namespace

QList<ui::BlockRow> blockRows(const Tree& tree, const Plan& plan) {
    std::vector<std::pair<int, Names>> phases;
    for (const auto& phase : plan)
        phases.emplace_back(phase.fromEpoch, trainedLeaves(tree, phase));
    QList<ui::BlockRow> rows;
    for (const auto& block : tree)
        rows.append(row(block, phases));
    return rows;
}

engine::FreezeSettings byHand(const engine::FreezeSettings& settings, const Tree& tree, const Plan& plan) {
    return handMade(settings, tree, plan, {}, {});
}

engine::FreezeSettings withBlocks(const engine::FreezeSettings& settings, const Tree& tree, const Plan& plan,
                                  const QStringList& blocks, bool train) {
    Names leaves;
    for (const auto& name : blocks)
        if (const auto* block = findBlock(tree, name.toStdString()))
            collectLeaves(*block, leaves);
    return train ? handMade(settings, tree, plan, leaves, {}) : handMade(settings, tree, plan, {}, leaves);
}

ui::FreezeState freezeState(const engine::Experiment& experiment, const Tree& tree, const Plan& plan) {
    ui::FreezeState state;
    state.stages = std::max(0, static_cast<int>(tree.size()) - 1);
    state.epochs = experiment.train.epochs;
    const QString preset = words(experiment.freeze.preset);
    state.summary = presetWords(preset);
    if (plan.empty())
        return state;
    const auto& last = plan.back();
    state.summary = tr("%1 · %2 of %3 parameters trained")
                        .arg(presetWords(preset), ui::formatCount(static_cast<double>(last.trainableParameters)),
                             ui::formatCount(static_cast<double>(last.trainableParameters + last.frozenParameters)));
    const auto trained = std::count_if(tree.begin(), tree.end(), [&](const engine::BlockInfo& block) {
        return std::find(last.trainedBlocks.begin(), last.trainedBlocks.end(), block.name) != last.trainedBlocks.end();
    });
    const auto frozen = static_cast<qsizetype>(tree.size()) - trained;
    if (preset == QLatin1String("head-only"))
        state.sentence = tr("The pretrained blocks keep their weights; only the new head learns.");
    else if (frozen == 0)
        state.sentence = tr("Every block learns. That needs more pictures, time and memory than a new head.");
    else
        state.sentence = tr("%1 of %2 blocks stay frozen.").arg(frozen).arg(tree.size());
    if (plan.size() > 1)
        state.sentence += QLatin1Char(' ') + tr("The plan has %1 phases.").arg(plan.size());
    return state;
}

} // namespace app
