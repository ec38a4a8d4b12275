#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractScrollArea>

namespace ui {

// Classes with their training and validation pictures, scaled to the largest; the total stays below.
class ClassTable final : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit ClassTable(QWidget* parent = nullptr);
    // `train`, `validation`: in all, where a picture may be of several classes.
    void setClasses(const QList<ClassRow>& classes, qint64 train, qint64 validation);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    [[nodiscard]] QRect rowsBox() const;
    void paintNumbers(QPainter& painter, const QRect& row, const QString& train, const QString& validation) const;
    QList<ClassRow> m_classes;
    qint64 m_train = 0;
    qint64 m_validation = 0;
    qint64 m_largest = 0;
    int m_widestName = 0;
};

} // namespace ui
