#include "ui/compare/columnchooser.h"

#include "ui/controls/button.h"
#include "ui/theme.h"

#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr QSize kChooserSize(300, 380);

} // namespace

ColumnChooser::ColumnChooser(QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_search(new QLineEdit),
      m_list(new QListView),
      m_model(new QStandardItemModel(this)),
      m_found(new QSortFilterProxyModel(this)) {
    setObjectName(QStringLiteral("columnChooser"));
    setFrameShape(QFrame::StyledPanel);
    resize(kChooserSize);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(8, 8, 8, 8);
    all->setSpacing(6);
    m_search->setPlaceholderText(tr("Find a metric or setting"));
    m_search->setAccessibleName(tr("Find a column"));
    m_search->setToolTip(tr("A part of the name of a metric or setting"));
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setClearButtonEnabled(true);
    all->addWidget(m_search);
    m_found->setSourceModel(m_model);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_found->setFilterRole(Qt::UserRole + 1);
    m_list->setModel(m_found);
    m_list->setAccessibleName(tr("Columns"));
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setTextElideMode(Qt::ElideMiddle);
    all->addWidget(m_list, 1);
    auto* usual = new Button(tr("The usual ones"), Button::Kind::Ghost);
    usual->setSmall();
    usual->setToolTip(tr("Results, and the settings in which the runs differ"));
    all->addWidget(usual, 0, Qt::AlignLeft);
    connect(m_search, &QLineEdit::textChanged, m_found, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_model, &QStandardItemModel::itemChanged, this, &ColumnChooser::emitChosen);
    connect(usual, &Button::clicked, this, &ColumnChooser::usualRequested);
    setFocusProxy(m_search);
}

void ColumnChooser::setColumns(const QList<ColumnChoice>& columns) {
    m_filling = true;
    const bool same = m_model->rowCount() == columns.size();
    if (!same)
        m_model->clear();
    for (int row = 0; row < columns.size(); ++row) {
        const ColumnChoice& column = columns.at(row);
        if (!same)
            m_model->appendRow(new QStandardItem);
        QStandardItem* item = m_model->item(row);
        item->setText(column.name);
        item->setToolTip(QStringLiteral("%1, %2").arg(column.group, column.name));
        item->setCheckable(true);
        item->setCheckState(column.shown ? Qt::Checked : Qt::Unchecked);
        item->setData(column.key, Qt::UserRole);
        item->setData(QStringLiteral("%1 %2 %3").arg(column.group, column.name, column.key), Qt::UserRole + 1);
    }
    m_filling = false;
}

void ColumnChooser::emitChosen() {
    if (m_filling)
        return;
    QStringList keys;
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (m_model->item(row)->checkState() == Qt::Checked)
            keys.append(m_model->item(row)->data(Qt::UserRole).toString());
    Q_EMIT chosen(keys);
}

void ColumnChooser::openBelow(const QWidget* button) {
    const QPoint corner = button->mapToGlobal(QPoint(button->width() - width(), button->height() + 4));
    move(corner);
    show();
    m_search->setFocus();
}

} // namespace ui
