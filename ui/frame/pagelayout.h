#pragma once

#include "ui/theme.h"

#include <QWidget>

class QScrollArea;
class QSplitter;
class QVBoxLayout;

namespace ui {

// A page: content at the left that scrolls, a panel at the right whose foot never scrolls. As the window gets narrower
// than 1360 the panel shrinks to 296, below 1120 it disappears and its foot becomes one line above the content.
class PageLayout final : public QWidget {
    Q_OBJECT
public:
    // panel and foot may be null. panelWidth: at 1360 and more. The page takes all of them.
    PageLayout(QWidget* content, QWidget* panel, QWidget* foot, int panelWidth, QWidget* parent = nullptr);
    [[nodiscard]] QScrollArea* contentArea() const { return m_contentArea; }

Q_SIGNALS:
    void compactChanged(bool compact); // the panel is away, its foot above the page

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void arrange();
    QWidget* m_foot;
    int m_panelWidth;
    QScrollArea* m_contentArea;
    QWidget* m_panelSide = nullptr;
    QVBoxLayout* m_panelLayout = nullptr;
    QWidget* m_compactLine;
    bool m_compact = false;
};

// A vertical box for panels: padding 16, gap 12.
[[nodiscard]] QVBoxLayout* panelBox(QWidget* panel);

} // namespace ui
