#pragma once

#include <QList>
#include <QPointF>
#include <QWidget>

namespace ui {

// The learning rate over the epochs, as it was and as it goes on: a small picture beside a choice.
class ScheduleSketch final : public QWidget {
    Q_OBJECT
public:
    // Epochs gone by → learning rate; `before` ends where `after` begins.
    struct Curves {
        QList<QPointF> before;
        QList<QPointF> after;
        bool operator==(const Curves&) const = default;
    };
    explicit ScheduleSketch(QWidget* parent = nullptr);
    void setCurves(const Curves& curves);
    [[nodiscard]] const Curves& curves() const { return m_curves; }
    [[nodiscard]] QSize sizeHint() const override { return {440, 150}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] QPointF place(const QPointF& value) const;
    void paintAxes(QPainter& painter) const;
    Curves m_curves;
    double m_mostRate = 0;
    double m_mostEpoch = 0;
};

} // namespace ui
