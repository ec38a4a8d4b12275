#include "ui/frame/runlistview.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/frame/rundelegate.h"
#include "ui/frame/rungroups.h"

#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QTimer>
#include <QVBoxLayout>

namespace ui {

RunListView::RunListView(QWidget* parent)
    : QWidget(parent),
      m_groups(new RunGroups(this)),
      m_search(new QLineEdit),
      m_list(new QListView),
      m_footLeft(new Label({}, FontRole::Small, Role::Muted)),
      m_footRight(new Label({}, FontRole::Small, Role::Muted)) {
    setMinimumWidth(200);
    setAccessibleName(tr("Runs"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(8, 6, 8, 8);
    all->setSpacing(4);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 0, 2, 0);
    head->setSpacing(0);
    head->addWidget(new Label(tr("Runs"), FontRole::Strong));
    head->addStretch();
    auto* add = new IconButton(QStringLiteral("plus"), tr("New run in Setup"));
    head->addWidget(add);
    all->addLayout(head);
    connect(add, &IconButton::clicked, this, &RunListView::newRunRequested);

    auto* field = new QHBoxLayout;
    field->setContentsMargins(6, 0, 4, 0);
    m_search->setPlaceholderText(tr("Name, state or day"));
    m_search->setAccessibleName(tr("Search the runs"));
    m_search->setToolTip(tr("Only runs whose name or second line contains every word"));
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setClearButtonEnabled(true);
    m_search->setProperty("sunken", true);
    field->addWidget(m_search);
    all->addLayout(field);
    all->addSpacing(4);

    m_list->setModel(m_groups);
    auto* delegate = new RunDelegate(m_list);
    m_list->setItemDelegate(delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed); // F2: the name
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->setMouseTracking(true);
    m_list->viewport()->setAutoFillBackground(false);
    m_list->viewport()->installEventFilter(this);
    m_list->installEventFilter(this);
    m_list->setAccessibleName(tr("Runs"));
    all->addWidget(m_list, 1);

    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(8, 0, 8, 0);
    m_footLeft->setElide(Qt::ElideRight);
    foot->addWidget(m_footLeft, 1);
    foot->addWidget(m_footRight);
    all->addLayout(foot);

    wireList();

    auto* glyph = new QTimer(this); // the running ring: 8 frames a second, only while a run runs
    glyph->setInterval(125);
    connect(glyph, &QTimer::timeout, this, [this, delegate] {
        m_glyphFrame = (m_glyphFrame + 1) % 8;
        delegate->setGlyphFrame(m_glyphFrame);
        for (int i = 0; i < m_groups->rowCount(); ++i) {
            const QModelIndex index = m_groups->index(i);
            if (!index.data(RunGroups::IsHeadingRole).toBool() &&
                index.data(RunStateRole).toInt() == static_cast<int>(RunListState::Running))
                m_list->update(index);
            else if (i > 0 && index.data(RunGroups::IsHeadingRole).toBool())
                return;
        }
    });
    glyph->start();
}

void RunListView::wireList() {
    connect(m_search, &QLineEdit::textChanged, m_groups, &RunGroups::setFilter);
    connect(m_list, &QListView::customContextMenuRequested, this, &RunListView::openMenu);
    connect(m_list, &QListView::activated, this, [this](const QModelIndex& index) {
        if (index.flags() & Qt::ItemIsEnabled)
            Q_EMIT activated(index.data(RunIdRole).toString());
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& now) {
        const QString id = now.data(RunIdRole).toString();
        if (id.isEmpty() || id == m_currentId || m_restoring)
            return;
        m_currentId = id;
        Q_EMIT currentChanged(id);
    });
    connect(m_groups, &RunGroups::rebuilt, this, [this] { setCurrent(m_currentId); });
    connect(m_groups, &RunGroups::renamed, this, &RunListView::renamed);
}

void RunListView::setModel(QAbstractItemModel* runs) { m_groups->setRuns(runs); }

void RunListView::setCurrent(const QString& id) {
    m_currentId = id;
    m_restoring = true;
    const QModelIndex index = m_groups->indexOf(id);
    if (index.isValid())
        m_list->setCurrentIndex(index);
    else
        m_list->clearSelection();
    m_restoring = false;
}

QString RunListView::current() const { return m_currentId; }

QStringList RunListView::selected() const {
    QStringList ids;
    for (const auto& index : m_list->selectionModel()->selectedIndexes())
        ids.append(index.data(RunIdRole).toString());
    return ids;
}

void RunListView::setFoot(const QString& left, const QString& right) {
    m_footLeft->setText(left);
    m_footRight->setText(right);
}

void RunListView::openMenu(const QPoint& position) {
    const QModelIndex index = m_list->indexAt(position);
    if (!index.isValid() || index.data(RunGroups::IsHeadingRole).toBool())
        return;
    const QString id = index.data(RunIdRole).toString();
    const QStringList all = selected().contains(id) ? selected() : QStringList{id};
    const QPersistentModelIndex kept(index);
    QMenu menu(this);
    fillRunMenu(menu, index, all);
    const QAction* chosen = menu.exec(m_list->viewport()->mapToGlobal(position));
    if (chosen && kept.isValid() && kept.data(RunIdRole).toString() == id)
        carryOut(static_cast<RunAction>(chosen->data().toInt()), kept, all);
    else if (chosen && m_groups->indexOf(id).isValid()) // the list was grouped anew meanwhile
        carryOut(static_cast<RunAction>(chosen->data().toInt()), m_groups->indexOf(id), all);
}

void RunListView::carryOut(RunAction action, const QModelIndex& run, const QStringList& ids) {
    const QString id = run.data(RunIdRole).toString();
    switch (action) {
    case RunAction::Open:
        Q_EMIT activated(id);
        return;
    case RunAction::Star:
    case RunAction::Unstar:
        for (const auto& one : ids)
            Q_EMIT starRequested(one, action == RunAction::Star);
        return;
    case RunAction::Rename:
        m_list->setCurrentIndex(run);
        m_list->edit(run);
        return;
    case RunAction::Tags:
    case RunAction::Archive:
    case RunAction::Unarchive:
    case RunAction::Delete:
    case RunAction::TakeOut:
        Q_EMIT actionRequested(action, ids);
        return;
    default:
        Q_EMIT actionRequested(action, {id});
    }
}

bool RunListView::pressed(const QMouseEvent& event) {
    const QModelIndex index = m_list->indexAt(event.pos());
    if (event.button() != Qt::LeftButton || !index.isValid())
        return false;
    const QRect row = m_list->visualRect(index);
    if (index.data(RunGroups::IsHeadingRole).toBool()) {
        if (m_groups->groupAt(index) == RunGroups::Archive)
            m_groups->setArchiveOpen(!m_groups->archiveOpen());
        else if (RunDelegate::actionRect(row, index).contains(event.pos()))
            Q_EMIT actionRequested(RunAction::StartQueue, {});
        return true;
    }
    const QString id = index.data(RunIdRole).toString();
    if (RunDelegate::tickRect(row).adjusted(-6, -6, 6, 6).contains(event.pos())) {
        Q_EMIT tickRequested(id, !index.data(RunTickedRole).toBool());
        return true;
    }
    if (index.data(RunStarredRole).toBool() && RunDelegate::starRect(row, index).contains(event.pos())) {
        Q_EMIT starRequested(id, false);
        return true;
    }
    return false;
}

bool RunListView::keyed(const QKeyEvent& event) {
    const QModelIndex index = m_list->currentIndex();
    const QString id = index.data(RunIdRole).toString();
    if (id.isEmpty())
        return false;
    const bool waits = index.data(RunStateRole).toInt() == static_cast<int>(RunListState::Queued);
    if (event.key() == Qt::Key_Space && event.modifiers() == Qt::NoModifier)
        Q_EMIT tickRequested(id, !index.data(RunTickedRole).toBool());
    else if (event.key() == Qt::Key_Delete)
        Q_EMIT actionRequested(RunAction::Delete, selected());
    else if (event.key() == Qt::Key_Up && event.modifiers() == Qt::AltModifier && waits)
        Q_EMIT actionRequested(RunAction::MoveUp, {id});
    else if (event.key() == Qt::Key_Down && event.modifiers() == Qt::AltModifier && waits)
        Q_EMIT actionRequested(RunAction::MoveDown, {id});
    else
        return false;
    return true;
}

bool RunListView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list->viewport() && event->type() == QEvent::MouseButtonPress &&
        pressed(*static_cast<QMouseEvent*>(event)))
        return true;
    if (watched == m_list && event->type() == QEvent::KeyPress && keyed(*static_cast<QKeyEvent*>(event)))
        return true;
    return QWidget::eventFilter(watched, event);
}

void RunListView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
}

} // namespace ui
