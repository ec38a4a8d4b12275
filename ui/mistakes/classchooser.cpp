#include "ui/mistakes/classchooser.h"

#include "ui/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QScreen>
#include <QSortFilterProxyModel>
#include <QStringListModel>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kClassesWidth = 280;
constexpr int kMostClassesHeight = 360;
constexpr int kClassesEdge = 8;

} // namespace

ClassChooser::ClassChooser(QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_search(new QLineEdit),
      m_list(new QListView),
      m_model(new QStringListModel(this)),
      m_found(new QSortFilterProxyModel(this)) {
    setObjectName(QStringLiteral("classChooser"));
    setFrameShape(QFrame::StyledPanel);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(kClassesEdge, kClassesEdge, kClassesEdge, kClassesEdge);
    all->setSpacing(6);
    m_search->setPlaceholderText(tr("Which class it shows"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setToolTip(tr("A part of the class's name; Return takes the one that is marked"));
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->installEventFilter(this);
    all->addWidget(m_search);
    m_found->setSourceModel(m_model);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setModel(m_found);
    m_list->setAccessibleName(tr("Classes"));
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    all->addWidget(m_list, 1);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_found->setFilterFixedString(text);
        m_list->setCurrentIndex(m_found->index(0, 0));
    });
    connect(m_list, &QListView::clicked, this, &ClassChooser::take);
    setFocusProxy(m_search);
}

void ClassChooser::setClasses(const QStringList& classes) {
    m_model->setStringList(classes);
    m_search->clear();
    m_list->setCurrentIndex(m_found->index(0, 0));
}

void ClassChooser::openAt(const QWidget* button) {
    const int rows = m_found->rowCount() * std::max(20, m_list->sizeHintForRow(0)) + m_search->sizeHint().height();
    resize(kClassesWidth, std::min(kMostClassesHeight, rows + 4 * kClassesEdge));
    const QRect room = button->screen()->availableGeometry();
    QPoint corner = button->mapToGlobal(QPoint(0, button->height() + 4));
    corner.setX(std::min(corner.x(), room.right() - width()));
    corner.setY(std::min(corner.y(), room.bottom() - height()));
    move(corner);
    show();
    m_search->setFocus();
}

bool ClassChooser::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        take(m_list->currentIndex());
        return true;
    }
    if (key != Qt::Key_Up && key != Qt::Key_Down)
        return false;
    const int row = m_list->currentIndex().row() + (key == Qt::Key_Down ? 1 : -1);
    m_list->setCurrentIndex(m_found->index(std::clamp(row, 0, std::max(0, m_found->rowCount() - 1)), 0));
    return true;
}

void ClassChooser::take(const QModelIndex& index) {
    if (!index.isValid())
        return;
    const QString name = index.data().toString();
    close();
    Q_EMIT chosen(name);
}

} // namespace ui
