#pragma once

#include "ui/controls/toast.h"
#include "ui/frame/devicestrip.h"
#include "ui/frame/modebar.h"
#include "ui/frame/runlistview.h"
#include "ui/frame/shortcutsheet.h"
#include "ui/frame/topbar.h"

#include <QHash>
#include <QMainWindow>
#include <QPointer>

class QStackedWidget;
class QSplitter;

namespace ui {

// The window: top bar, mode bar, run list, the page of the mode, device strip, toasts; and the keys that work
// everywhere.
class MainFrame final : public QMainWindow {
    Q_OBJECT
public:
    explicit MainFrame(QWidget* parent = nullptr);

    void addPage(const PageInfo& info, QWidget* page); // takes it; the first one is shown
    void showPage(const QString& key);
    [[nodiscard]] QString page() const { return m_infos.value(current()).key; } // the one that is shown
    [[nodiscard]] const QList<PageInfo>& pages() const { return m_infos; }

    [[nodiscard]] TopBar& topBar() { return *m_topBar; }
    [[nodiscard]] ModeBar& modeBar() { return *m_modeBar; }
    [[nodiscard]] RunListView& runList() { return *m_runList; }
    [[nodiscard]] DeviceStrip& strip() { return *m_strip; }
    [[nodiscard]] ToastHost& toasts() { return *m_toasts; }

    void toggleRunList(); // beside the page; where that is too narrow, over it
    void setMoreShortcuts(const QList<ShortcutLine>& lines) { m_moreShortcuts = lines; }
    // Size, page, run list width: what the program keeps between starts.
    [[nodiscard]] QByteArray saveLayout() const;
    void restoreLayout(const QByteArray& layout);

Q_SIGNALS:
    void pageShown(const QString& key);
    void trainRequested(); // button or Ctrl Return
    void pauseRequested();
    void stopRequested();             // button or Ctrl .
    void freezeViewRequested();       // Ctrl Space
    void closing(QCloseEvent* event); // ignore() it to stay open

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    [[nodiscard]] int current() const;
    void addKeys();
    void arrange();
    void placeToasts();
    void fitScreen();
    void moveFocus(QWidget* to);
    void focusNextPart();
    void openShortcuts();
    TopBar* m_topBar;
    ModeBar* m_modeBar;
    RunListView* m_runList;
    QSplitter* m_splitter;
    QStackedWidget* m_pages;
    DeviceStrip* m_strip;
    ToastHost* m_toasts;
    QList<PageInfo> m_infos;                     // by their place among m_pages
    QHash<QString, QPointer<QWidget>> m_focused; // of each page, what had the focus when it was left
    QList<ShortcutLine> m_moreShortcuts;
    QSize m_ownSize; // as the window itself has chosen it
    bool m_overlayOpen = false;
    bool m_runListWanted = true;
};

} // namespace ui
