#pragma once

#include "ui/setup/thawplan.h"

#include <QWidget>

namespace ui {

// The timeline at a glance: a thin line a block, ice and warm, and the epochs it spans.
class ThawSketch final : public QWidget {
    Q_OBJECT
public:
    explicit ThawSketch(QWidget* parent = nullptr);
    void setPlan(const ThawPlan& plan);
    [[nodiscard]] QSize sizeHint() const override { return {212, 58}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {100, 58}; } // both epochs can be read

Q_SIGNALS:
    void clicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    ThawPlan m_plan;
};

} // namespace ui
