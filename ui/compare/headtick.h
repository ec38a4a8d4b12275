#pragma once

#include <QAbstractButton>

namespace ui {

// The box in the head of a table that ticks all rows: none, some or all of them are ticked.
class HeadTick final : public QAbstractButton {
    Q_OBJECT
public:
    explicit HeadTick(QWidget* parent);
    void setTicks(int ticked, int of);
    [[nodiscard]] Qt::CheckState state() const { return m_state; }
    [[nodiscard]] QSize sizeHint() const override { return {18, 18}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::CheckState m_state = Qt::Unchecked;
};

} // namespace ui
