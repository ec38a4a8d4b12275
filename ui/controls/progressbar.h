#pragma once

#include "ui/theme.h"

#include <QBasicTimer>
#include <QWidget>

namespace ui {

// Progress, or a moving bar while the amount is unknown.
class ProgressBar final : public QWidget {
    Q_OBJECT
public:
    explicit ProgressBar(int height = 6, QWidget* parent = nullptr);
    void setFraction(double fraction); // 0 to 1; NaN: unknown, the bar moves
    [[nodiscard]] QSize sizeHint() const override { return {200, m_height}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {40, m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void timerEvent(QTimerEvent* event) override;

private:
    int m_height;
    double m_fraction = 0;
    QBasicTimer m_timer;
    int m_tick = 0;
};

} // namespace ui
