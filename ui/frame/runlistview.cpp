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
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
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
    const auto state = static_cast<RunListState>(index.data(RunStateRole).toInt());
    const bool starred = index.data(RunStarredRole).toBool();
    QMenu menu(this);
    const auto add = [&menu](const char* iconName, const QString& text) {
        return menu.addAction(ui::icon(QLatin1String(iconName)), text);
    };
    QAction* open = add("activity", tr("Open in Live"));
    QAction* use = add("sliders-horizontal", tr("Use its settings"));
    QAction* resume =
        state == RunListState::Stopped || state == RunListState::Interrupted || state == RunListState::Failed
            ? add("play", tr("Resume"))
            : nullptr;
    menu.addSeparator();
    QAction* star = add("star", starred ? tr("Take the star away") : tr("Give it a star"));
    QAction* folder = add("folder-open", tr("Open its folder"));
    menu.addSeparator();
    const QStringList all = selected().contains(id) ? selected() : QStringList{id};
    QAction* remove = add("trash-2", all.size() > 1 ? tr("Delete %1 runs…").arg(all.size()) : tr("Delete run…"));
    remove->setEnabled(state != RunListState::Running && state != RunListState::Paused);
    const QAction* chosen = menu.exec(m_list->viewport()->mapToGlobal(position));
    if (!chosen)
        return;
    if (chosen == open)
        Q_EMIT activated(id);
    else if (chosen == use)
        Q_EMIT useSettingsRequested(id);
    else if (chosen == resume)
        Q_EMIT resumeRequested(id);
    else if (chosen == star)
        Q_EMIT starRequested(id, !starred);
    else if (chosen == folder)
        Q_EMIT openFolderRequested(id);
    else if (chosen == remove)
        Q_EMIT deleteRequested(all);
}

bool RunListView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list->viewport() && event->type() == QEvent::MouseButtonPress) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        const QModelIndex index = m_list->indexAt(mouse->pos());
        if (mouse->button() == Qt::LeftButton && index.isValid() && !index.data(RunGroups::IsHeadingRole).toBool()) {
            const QRect row = m_list->visualRect(index);
            const QString id = index.data(RunIdRole).toString();
            if (RunDelegate::tickRect(row).adjusted(-6, -6, 6, 6).contains(mouse->pos())) {
                Q_EMIT tickRequested(id, !index.data(RunTickedRole).toBool());
                return true;
            }
            if (index.data(RunStarredRole).toBool() && RunDelegate::starRect(row, index).contains(mouse->pos())) {
                Q_EMIT starRequested(id, false);
                return true;
            }
        }
    }
    if (watched == m_list && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const QModelIndex index = m_list->currentIndex();
        const QString id = index.data(RunIdRole).toString();
        if (!id.isEmpty() && key->key() == Qt::Key_Space && key->modifiers() == Qt::NoModifier) {
            Q_EMIT tickRequested(id, !index.data(RunTickedRole).toBool());
            return true;
        }
        if (!id.isEmpty() && key->key() == Qt::Key_Delete) {
            Q_EMIT deleteRequested(selected());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void RunListView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
}

} // namespace ui
