#pragma once

#include "ui/compare/comparedata.h"

#include <QWidget>

namespace ui {

// Only the settings in which the ticked runs differ: a row a setting, a column a run under a line of its colour.
class DifferenceView final : public QWidget {
    Q_OBJECT
public:
    explicit DifferenceView(QWidget* parent = nullptr);
    void setDifferences(const Differences& differences);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 80}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int columnWidth() const;
    Differences m_differences;
};

} // namespace ui
