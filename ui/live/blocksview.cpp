#include "ui/live/blocksview.h"

#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/thawtimeline.h"

#include <QVBoxLayout>

#include <cmath>

namespace ui {

QString insightName(Insight insight) {
    switch (insight) {
    case Insight::UpdateRatio:
        return BlocksView::tr("Update-to-weight ratio");
    case Insight::GradientNorm:
        return BlocksView::tr("Gradient norm");
    case Insight::Distance:
        break;
    }
    return BlocksView::tr("Distance from the pretrained weights");
}

HeatData heatOf(const LiveCurves& curves, Insight insight) {
    HeatData data;
    for (const auto& block : curves.blocks) {
        const Curve& curve = insight == Insight::UpdateRatio    ? block.updateRatio
                             : insight == Insight::GradientNorm ? block.gradientNorm
                                                                : block.distance;
        data.rows.append({block.name, curve.step, curve.value, block.trained});
    }
    data.steps = curves.steps;
    data.now = curves.step;
    data.stepsPerEpoch = curves.stepsPerEpoch;
    return data;
}

BlocksView::BlocksView(QWidget* parent)
    : QWidget(parent),
      m_heatCard(new Card(tr("Which blocks are learning"), {}, Card::Style::Chart)),
      m_choice(new SegmentedControl({tr("Update ratio"), tr("Gradient norm"), tr("Distance")})),
      m_nothing(new Label(tr("Nothing has been measured yet."), FontRole::Label, Role::Muted)),
      m_heat(new HeatMap(HeatMap::Size::Page)),
      m_thawCard(new Card(tr("Thaw timeline"), {}, Card::Style::Chart)),
      m_timeline(new ThawTimeline) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    m_choice->setObjectName(QStringLiteral("insight"));
    m_choice->setAccessibleName(tr("What is measured"));
    m_choice->setTips({tr("How much a step changes the weights, as a share of them: 1e-3 is usual"),
                       tr("How steep the loss is for the weights of a block"),
                       tr("How far the weights have gone from the pretrained ones")});
    m_choice->setCurrent(0);
    m_heat->setObjectName(QStringLiteral("heatMap"));
    m_timeline->setObjectName(QStringLiteral("runTimeline"));
    m_heatCard->addHeaderWidget(m_choice);
    m_heatCard->bodyLayout()->addWidget(m_nothing);
    m_heatCard->bodyLayout()->addWidget(m_heat, 1);
    m_thawCard->bodyLayout()->addWidget(m_timeline);
    all->addWidget(m_heatCard, 1);
    all->addWidget(m_thawCard);
    connect(m_choice, &SegmentedControl::chosen, this, [this](int index) {
        m_insight = static_cast<Insight>(index);
        refresh();
    });
    connect(m_timeline, &ThawTimeline::edited, this, &BlocksView::thawEdited);
    connect(m_timeline, &ThawTimeline::blocksToggled, this, &BlocksView::turn);
}

// A lock in the timeline turns a block from the next epoch on.
void BlocksView::turn(const QStringList& blocks, bool train) {
    const ThawPlan& plan = m_timeline->plan();
    ThawPlan turned = plan;
    for (int block = 0; block < plan.blocks.size(); ++block)
        if (blocks.contains(plan.blocks.at(block).name))
            turned = train ? withEdgeMoved(turned, {block, plan.epochs + 1, true}, plan.fixedEpochs + 1)
                           : withFrozenFrom(turned, block, plan.fixedEpochs + 1);
    if (turned != plan)
        Q_EMIT thawEdited(turned, -1);
}

void BlocksView::setCurves(const LiveCurves& curves) {
    m_curves = curves;
    refresh();
}

void BlocksView::setRunning(bool running) {
    m_running = running;
    refreshTimeline();
}

void BlocksView::refresh() {
    HeatData heat = heatOf(m_curves, m_insight);
    heat.running = m_running;
    m_heatCard->setSummary(insightName(m_insight));
    m_heat->setUnit(insightName(m_insight));
    m_nothing->setVisible(heat.rows.isEmpty());
    m_heat->setVisible(!heat.rows.isEmpty());
    m_heat->setData(heat);
    refreshTimeline();
}

void BlocksView::refreshTimeline() {
    const bool epochs = m_running && m_curves.stepsPerEpoch > 0;
    m_timeline->setNow(epochs ? m_curves.step / m_curves.stepsPerEpoch : std::nan(""));
    const bool open = m_running && m_timeline->plan().fixedEpochs < m_timeline->plan().epochs;
    m_timeline->setEnabled(open);
    m_thawCard->setSummary(open ? tr("What is not trained yet can still be changed.") : QString());
}

void BlocksView::setThaw(const ThawPlan& plan, const QList<QPointF>& schedule) {
    m_thawCard->setVisible(!plan.phases.isEmpty());
    m_timeline->setSchedule(schedule);
    m_timeline->setPlan(plan);
    refreshTimeline();
}

} // namespace ui
