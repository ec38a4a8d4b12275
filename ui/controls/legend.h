#pragma once

#include "ui/controls/meter.h"

namespace ui {

// What the parts of a meter are: a square in the part's colour and its name, 11 px, on one line.
class Legend final : public QWidget {
    Q_OBJECT
public:
    explicit Legend(QWidget* parent = nullptr);
    void setParts(const QList<Meter::Part>& parts);
    [[nodiscard]] QSize sizeHint() const override { return {120, kRow}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {24, kRow}; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    static constexpr int kRow = 16;
    [[nodiscard]] QList<QRect> boxes(int width) const; // of each part
    QList<Meter::Part> m_parts;
};

} // namespace ui
