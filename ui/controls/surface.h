#pragma once

#include <QWidget>

class QVBoxLayout;

namespace ui {

// The ground of a card, without a header.
class Surface final : public QWidget {
    Q_OBJECT
public:
    explicit Surface(int padding, QWidget* parent = nullptr);
    [[nodiscard]] QVBoxLayout* box() const { return m_box; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* m_box;
};

} // namespace ui
