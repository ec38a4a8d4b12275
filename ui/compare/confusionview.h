#pragma once

#include "ui/compare/comparedata.h"

#include <QWidget>

namespace ui {

// One or two confusion matrices side by side: rows true, columns predicted, count and share of the row.
class ConfusionView final : public QWidget {
    Q_OBJECT
public:
    explicit ConfusionView(QWidget* parent = nullptr);
    void setMatrices(const QList<ConfusionMatrix>& matrices);
    [[nodiscard]] QSize sizeHint() const override { return {340, 200}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 140}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void paintMatrix(QPainter& painter, const QRect& area, const ConfusionMatrix& matrix, bool rowNames) const;
    struct Cell {
        QRect rect;
        QString tip;
    };
    QList<ConfusionMatrix> m_matrices;
    mutable QList<Cell> m_cells; // of the last painting, for tooltips
};

} // namespace ui
