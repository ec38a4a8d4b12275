#pragma once

#include "ui/live/livedata.h"

#include <QWidget>

namespace ui {

// The progress of a run, split by phase, with the words of each phase below its part.
class PhaseProgress final : public QWidget {
    Q_OBJECT
public:
    explicit PhaseProgress(QWidget* parent = nullptr);
    void setProgress(const LiveHeader& header);
    [[nodiscard]] QSize sizeHint() const override { return {300, 33}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 33}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    LiveHeader m_header;
};

} // namespace ui
