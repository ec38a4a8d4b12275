#pragma once

#include <QWidget>

class QVBoxLayout;

namespace ui {

// The dashed ground that says: drop it here. What is dropped is the page's affair; setHot() while it hovers.
class DropField final : public QWidget {
    Q_OBJECT
public:
    explicit DropField(QWidget* parent = nullptr);
    [[nodiscard]] QVBoxLayout* box() const { return m_box; }
    void setHot(bool hot);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* m_box;
    bool m_hot = false;
};

} // namespace ui
