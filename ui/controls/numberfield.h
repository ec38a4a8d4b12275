#pragma once

#include <QLineEdit>

namespace ui {

// A plain field for rates: accepts 3e-4, 0.0003, and "÷ 2" or "× 2" of what is there. Shows 1e-3 style.
class NumberField final : public QLineEdit {
    Q_OBJECT
public:
    explicit NumberField(QWidget* parent = nullptr);
    [[nodiscard]] double value() const { return m_value; }
    void setValue(double value); // does not emit edited()
    void setRange(double minimum, double maximum);
    void setUnit(const QString& unit); // inside, at the right, muted

Q_SIGNALS:
    void edited(double value); // Return, Tab or focus left, and the number changed

protected:
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void commit();
    void show(double value);
    double m_value = 0;
    double m_minimum;
    double m_maximum;
    QString m_unit;
};

} // namespace ui
