#pragma once

#include "ui/theme.h"

#include <QList>
#include <QWidget>

namespace ui {

// A bar of parts of a whole: memory, shares, time by part.
class Meter final : public QWidget {
    Q_OBJECT
public:
    struct Part {
        double amount = 0;
        QColor color; // resolved at paint time where `role` is given instead
        Role role = Role::Accent;
        QString name; // shown in the legend and the tooltip
    };
    explicit Meter(int height = 8, QWidget* parent = nullptr);
    void setValue(double fraction, Role role = Role::Accent);
    // total ≤ 0: the sum of the parts
    void setParts(const QList<Part>& parts, double total = 0);
    void setSquare(); // no rounded ends
    [[nodiscard]] QSize sizeHint() const override { return {120, m_height}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {24, m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_height;
    bool m_square = false;
    QList<Part> m_parts;
    double m_total = 1;
};

} // namespace ui
