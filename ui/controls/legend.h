#pragma once

#include "ui/controls/meter.h"

namespace ui {

// What the parts of a meter are: a square in the part's colour and its name, 11 px, on one line.
class Legend final : public QWidget {
    Q_OBJECT
public:
    explicit Legend(QWidget* parent = nullptr);
    void setParts(const QList<Meter::Part>& parts);
    [[nodiscard]] QSize sizeHint() const override { return {120, 16}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {24, 16}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Meter::Part> m_parts;
};

} // namespace ui
