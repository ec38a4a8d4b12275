#pragma once

#include "ui/charts/heatmap.h"
#include "ui/live/livedata.h"
#include "ui/setup/thawplan.h"

#include <QPointF>
#include <QWidget>

namespace ui {

class Card;
class Label;
class SegmentedControl;
class ThawTimeline;

enum class Insight { UpdateRatio, GradientNorm, Distance };

[[nodiscard]] QString insightName(Insight insight);
[[nodiscard]] HeatData heatOf(const LiveCurves& curves, Insight insight);

// Live's view of the blocks: which of them learn, as a heat map over time, and the plan by which they thaw. What has
// not been trained yet can still be changed.
class BlocksView final : public QWidget {
    Q_OBJECT
public:
    explicit BlocksView(QWidget* parent = nullptr);
    void setCurves(const LiveCurves& curves);
    void setRunning(bool running);
    void setThaw(const ThawPlan& plan, const QList<QPointF>& schedule);

Q_SIGNALS:
    void thawEdited(const ui::ThawPlan& plan, int gesture); // as ThawTimeline::edited()

private:
    void refresh();
    void refreshTimeline();
    void turn(const QStringList& blocks, bool train);
    LiveCurves m_curves;
    bool m_running = false;
    Insight m_insight = Insight::UpdateRatio;
    Card* m_heatCard;
    SegmentedControl* m_choice;
    Label* m_nothing;
    HeatMap* m_heat;
    Card* m_thawCard;
    ThawTimeline* m_timeline;
};

} // namespace ui
