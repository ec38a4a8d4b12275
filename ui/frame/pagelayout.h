#pragma once

#include "ui/theme.h"

#include <QWidget>

class QScrollArea;
class QSplitter;
class QVBoxLayout;

namespace ui {

class IconButton;

// A page: content at the left that scrolls, a panel at the right whose foot never scrolls. As the window gets narrower
// than 1360 the panel shrinks to 296, below 1120 its foot becomes one line above the content and the panel lies over
// the content while panelButton() is down.
class PageLayout final : public QWidget {
    Q_OBJECT
public:
    // panel and foot may be null. panelWidth: at 1360 and more. The page takes all of them.
    PageLayout(QWidget* content, QWidget* panel, QWidget* foot, int panelWidth, QWidget* parent = nullptr);
    [[nodiscard]] QScrollArea* contentArea() const { return m_contentArea; }
    // Shows and hides the panel where there is no room beside the content, and is hidden elsewhere. `tip`: what the
    // panel holds. The caller places it in a layout.
    [[nodiscard]] IconButton* panelButton(const QString& tip);

Q_SIGNALS:
    void compactChanged(bool compact); // there is no room for the panel, its foot is above the page

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void arrange();
    void lay();
    QWidget* m_foot;
    int m_panelWidth;
    QScrollArea* m_contentArea;
    QWidget* m_panelSide = nullptr;
    QVBoxLayout* m_panelLayout = nullptr;
    QWidget* m_compactLine;
    IconButton* m_panelButton = nullptr;
    QWidget* m_panelHead = nullptr; // of the panel that lies over the content
    bool m_compact = false;
};

// A vertical box for panels: padding 16, gap 12.
[[nodiscard]] QVBoxLayout* panelBox(QWidget* panel);

} // namespace ui
