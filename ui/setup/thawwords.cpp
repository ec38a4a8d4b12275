#include "ui/format.h"
#include "ui/setup/thawplan.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <optional>

namespace ui {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Thaw)
};
const auto tr = [](const char* text) { return Words::tr(text); };

bool trains(const ThawPlan& plan, int phase, int block) {
    return phase >= 0 && plan.phases.at(phase).cells.at(block).trained();
}

// "blocks.4", "blocks.4 and 5", "blocks.2 to 5", "4 blocks"
QString namesOf(const ThawPlan& plan, const QList<int>& blocks) {
    const auto name = [&](int i) { return plan.blocks.at(blocks.at(i)).name; };
    if (blocks.size() == 1)
        return name(0);
    const qsizetype dot = name(0).lastIndexOf(QLatin1Char('.')) + 1;
    const auto stem = [&](int i) { return name(i).left(name(i).lastIndexOf(QLatin1Char('.')) + 1); };
    bool family = dot > 0 && blocks.last() - blocks.first() + 1 == blocks.size();
    for (int i = 1; i < blocks.size(); ++i)
        family &= stem(i) == stem(0);
    const int last = static_cast<int>(blocks.size()) - 1;
    if (blocks.size() == 2)
        return tr("%1 and %2").arg(name(0), family ? name(1).mid(dot) : name(1));
    return family ? tr("%1 to %2").arg(name(0), name(last).mid(dot)) : tr("%1 blocks").arg(blocks.size());
}

// How many blocks before the head these are, all of them next to it; 0: they are not.
int lastStages(const ThawPlan& plan, const QList<int>& blocks) {
    int expected = static_cast<int>(plan.blocks.size()) - 2;
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
        if (*block != expected--)
            return 0;
    return static_cast<int>(blocks.size());
}

QString stagesWords(int count) { return count == 1 ? tr("last stage") : tr("last %1 stages").arg(count); }

QString firstTitle(const ThawPlan& plan) {
    QList<int> trained;
    for (int block = 0; block < plan.blocks.size(); ++block)
        if (trains(plan, 0, block))
            trained.append(block);
    if (trained.isEmpty())
        return tr("Nothing");
    if (trained.size() == plan.blocks.size())
        return tr("All blocks");
    if (!plan.blocks.at(trained.last()).head)
        return namesOf(plan, trained);
    trained.removeLast();
    if (trained.isEmpty())
        return tr("Head");
    const int stages = lastStages(plan, trained);
    return stages > 0 ? tr("Head and %1").arg(stagesWords(stages)) : tr("%1 blocks").arg(trained.size() + 1);
}

QList<ThawEdge> edgesOf(const ThawPlan& plan, int block) {
    QList<ThawEdge> edges;
    for (const auto& edge : thawEdges(plan))
        if (edge.block == block)
            edges.append(edge);
    return edges;
}

double factorAt(const ThawPlan& plan, int block, int epoch) {
    return plan.phases.at(phaseAt(plan, epoch)).cells.at(block).factor;
}

// An edge of a block that stands elsewhere; none where more than that is other.
struct Moved {
    int from = 0;
    int to = 0;
    bool thaws = true;
    bool operator==(const Moved&) const = default;
};
std::optional<Moved> movedEdge(const ThawPlan& before, const ThawPlan& after, int block) {
    const auto was = edgesOf(before, block);
    const auto is = edgesOf(after, block);
    if (was.size() != is.size())
        return std::nullopt;
    std::optional<Moved> moved;
    for (qsizetype i = 0; i < was.size(); ++i) {
        if (was.at(i) == is.at(i))
            continue;
        if (moved || was.at(i).thaws != is.at(i).thaws)
            return std::nullopt;
        moved = Moved{was.at(i).epoch, is.at(i).epoch, was.at(i).thaws};
    }
    return moved;
}

QString movedWords(const ThawPlan& plan, const QString& names, const Moved& moved) {
    if (!moved.thaws)
        return tr("Freeze %1 again from epoch %2, not %3").arg(names).arg(moved.to).arg(moved.from);
    if (moved.to > plan.epochs)
        return tr("Keep %1 frozen, not thaw from epoch %2").arg(names).arg(moved.from);
    return moved.from > plan.epochs ? tr("Thaw %1 from epoch %2").arg(names).arg(moved.to)
                                    : tr("Thaw %1 from epoch %2, not %3").arg(names).arg(moved.to).arg(moved.from);
}

// What is other for one block.
QString blockWords(const ThawPlan& before, const ThawPlan& after, int block) {
    const QString& name = after.blocks.at(block).name;
    if (const auto moved = movedEdge(before, after, block))
        return movedWords(after, name, *moved);
    if (edgesOf(before, block) != edgesOf(after, block))
        return tr("Train %1 in other epochs").arg(name);
    for (int epoch = 1; epoch <= after.epochs; ++epoch)
        if (const double is = factorAt(after, block, epoch); is != factorAt(before, block, epoch))
            return tr("Train %1 at %2, not %3").arg(name, factorWords(is), factorWords(factorAt(before, block, epoch)));
    return {};
}

} // namespace

QString changeWords(const ThawPlan& before, const ThawPlan& after) {
    if (before.phases.isEmpty() || after.phases.isEmpty() || before.blocks.size() != after.blocks.size())
        return {};
    QList<int> changed;
    QString first;
    for (int block = 0; block < after.blocks.size(); ++block)
        if (const QString words = blockWords(before, after, block); !words.isEmpty()) {
            first = changed.isEmpty() ? words : first;
            changed.append(block);
        }
    if (changed.size() < 2)
        return first;
    const auto moved = movedEdge(before, after, changed.first());
    const bool together = moved && std::all_of(changed.begin(), changed.end(),
                                               [&](int block) { return movedEdge(before, after, block) == moved; });
    if (together)
        return movedWords(after, namesOf(after, changed), *moved);
    return changed.size() == 2 ? tr("%1, and 1 other block").arg(first)
                               : tr("%1, and %2 other blocks").arg(first).arg(changed.size() - 1);
}

QString phaseTitle(const ThawPlan& plan, int phase) {
    if (phase == 0)
        return firstTitle(plan);
    QList<int> thawed;
    QList<int> frozen;
    bool rates = false;
    bool all = true;
    for (int block = 0; block < plan.blocks.size(); ++block) {
        const bool before = trains(plan, phase - 1, block);
        const bool now = trains(plan, phase, block);
        all &= now;
        rates |= plan.phases.at(phase).cells.at(block) != plan.phases.at(phase - 1).cells.at(block);
        if (now != before)
            (now ? thawed : frozen).append(block);
    }
    if (!thawed.isEmpty()) {
        if (all && thawed.size() > 2)
            return tr("+ all others");
        const int stages = lastStages(plan, thawed);
        return tr("+ %1").arg(stages > 0 ? stagesWords(stages) : namesOf(plan, thawed));
    }
    if (!frozen.isEmpty())
        return tr("without %1").arg(namesOf(plan, frozen));
    return rates ? tr("Other rates") : tr("Phase %1").arg(phase + 1);
}

QString phaseDetail(const ThawPlan& plan, int phase) {
    qint64 all = 0;
    for (const auto& block : plan.blocks)
        all += block.parameters;
    const qint64 trained = trainedParameters(plan, phase);
    const double share = all > 0 ? static_cast<double>(trained) / static_cast<double>(all) : 0;
    if (share < 0.005)
        return formatExact(trained);
    return tr("%1 trained, %2").arg(formatCount(static_cast<double>(trained)), formatPercent(share, 0));
}

QString factorWords(double factor) { return QStringLiteral("× %1").arg(QString::number(factor, 'g', 3)); }

QString edgeWords(const ThawPlan& plan, const ThawEdge& edge) {
    const QString name = plan.blocks.value(edge.block).name;
    if (edge.epoch > plan.epochs)
        return tr("%1 stays frozen").arg(name);
    if (!edge.thaws)
        return tr("%1 freezes again at epoch %2").arg(name).arg(edge.epoch);
    return edge.epoch == 1 ? tr("%1 trains from the start").arg(name)
                           : tr("%1 thaws at epoch %2").arg(name).arg(edge.epoch);
}

} // namespace ui
