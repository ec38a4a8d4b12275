#pragma once

#include "ui/mistakes/mistakedata.h"

#include <QWidget>

namespace ui {

// One or two confusion matrices side by side, or what the second has more than the first: rows true, columns predicted.
// A click or Return opens a cell; arrows go from cell to cell.
class ConfusionView final : public QWidget {
    Q_OBJECT
public:
    enum class Show { Counts, Difference };
    static constexpr int kMostClasses = 60; // of a matrix whose cells can still be seen
    explicit ConfusionView(QWidget* parent = nullptr);
    void setMatrices(const QList<ConfusionMatrix>& matrices, Show show); // at most 2; of a difference exactly 2
    [[nodiscard]] QRect cellRect(int matrix, int truth, int predicted) const;
    [[nodiscard]] QString wordsAt(QPoint position) const; // what the tooltip says; empty: no cell
    [[nodiscard]] bool numbersShown() const;
    [[nodiscard]] QSize sizeHint() const override { return {340, 240}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 160}; }

Q_SIGNALS:
    void cellActivated(int matrix, int truth, int predicted); // of a difference: in the second

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Place {
        int matrix = -1;
        int truth = 0;
        int predicted = 0;
        bool operator==(const Place&) const = default;
    };
    [[nodiscard]] Place placeAt(QPoint position) const;
    [[nodiscard]] int shownMatrices() const {
        return m_show == Show::Difference ? 1 : static_cast<int>(m_matrices.size());
    }
    [[nodiscard]] int classes() const;
    [[nodiscard]] int nameWidth() const;  // of the row names
    [[nodiscard]] int nameHeight() const; // of the column names, which stand upright
    [[nodiscard]] double side() const;    // of a cell
    [[nodiscard]] int left(int matrix) const;
    [[nodiscard]] int top() const;
    [[nodiscard]] int valueAt(const Place& place) const;
    [[nodiscard]] int rowSum(const Place& place) const;
    [[nodiscard]] QString words(const Place& place) const;
    void choose(const Place& place);
    void activate(const Place& place);
    void paintMatrix(QPainter& painter, int matrix) const;
    void paintHead(QPainter& painter, int matrix) const;
    void paintNames(QPainter& painter, int matrix) const;
    void paintCell(QPainter& painter, const Place& place) const;
    QList<ConfusionMatrix> m_matrices;
    Show m_show = Show::Counts;
    int m_most = 0; // of all counts
    Place m_chosen; // by mouse or arrows
};

// The commonest confusions, the commonest first: "bees → bumblebees, 6 of 51".
struct Confusion {
    int truth = 0;
    int predicted = 0;
    int count = 0;
    int of = 0;
    QString words;
};
[[nodiscard]] QList<Confusion> commonestConfusions(const ConfusionMatrix& matrix, qsizetype most);

} // namespace ui
