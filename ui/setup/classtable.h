#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractScrollArea>

namespace ui {

// Classes with their training and validation pictures, scaled to the largest; the total stays below. A click, or Return
// on the row that Up and Down have come to, opens a class.
class ClassTable final : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit ClassTable(QWidget* parent = nullptr);
    // `train`, `validation`: in all, where a picture may be of several classes.
    void setClasses(const QList<ClassRow>& classes, qint64 train, qint64 validation);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void opened(int index); // of the classes: its pictures are to be seen

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    [[nodiscard]] QRect rowsBox() const;
    [[nodiscard]] int rowAt(const QPoint& point) const; // -1: none that is a class
    [[nodiscard]] bool weighed() const;
    void setCurrent(int row);
    void setHovered(int row);
    void paintNumbers(QPainter& painter, const QRect& row, const QString& train, const QString& validation) const;
    QList<ClassRow> m_classes;
    qint64 m_train = 0;
    qint64 m_validation = 0;
    qint64 m_largest = 0;
    int m_widestName = 0;
    int m_current = 0; // by keys
    int m_hovered = -1;
};

} // namespace ui
