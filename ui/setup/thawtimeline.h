#pragma once

#include "ui/setup/thawpainter.h"

#include <QWidget>

namespace ui {

// The thaw timeline: blocks × epochs. Edges of bars are dragged to thaw earlier or later (Shift: the whole phase), tops
// to change the learning-rate factor; all snaps to whole epochs. Keys: Left and Right move the chosen edge by 1 epoch,
// Page keys by 5, Shift moves its phase; Up and Down choose another edge, + and − change the factor, Space locks or
// thaws the block, Delete takes the phase away. While a run goes on its past cannot be edited.
class ThawTimeline final : public QWidget {
    Q_OBJECT
public:
    explicit ThawTimeline(QWidget* parent = nullptr);
    // Ends a drag where the plan is another one; it goes on where only more of it has been trained.
    void setPlan(const ThawPlan& plan);
    void setSchedule(const QList<QPointF>& schedule);
    void setNow(double epochs); // NaN: not running
    [[nodiscard]] const ThawPlan& plan() const { return m_plan; }
    [[nodiscard]] std::optional<ThawEdge> chosen() const { return m_chosen; }
    void choose(const ThawEdge& edge);
    [[nodiscard]] QPoint edgePoint(const ThawEdge& edge) const; // where it can be taken
    [[nodiscard]] QPoint topPoint(int block, int phase) const;
    [[nodiscard]] int xOfEpoch(int epoch) const; // where its edge is
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    // By the person. Edits with the same gesture belong together: keys pressed one after another at one edge.
    void edited(const ui::ThawPlan& plan, int gesture);
    void blocksToggled(const QStringList& blocks, bool train);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    enum class Drag { None, Edge, Phase, Factor };
    [[nodiscard]] ThawGeometry geometryNow() const;
    [[nodiscard]] ThawGeometry geometryOf(const ThawPlan& plan) const;
    void dragTo(QPoint position, Qt::KeyboardModifiers keys);
    void setFixedEpochs(int epochs);
    void endDrag();
    void hover(QPoint position);
    void showChosen();
    void moveChosen(int epochs, Qt::KeyboardModifiers keys);
    void chooseNext(int rows);
    void changeFactor(int steps);
    void toggleBlock(int block);
    void commit(const ThawPlan& plan);
    void say();
    ThawPlan m_plan;
    ThawPlan m_before; // at the begin of a drag
    ThawView m_view;
    Drag m_drag = Drag::None;
    ThawEdge m_edge; // that is dragged, as it was
    int m_phase = -1;
    ThawGeometry::Top m_top{0, 0};
    QPoint m_dragAt;
    Qt::KeyboardModifiers m_dragKeys;
    std::optional<ThawEdge> m_chosen;
    int m_gesture = 0;
};

} // namespace ui
