#pragma once

#include "ui/controls/toast.h"
#include "ui/frame/devicestrip.h"
#include "ui/frame/mode.h"
#include "ui/frame/modebar.h"
#include "ui/frame/runlistview.h"
#include "ui/frame/shortcutsheet.h"
#include "ui/frame/topbar.h"

#include <QMainWindow>

class QStackedWidget;
class QSplitter;

namespace ui {

// The window: top bar, mode bar, run list, the page of the mode, device strip, toasts; and the keys that work
// everywhere.
class MainFrame final : public QMainWindow {
    Q_OBJECT
public:
    explicit MainFrame(QWidget* parent = nullptr);

    void setPage(Mode mode, QWidget* page); // takes it; once for each mode
    void setMode(Mode mode);
    [[nodiscard]] Mode mode() const { return m_modeBar->mode(); }

    [[nodiscard]] TopBar& topBar() { return *m_topBar; }
    [[nodiscard]] ModeBar& modeBar() { return *m_modeBar; }
    [[nodiscard]] RunListView& runList() { return *m_runList; }
    [[nodiscard]] DeviceStrip& strip() { return *m_strip; }
    [[nodiscard]] ToastHost& toasts() { return *m_toasts; }

    void setMoreShortcuts(const QList<ShortcutLine>& lines) { m_moreShortcuts = lines; }
    // Size, mode, run list width: what the program keeps between starts.
    [[nodiscard]] QByteArray saveLayout() const;
    void restoreLayout(const QByteArray& layout);

Q_SIGNALS:
    void modeChanged(ui::Mode mode);
    void trainRequested(); // button or Ctrl Return
    void pauseRequested();
    void stopRequested();             // button or Ctrl .
    void freezeViewRequested();       // Ctrl Space
    void closing(QCloseEvent* event); // ignore() it to stay open

protected:
    void resizeEvent(QResizeEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addKeys();
    void arrange();
    void toggleRunList();
    void focusNextPart();
    void openShortcuts();
    TopBar* m_topBar;
    ModeBar* m_modeBar;
    RunListView* m_runList;
    QSplitter* m_splitter;
    QStackedWidget* m_pages;
    DeviceStrip* m_strip;
    ToastHost* m_toasts;
    QList<ShortcutLine> m_moreShortcuts;
    bool m_overlayOpen = false;
    bool m_runListWanted = true;
};

} // namespace ui
