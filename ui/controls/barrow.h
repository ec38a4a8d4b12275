#pragma once

#include "ui/theme.h"

#include <QWidget>

namespace ui {

// Label, bar, value on one line (classes, phases), or the label and value above a full-width bar (predictions).
class BarRow final : public QWidget {
    Q_OBJECT
public:
    enum class Shape { Line, Stacked };
    explicit BarRow(Shape shape = Shape::Line, QWidget* parent = nullptr);
    void setRow(const QString& label, double fraction, const QString& value);
    void setRoles(Role bar, Role track);
    void setEmphasis(bool emphasised); // label and value 600
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Shape m_shape;
    QString m_label;
    QString m_value;
    double m_fraction = 0;
    Role m_bar = Role::Accent;
    Role m_track = Role::Sunken;
    bool m_emphasis = false;
};

} // namespace ui
