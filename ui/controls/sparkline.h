#pragma once

#include <QList>
#include <QWidget>

namespace ui {

// The last minute of a use, as a 1 px line over a tint; values 0 to 1, newest last, NaN leaves a gap.
// The same inside any painter (the strip draws itself).
void drawSparkline(QPainter& painter, const QRect& box, const QList<float>& values);

class Sparkline final : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setValues(const QList<float>& values);
    [[nodiscard]] QSize sizeHint() const override { return {66, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<float> m_values;
};

} // namespace ui
