#pragma once

#include <QWidget>

namespace ui {

// The run's colour beside its name.
class Swatch final : public QWidget {
public:
    Swatch() { setFixedSize(12, 12); }
    void setColour(int number);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_number = 1;
};

} // namespace ui
