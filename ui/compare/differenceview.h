#pragma once

#include "ui/compare/comparedata.h"

#include <QWidget>

namespace ui {

// Only the settings in which the ticked runs differ: a row a setting, a column a run under a line of its colour. Where
// it is scrolled, settings and names of the runs stay.
class DifferenceView final : public QWidget {
    Q_OBJECT
public:
    explicit DifferenceView(QWidget* parent = nullptr);
    void setDifferences(const Differences& differences);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QString wordsAt(QPoint position) const; // whole, what a place shows; empty: nothing

protected:
    void paintEvent(QPaintEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int columnWidth() const;
    [[nodiscard]] int settingsWidth() const;
    void paintRow(QPainter& painter, int row) const;
    void paintHeads(QPainter& painter, int top) const;
    void paintSettings(QPainter& painter, QPoint corner) const;
    Differences m_differences;
    QStringList m_names; // of the runs, without what all share
};

} // namespace ui
