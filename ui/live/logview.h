#pragma once

#include "ui/live/livedata.h"

#include <QWidget>

namespace ui {

// The newest lines of a run's log: time, kind, text. As many as fit.
class LogView final : public QWidget {
    Q_OBJECT
public:
    explicit LogView(QWidget* parent = nullptr);
    void setLines(const QList<LogLine>& newestFirst);
    [[nodiscard]] QSize sizeHint() const override { return {300, 92}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 54}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<LogLine> m_lines;
};

} // namespace ui
