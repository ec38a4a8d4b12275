#include "ui/frame/mainframe.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QCloseEvent>
#include <QDataStream>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScreen>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr int kRunListFrom = 1360; // narrower windows show the run list as an overlay
constexpr QSize kUsual(1440, 900);
constexpr QSize kLeast(1024, 680);
constexpr QSize kBorders(4, 40); // of the window manager, as long as they are not known
constexpr quint32 kLayoutVersion = 2;

// What of a page may have the focus when the page comes back: no field, where a key meant for the window would be
// typed.
bool takesTyping(const QWidget* widget) {
    return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QPlainTextEdit*>(widget) ||
           qobject_cast<const QAbstractSpinBox*>(widget);
}

} // namespace

MainFrame::MainFrame(QWidget* parent)
    : QMainWindow(parent),
      m_topBar(new TopBar),
      m_modeBar(new ModeBar),
      m_runList(new RunListView),
      m_splitter(new QSplitter(Qt::Horizontal)),
      m_pages(new QStackedWidget),
      m_strip(new DeviceStrip),
      m_toasts(new ToastHost(this, metric::kStripHeight + 1)) {
    const QSize room = screen()->availableSize() - kBorders;
    setMinimumSize(kLeast.boundedTo(room));
    resize(kUsual.boundedTo(room));
    m_ownSize = size();
    auto* body = new QWidget;
    auto* all = new QVBoxLayout(body);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    all->addWidget(m_topBar);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_modeBar);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_runList);
    m_splitter->addWidget(m_pages);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({metric::kRunListWidth, 2000});
    m_runList->setMaximumWidth(360);
    middle->addWidget(m_splitter, 1);
    all->addLayout(middle, 1);
    all->addWidget(m_strip);
    setCentralWidget(body);

    connect(m_modeBar, &ModeBar::pageChosen, this, &MainFrame::showPage);
    connect(m_modeBar, &ModeBar::runsRequested, this, &MainFrame::toggleRunList);
    connect(m_modeBar, &ModeBar::trainRequested, this, &MainFrame::trainRequested);
    connect(m_modeBar, &ModeBar::pauseRequested, this, &MainFrame::pauseRequested);
    connect(m_modeBar, &ModeBar::stopRequested, this, &MainFrame::stopRequested);
    connect(m_topBar, &TopBar::helpRequested, this, &MainFrame::openShortcuts);
    addKeys();
    qApp->installEventFilter(this);
    arrange();
}

void MainFrame::addPage(const PageInfo& info, QWidget* page) {
    m_infos.append(info);
    m_pages->addWidget(page);
    m_modeBar->addPage(info);
    auto* shortcut = new QShortcut(info.shortcut, this);
    shortcut->setAutoRepeat(false);
    connect(shortcut, &QShortcut::activated, this, [this, key = info.key] { showPage(key); });
    arrange();
}

int MainFrame::current() const { return m_pages->currentIndex(); }

void MainFrame::showPage(const QString& key) {
    const auto found =
        std::find_if(m_infos.begin(), m_infos.end(), [&key](const PageInfo& info) { return info.key == key; });
    if (found == m_infos.end())
        return;
    QWidget* focused = QApplication::focusWidget();
    const bool leaves = key != page();
    if (leaves && m_pages->isAncestorOf(focused))
        m_focused.insert(page(), focused);
    m_modeBar->setPage(key);
    // Before the page goes, so that Qt does not look for a place for the focus by itself.
    if (leaves && (!focused || m_pages->isAncestorOf(focused)))
        m_pages->setFocus();
    m_pages->setCurrentIndex(static_cast<int>(found - m_infos.begin()));
    m_overlayOpen = false;
    arrange();
    if (leaves && m_pages->hasFocus())
        moveFocus(m_focused.value(key));
    Q_EMIT pageShown(key);
}

// Into the page, without a ring around what nobody chose.
void MainFrame::moveFocus(QWidget* to) {
    QWidget* page = m_pages->currentWidget();
    const bool fits = to && page && page->isAncestorOf(to) && to->isVisibleTo(page) && to->isEnabled();
    if (fits && !takesTyping(to))
        to->setFocus(Qt::OtherFocusReason);
    else
        m_pages->setFocus(Qt::OtherFocusReason);
}

void MainFrame::addKeys() {
    const auto key = [this](const QKeySequence& keys, auto act) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setAutoRepeat(false);
        connect(shortcut, &QShortcut::activated, this, act);
    };
    key(QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { Q_EMIT trainRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Enter), [this] { Q_EMIT trainRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { Q_EMIT stopRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Space), [this] { Q_EMIT freezeViewRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_B), [this] { toggleRunList(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_K), [this] { m_topBar->openFind(); });
    key(QKeySequence(Qt::Key_F6), [this] { focusNextPart(); });
}

void MainFrame::arrange() {
    // A page that shows the runs itself takes the list's place; narrow windows show the list only as an overlay.
    const bool listed = m_infos.value(current()).runList == RunListPlace::Beside;
    const bool beside = listed && width() >= kRunListFrom && m_runListWanted;
    const bool over = listed && !beside && m_overlayOpen;
    m_modeBar->setRunsOffered(listed && !beside);
    if (over) {
        if (m_runList->parentWidget() != centralWidget())
            m_runList->setParent(centralWidget());
        const int top = m_topBar->height();
        m_runList->setGeometry(m_modeBar->width(), top, 280, height() - top - m_strip->height());
        m_runList->show();
        m_runList->raise();
    } else {
        if (m_runList->parentWidget() != m_splitter) {
            m_splitter->insertWidget(0, m_runList);
            m_splitter->setStretchFactor(0, 0);
            m_splitter->setStretchFactor(1, 1);
            m_splitter->setSizes({metric::kRunListWidth, 2000});
        }
        m_runList->setVisible(beside);
    }
    placeToasts();
}

// Left of the page's panel, whose buttons and fields stay free.
void MainFrame::placeToasts() {
    const QWidget* page = m_pages->currentWidget();
    const auto* panel = page ? page->findChild<QWidget*>(QStringLiteral("panelSide")) : nullptr;
    m_toasts->setRightMargin(panel && panel->isVisibleTo(page) ? panel->width() : 0);
}

void MainFrame::toggleRunList() {
    if (width() >= kRunListFrom)
        m_runListWanted = !m_runListWanted;
    else
        m_overlayOpen = !m_overlayOpen;
    arrange();
    if (m_runList->isVisible())
        m_runList->list()->setFocus(Qt::ShortcutFocusReason);
    else
        moveFocus(nullptr);
}

// A screen smaller than the usual size shows the whole window, borders and all.
void MainFrame::fitScreen() {
    if (isMaximized() || isFullScreen() || size() != m_ownSize) // somebody else has chosen it
        return;
    const QRect room = screen()->availableGeometry();
    const QSize most = room.size() - (frameGeometry().size() - size());
    setMinimumSize(kLeast.boundedTo(most));
    if (width() > most.width() || height() > most.height())
        resize(size().boundedTo(most));
    const QRect outer = frameGeometry();
    if (!room.contains(outer))
        move(std::clamp(outer.left(), room.left(), std::max(room.left(), room.right() + 1 - outer.width())),
             std::clamp(outer.top(), room.top(), std::max(room.top(), room.bottom() + 1 - outer.height())));
}

void MainFrame::focusNextPart() {
    QList<QWidget*> parts{m_topBar, m_modeBar};
    if (m_runList->isVisible())
        parts.append(m_runList);
    parts.append(m_pages);
    if (const QWidget* page = m_pages->currentWidget())
        for (auto* panel : page->findChildren<QWidget*>(QStringLiteral("panelSide")))
            if (panel->isVisible())
                parts.append(panel);
    int now = -1; // the innermost: a panel lies in its page
    for (int i = 0; i < parts.size(); ++i)
        if (QWidget* focused = QApplication::focusWidget(); focused && parts[i]->isAncestorOf(focused))
            now = i;
    for (int step = 1; step <= parts.size(); ++step) {
        QWidget* part = parts[(now + step) % parts.size()];
        for (QWidget* child : part->findChildren<QWidget*>())
            if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus)) {
                child->setFocus(Qt::ShortcutFocusReason);
                return;
            }
    }
}

void MainFrame::openShortcuts() {
    QStringList titles;
    for (const auto& info : m_infos)
        titles.append(info.title);
    QList<ShortcutLine> lines;
    if (m_infos.size() > 1)
        lines.append({tr("Everywhere"),
                      QStringLiteral("%1 – %2").arg(keyWords(m_infos.first().shortcut),
                                                    keyWords(m_infos.last().shortcut).section(QLatin1Char(' '), -1)),
                      titles.join(QStringLiteral(", "))});
    auto* sheet = new ShortcutSheet(lines + ShortcutSheet::ownLines() + m_moreShortcuts, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

QByteArray MainFrame::saveLayout() const {
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    stream << kLayoutVersion << saveGeometry() << m_splitter->saveState() << page() << m_runListWanted;
    return bytes;
}

void MainFrame::restoreLayout(const QByteArray& layout) {
    QDataStream stream(layout);
    quint32 version = 0;
    QByteArray geometry;
    QByteArray splitter;
    QString page;
    bool wanted = true;
    stream >> version;
    if (version != kLayoutVersion)
        return;
    stream >> geometry >> splitter >> page >> wanted;
    if (stream.status() != QDataStream::Ok)
        return;
    restoreGeometry(geometry);
    m_ownSize = size();
    m_splitter->restoreState(splitter);
    m_runListWanted = wanted;
    showPage(page);
}

void MainFrame::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    arrange();
}

void MainFrame::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (!m_pages->currentWidget() || !focusWidget())
        m_pages->setFocus(Qt::OtherFocusReason);
    QTimer::singleShot(0, this, &MainFrame::fitScreen); // the borders are known by then
}

// Qt asks for another place also where what had the focus is hidden or disabled: that is the page, not what stands
// first in the window.
bool MainFrame::focusNextPrevChild(bool next) {
    const QWidget* now = focusWidget();
    if (now && now->isVisible() && now->isEnabled())
        return QMainWindow::focusNextPrevChild(next);
    m_pages->setFocus(Qt::OtherFocusReason);
    return true;
}

void MainFrame::closeEvent(QCloseEvent* event) { Q_EMIT closing(event); }

bool MainFrame::eventFilter(QObject* watched, QEvent* event) {
    const bool typing = takesTyping(QApplication::focusWidget());
    if (event->type() == QEvent::KeyPress && watched == QApplication::focusWidget() && isActiveWindow()) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Question && !typing) {
            openShortcuts();
            return true;
        }
        if (key->key() == Qt::Key_Escape && m_overlayOpen) {
            m_overlayOpen = false;
            arrange();
            return true;
        }
    }
    if (m_overlayOpen && event->type() == QEvent::MouseButtonPress) {
        auto* widget = qobject_cast<QWidget*>(watched);
        if (widget && widget->window() == this && widget != m_runList && !m_runList->isAncestorOf(widget)) {
            m_overlayOpen = false;
            arrange();
        }
    }
    return QMainWindow::eventFilter(watched, event);
}

} // namespace ui
