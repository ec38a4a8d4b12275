#pragma once

#include <QList>
#include <QWidget>

class QGridLayout;

namespace ui {

// Fields side by side in columns of one width; half as many columns where it is narrow.
class FieldGrid final : public QWidget {
    Q_OBJECT
public:
    explicit FieldGrid(int columns, QWidget* parent = nullptr);
    void add(QWidget* field, int span = 1); // null is nothing
    [[nodiscard]] bool isEmpty() const { return m_cells.isEmpty(); }
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void place();
    struct Cell {
        QWidget* widget;
        int span;
    };
    QGridLayout* m_grid;
    QList<Cell> m_cells;
    int m_most;
    int m_columns;
};

} // namespace ui
