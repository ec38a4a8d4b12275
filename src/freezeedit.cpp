#include "src/freezeedit.h"

#include "engine/api/schedule.h"
#include "src/values.h"

#include <algorithm>
#include <set>

namespace app {
namespace {

using Names = std::set<std::string>;

constexpr int kCurvePoints = 240;

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

Names leavesOf(const engine::BlockInfo& block) {
    Names leaves;
    collectLeaves(block, leaves);
    return leaves;
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

void addPatterns(const Tree& tree, const Names& named, std::vector<std::string>& patterns) {
    for (const auto& block : tree) {
        const Names leaves = leavesOf(block);
        if (leaves.empty())
            continue;
        if (std::includes(named.begin(), named.end(), leaves.begin(), leaves.end()))
            patterns.push_back(block.name);
        else
            addPatterns(block.children, named, patterns);
    }
}

double factorForNew(const HandPhase& phase) {
    double least = 0;
    for (const auto& [name, factor] : phase.factors)
        if (least <= 0 || factor < least)
            least = factor;
    return least > 0 ? least : 1;
}

std::int64_t trainedParameters(const engine::BlockInfo& block, const HandPhase& phase) {
    if (block.children.empty())
        return phase.factors.contains(block.name) ? block.parameters : 0;
    std::int64_t sum = 0;
    for (const auto& child : block.children)
        sum += trainedParameters(child, phase);
    return sum;
}

// The greatest factor of a block's parts; 0: all of them are frozen.
double factorOf(const Names& leaves, const HandPhase& phase) {
    double most = 0;
    for (const auto& name : leaves)
        if (const auto found = phase.factors.find(name); found != phase.factors.end())
            most = std::max(most, found->second);
    return most;
}

const HandPhase& phaseOf(const HandPlan& plan, int epoch) {
    const HandPhase* found = &plan.front();
    for (const auto& phase : plan)
        if (phase.fromEpoch <= epoch)
            found = &phase;
    return *found;
}

// Neither trained nor frozen as a whole.
bool isPartlyTrained(const engine::BlockInfo& block, const engine::FreezeOutcome& phase) {
    const auto holds = [&block](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), block.name) != names.end();
    };
    return block.children.empty() && block.parameters > 0 && !holds(phase.trainedBlocks) && !holds(phase.frozenBlocks);
}

ui::BlockRow row(const engine::BlockInfo& block, const HandPlan& plan, int epochs, const Plan& resolved) {
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
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const auto found = plan[i].factors.find(block.name);
        if (found == plan[i].factors.end())
            continue;
        if (!made.trained)
            made.fromEpoch = plan[i].fromEpoch;
        made.trained = true;
        made.factor = found->second;
        made.untilEpoch = i + 1 < plan.size() ? plan[i + 1].fromEpoch - 1 : 0;
    }
    for (std::size_t i = 0; i < resolved.size() && !made.trained; ++i) {
        if (!isPartlyTrained(block, resolved[i]))
            continue;
        if (!made.partly)
            made.fromEpoch = resolved[i].fromEpoch;
        made.partly = true;
        made.factor = resolved[i].learningRateFactor;
        made.untilEpoch = i + 1 < resolved.size() ? resolved[i + 1].fromEpoch - 1 : 0;
    }
    if (made.untilEpoch >= epochs)
        made.untilEpoch = 0;
    for (const auto& child : block.children)
        made.children.append(row(child, plan, epochs, resolved));
    return made;
}

} // namespace

HandPlan handPlan(const Tree& tree, const Plan& plan, const std::vector<engine::FreezePhase>& phases) {
    Names all;
    for (const auto& block : tree)
        collectLeaves(block, all);
    HandPlan made;
    for (const auto& outcome : plan) {
        HandPhase phase{.fromEpoch = outcome.fromEpoch, .factors = {}, .schedule = {}};
        for (const auto& written : phases)
            if (written.fromEpoch == outcome.fromEpoch)
                phase.schedule = written.schedule;
        for (const auto& name : outcome.trainedBlocks) {
            if (!all.contains(name))
                continue;
            const auto own = outcome.factors.find(name);
            phase.factors[name] = own == outcome.factors.end() ? outcome.learningRateFactor : own->second;
        }
        made.push_back(std::move(phase));
    }
    return made;
}

engine::FreezeSettings byHand(const engine::FreezeSettings& settings, const Tree& tree, const HandPlan& plan) {
    engine::FreezeSettings made = settings;
    made.preset = "by-hand";
    made.phases.clear();
    for (const auto& phase : plan) {
        std::map<double, Names> byFactor;
        Names trained;
        for (const auto& [name, factor] : phase.factors) {
            byFactor[factor].insert(name);
            trained.insert(name);
        }
        engine::FreezePhase hand{.fromEpoch = phase.fromEpoch, .train = {}, .schedule = phase.schedule};
        hand.learningRateFactor = byFactor.empty() ? 1 : byFactor.rbegin()->first;
        addPatterns(tree, trained, hand.train);
        for (const auto& [factor, names] : byFactor) {
            if (factor == hand.learningRateFactor)
                continue;
            std::vector<std::string> patterns;
            addPatterns(tree, names, patterns);
            for (auto& pattern : patterns)
                hand.factors.push_back({std::move(pattern), factor / hand.learningRateFactor});
        }
        made.phases.push_back(std::move(hand));
    }
    return made;
}

HandPlan withBlocks(const Tree& tree, const HandPlan& plan, const QStringList& blocks, bool train) {
    Names leaves;
    for (const auto& name : blocks)
        if (const auto* block = findBlock(tree, name.toStdString()))
            collectLeaves(*block, leaves);
    HandPlan made = plan;
    for (auto& phase : made) {
        const double factor = factorForNew(phase);
        for (const auto& name : leaves)
            if (train)
                phase.factors.try_emplace(name, factor);
            else
                phase.factors.erase(name);
    }
    return made;
}

HandPlan withTimeline(const Tree& tree, const HandPlan& plan, const ui::ThawPlan& edited) {
    if (plan.empty())
        return plan;
    HandPlan made;
    for (const auto& phase : edited.phases) {
        HandPhase hand{.fromEpoch = phase.fromEpoch, .factors = {}, .schedule = phase.schedule.toStdString()};
        for (qsizetype i = 0; i < phase.cells.size() && i < qsizetype(tree.size()); ++i) {
            const double factor = phase.cells.at(i).factor;
            if (factor <= 0)
                continue;
            const Names leaves = leavesOf(tree[static_cast<std::size_t>(i)]);
            // The parts that train there now; where none does, those of the first phase in which some do.
            const HandPhase* base = &phaseOf(plan, phase.fromEpoch);
            if (factorOf(leaves, *base) <= 0)
                for (const auto& other : plan)
                    if (factorOf(leaves, other) > 0) {
                        base = &other;
                        break;
                    }
            const double before = factorOf(leaves, *base);
            for (const auto& name : leaves) {
                const auto own = base->factors.find(name);
                if (before <= 0)
                    hand.factors[name] = factor;
                else if (own != base->factors.end())
                    hand.factors[name] = own->second == before ? factor : own->second * factor / before;
            }
        }
        made.push_back(std::move(hand));
    }
    return made;
}

HandPlan joinedPlan(const HandPlan& past, const HandPlan& wanted, int fromEpoch) {
    HandPlan made;
    for (const auto& phase : past)
        if (phase.fromEpoch < fromEpoch)
            made.push_back(phase);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i + 1 < wanted.size() && wanted[i + 1].fromEpoch <= fromEpoch)
            continue; // over before that
        HandPhase phase = wanted[i];
        const bool goesOn = phase.fromEpoch <= fromEpoch;
        phase.fromEpoch = std::max(phase.fromEpoch, fromEpoch);
        const bool same =
            goesOn && !made.empty() && made.back().factors == phase.factors && made.back().schedule == phase.schedule;
        if (!same)
            made.push_back(std::move(phase));
    }
    return made;
}

QList<ui::BlockRow> blockRows(const Tree& tree, const HandPlan& plan, int epochs, const Plan& resolved) {
    QList<ui::BlockRow> rows;
    for (const auto& block : tree)
        rows.append(row(block, plan, epochs, resolved));
    return rows;
}

ui::ThawPlan thawPlan(const Tree& tree, const HandPlan& plan, int epochs) {
    ui::ThawPlan made;
    made.epochs = std::max(1, epochs);
    for (const auto& block : tree)
        made.blocks.append({words(block.name), block.parameters, block.head});
    for (const auto& phase : plan) {
        ui::ThawPhase shown{.fromEpoch = phase.fromEpoch, .cells = {}, .schedule = words(phase.schedule)};
        for (const auto& block : tree) {
            const Names leaves = leavesOf(block);
            const bool whole = !leaves.empty() && std::all_of(leaves.begin(), leaves.end(), [&](const auto& name) {
                return phase.factors.contains(name);
            });
            shown.cells.append({factorOf(leaves, phase), whole ? block.parameters : trainedParameters(block, phase)});
        }
        made.phases.append(std::move(shown));
    }
    return made;
}

QList<QPointF> scheduleCurve(const engine::TrainSettings& train, const HandPlan& plan, std::int64_t stepsPerEpoch) {
    const std::int64_t perEpoch = std::max<std::int64_t>(1, stepsPerEpoch);
    const int epochs = std::max(1, train.epochs);
    QList<QPointF> points;
    const HandPlan phases = plan.empty() ? HandPlan{HandPhase{}} : plan;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const int from = phases[i].fromEpoch - 1;
        const int to = i + 1 < phases.size() ? std::min(phases[i + 1].fromEpoch - 1, epochs) : epochs;
        const engine::PhaseSchedule span{from + 1, to, phases[i].schedule};
        const int count = std::max(2, kCurvePoints * (to - from) / epochs);
        for (int point = 0; point <= count && to > from; ++point) {
            const double epoch = from + (to - from) * static_cast<double>(point) / count;
            const auto step = std::clamp(static_cast<std::int64_t>(epoch * static_cast<double>(perEpoch)),
                                         from * perEpoch, to * perEpoch - 1);
            points.append({epoch, engine::learningRateShare(train, span, step, perEpoch)});
        }
    }
    return points;
}

} // namespace app
