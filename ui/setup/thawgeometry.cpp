#include "ui/setup/thawgeometry.h"

#include "ui/theme.h"

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kHeadGap = 8;
constexpr int kReachX = 5; // how near the mouse must be
constexpr int kReachY = 3;
constexpr int kRemoverSide = 14;
constexpr int kRemoverFrom = 76; // narrower heads go without the cross

} // namespace

ThawGeometry::ThawGeometry(const ThawPlan& plan, int width, int nameWidth, int endRoom) : m_plan(plan) {
    m_plot = QRect(nameWidth, kHeadHeight + kHeadGap, std::max(40, width - nameWidth - endRoom),
                   static_cast<int>(plan.blocks.size()) * metric::kTimelineRow);
}

int ThawGeometry::heightFor(const ThawPlan& plan) {
    return kHeadHeight + kHeadGap + static_cast<int>(plan.blocks.size()) * metric::kTimelineRow + kAxisHeight;
}

QRect ThawGeometry::head(int phase) const {
    const int from = qRound(xOfEdge(m_plan.phases.at(phase).fromEpoch));
    const int to = qRound(xOf(lastEpoch(m_plan, phase)));
    return {from, 0, std::max(0, to - from - (phase + 1 < m_plan.phases.size() ? 1 : 0)), kHeadHeight};
}

QRect ThawGeometry::remover(int phase) const {
    const QRect box = head(phase);
    if (phase == 0 || box.width() < kRemoverFrom || m_plan.phases.at(phase).fromEpoch <= m_plan.fixedEpochs)
        return {};
    return {box.right() - kRemoverSide - 5, box.top() + 4, kRemoverSide, kRemoverSide};
}

QRect ThawGeometry::row(int block) const {
    return {0, m_plot.top() + block * metric::kTimelineRow, m_plot.right() + 1, metric::kTimelineRow};
}

QRect ThawGeometry::bar(int block) const {
    return {m_plot.left(), m_plot.top() + block * metric::kTimelineRow, m_plot.width(), kBarHeight};
}

QRect ThawGeometry::segment(int block, int phase) const {
    const QRect all = bar(block);
    const int from = qRound(xOfEdge(m_plan.phases.at(phase).fromEpoch));
    const int to = qRound(xOf(lastEpoch(m_plan, phase)));
    return {from, all.top(), to - from, all.height()};
}

double ThawGeometry::xOf(double epochs) const {
    return m_plot.left() + std::clamp(epochs / std::max(1, m_plan.epochs), 0.0, 1.0) * m_plot.width();
}

int ThawGeometry::edgeAt(int x) const {
    const double share = (x - m_plot.left()) / std::max(1.0, static_cast<double>(m_plot.width()));
    return std::clamp(static_cast<int>(std::lround(share * m_plan.epochs)), 0, m_plan.epochs) + 1;
}

double ThawGeometry::height(double factor) { return std::sqrt(std::clamp(factor, 0.0, 1.0)) * kBarHeight; }

std::optional<ThawEdge> ThawGeometry::hitEdge(QPoint position) const {
    std::optional<ThawEdge> nearest;
    double best = kReachX + 1;
    for (const auto& edge : thawEdges(m_plan)) {
        const double away = std::abs(xOfEdge(edge.epoch) - position.x());
        if (away >= best || !bar(edge.block).adjusted(-kReachX, -1, kReachX, 2).contains(position))
            continue;
        const auto [least, most] = edgeRange(m_plan, edge);
        if (least == most)
            continue;
        nearest = edge;
        best = away;
    }
    return nearest;
}

int ThawGeometry::hitPhase(QPoint position) const {
    if (position.y() < 0 || position.y() > kHeadHeight + kHeadGap)
        return -1;
    for (int phase = 1; phase < m_plan.phases.size(); ++phase) {
        const auto [least, most] = phaseRange(m_plan, phase);
        if (least < most && std::abs(xOfEdge(m_plan.phases.at(phase).fromEpoch) - position.x()) <= kReachX)
            return phase;
    }
    return -1;
}

int ThawGeometry::hitRemover(QPoint position) const {
    for (int phase = 1; phase < m_plan.phases.size(); ++phase)
        if (remover(phase).adjusted(-3, -3, 3, 3).contains(position) && !remover(phase).isEmpty())
            return phase;
    return -1;
}

int ThawGeometry::hitLock(QPoint position) const {
    if (position.x() < 0 || position.x() > 18 || position.y() < m_plot.top() || position.y() > m_plot.bottom())
        return -1;
    return (position.y() - m_plot.top()) / metric::kTimelineRow;
}

std::optional<ThawGeometry::Top> ThawGeometry::hitTop(QPoint position) const {
    for (int block = 0; block < m_plan.blocks.size(); ++block)
        for (int phase = 0; phase < m_plan.phases.size(); ++phase) {
            const ThawCell cell = m_plan.phases.at(phase).cells.value(block);
            if (!cell.trained() || lastEpoch(m_plan, phase) <= m_plan.fixedEpochs)
                continue;
            const QRect box = segment(block, phase);
            const double top = box.bottom() + 1 - height(cell.factor);
            if (position.x() >= box.left() && position.x() <= box.right() && std::abs(position.y() - top) <= kReachY)
                return Top{block, phase};
        }
    return std::nullopt;
}

} // namespace ui
