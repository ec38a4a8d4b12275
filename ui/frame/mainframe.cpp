#include "ui/frame/mainframe.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDataStream>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPlainTextEdit>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kRunListFrom = 1360; // narrower windows show the run list as an overlay

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
    setMinimumSize(1024, 680);
    resize(1440, 900);
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
    for (int i = 0; i < kModes; ++i)
        m_pages->addWidget(new QWidget);

    connect(m_modeBar, &ModeBar::modeChosen, this, &MainFrame::setMode);
    connect(m_modeBar, &ModeBar::trainRequested, this, &MainFrame::trainRequested);
    connect(m_modeBar, &ModeBar::pauseRequested, this, &MainFrame::pauseRequested);
    connect(m_modeBar, &ModeBar::stopRequested, this, &MainFrame::stopRequested);
    connect(m_topBar, &TopBar::helpRequested, this, &MainFrame::openShortcuts);
    addKeys();
    qApp->installEventFilter(this);
    arrange();
}

void MainFrame::setPage(Mode mode, QWidget* page) {
    const int place = static_cast<int>(mode);
    QWidget* old = m_pages->widget(place);
    const bool current = m_pages->currentIndex() == place;
    m_pages->removeWidget(old);
    delete old;
    m_pages->insertWidget(place, page);
    if (current)
        m_pages->setCurrentIndex(place);
}

void MainFrame::setMode(Mode mode) {
    m_modeBar->setMode(mode);
    m_pages->setCurrentIndex(static_cast<int>(mode));
    m_overlayOpen = false;
    arrange();
    Q_EMIT modeChanged(mode);
}

void MainFrame::addKeys() {
    const auto key = [this](const QKeySequence& keys, auto act) {
        auto* shortcut = new QShortcut(keys, this);
        shortcut->setAutoRepeat(false);
        connect(shortcut, &QShortcut::activated, this, act);
    };
    for (int i = 0; i < kModes; ++i)
        key(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)), [this, i] { setMode(static_cast<Mode>(i)); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { Q_EMIT trainRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Enter), [this] { Q_EMIT trainRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Period), [this] { Q_EMIT stopRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Space), [this] { Q_EMIT freezeViewRequested(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_B), [this] { toggleRunList(); });
    key(QKeySequence(Qt::CTRL | Qt::Key_K), [this] { m_topBar->openFind(); });
    key(QKeySequence(Qt::Key_F6), [this] { focusNextPart(); });
}

void MainFrame::arrange() {
    // In Compare the table takes the list's place; narrow windows show the list only as an overlay.
    const bool wide = width() >= kRunListFrom;
    const bool beside = wide && m_runListWanted && mode() != Mode::Compare;
    const bool over = !beside && m_overlayOpen && mode() != Mode::Compare;
    if (over) {
        if (m_runList->parentWidget() != centralWidget())
            m_runList->setParent(centralWidget());
        const int top = m_topBar->height();
        m_runList->setGeometry(m_modeBar->width(), top, 280, height() - top - m_strip->height());
        m_runList->show();
        m_runList->raise();
        return;
    }
    if (m_runList->parentWidget() != m_splitter) {
        m_splitter->insertWidget(0, m_runList);
        m_splitter->setStretchFactor(0, 0);
        m_splitter->setStretchFactor(1, 1);
        m_splitter->setSizes({metric::kRunListWidth, 2000});
    }
    m_runList->setVisible(beside);
}

void MainFrame::toggleRunList() {
    if (width() >= kRunListFrom)
        m_runListWanted = !m_runListWanted;
    else
        m_overlayOpen = !m_overlayOpen;
    arrange();
    if (m_runList->isVisible())
        m_runList->list()->setFocus(Qt::ShortcutFocusReason);
}

void MainFrame::focusNextPart() {
    QList<QWidget*> parts{m_topBar, m_modeBar};
    if (m_runList->isVisible())
        parts.append(m_runList);
    parts.append(m_pages);
    for (auto* panel : m_pages->currentWidget()->findChildren<QWidget*>(QStringLiteral("panelSide")))
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
    auto* sheet = new ShortcutSheet(m_moreShortcuts, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

QByteArray MainFrame::saveLayout() const {
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    stream << quint32(1) << saveGeometry() << m_splitter->saveState() << qint32(mode()) << m_runListWanted;
    return bytes;
}

void MainFrame::restoreLayout(const QByteArray& layout) {
    QDataStream stream(layout);
    quint32 version = 0;
    QByteArray geometry;
    QByteArray splitter;
    qint32 mode = 0;
    bool wanted = true;
    stream >> version >> geometry >> splitter >> mode >> wanted;
    if (stream.status() != QDataStream::Ok || version != 1)
        return;
    restoreGeometry(geometry);
    m_splitter->restoreState(splitter);
    m_runListWanted = wanted;
    setMode(static_cast<Mode>(std::clamp(mode, 0, kModes - 1)));
}

void MainFrame::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    arrange();
}

void MainFrame::closeEvent(QCloseEvent* event) { Q_EMIT closing(event); }

bool MainFrame::eventFilter(QObject* watched, QEvent* event) {
    const bool typing = qobject_cast<QLineEdit*>(QApplication::focusWidget()) ||
                        qobject_cast<QPlainTextEdit*>(QApplication::focusWidget());
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
