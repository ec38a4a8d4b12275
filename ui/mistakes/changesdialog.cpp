#include "ui/mistakes/changesdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/plaintable.h"

#include <QHeaderView>
#include <QPainter>
#include <QShortcut>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr QSize kChangesSize(760, 460);
constexpr int kChangesRow = 32;
constexpr int kWhenWidth = 120;
constexpr int kClassWidth = 140;

// Cells that keep apart however long their texts are.
class SpacedCells final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem inside = option;
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, color(Role::AccentTint));
        inside.state &= ~(QStyle::State_Selected | QStyle::State_HasFocus);
        inside.rect.adjust(2, 0, -12, 0);
        QStyledItemDelegate::paint(painter, inside, index);
    }
};

} // namespace

ChangesDialog::ChangesDialog(QWidget* parent)
    : QDialog(parent),
      m_model(new QStandardItemModel(this)),
      m_table(new QTableView),
      m_words(new Label({}, FontRole::Label, Role::Muted)),
      m_open(new Button(QStringLiteral("image"), tr("Show"))),
      m_takeBack(new Button(QStringLiteral("undo-2"), tr("Take back"))),
      m_takeAllBack(new Button(tr("Take all back"))) {
    setWindowTitle(tr("Changed labels"));
    resize(kChangesSize.boundedTo(parent ? parent->window()->size() - QSize(40, 40) : kChangesSize));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 16, 16, 16);
    all->setSpacing(8);
    all->addWidget(new Label(tr("Changed labels"), FontRole::SectionTitle));
    m_words->setText(tr("Files stay as they are; the next run uses this list."));
    m_words->setWordWrap(true);
    all->addWidget(m_words);
    m_table->setObjectName(QStringLiteral("changes"));
    m_table->setAccessibleName(windowTitle());
    m_table->setModel(m_model);
    makePlainTable(*m_table, kChangesRow);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setItemDelegate(new SpacedCells(m_table));
    all->addWidget(m_table, 1);
    all->addWidget(makeFoot());
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ChangesDialog::showButtons);
    connect(m_table, &QTableView::activated, this,
            [this](const QModelIndex& index) { Q_EMIT pictureOpened(index.row()); });
    new QShortcut(QKeySequence::Delete, this, [this] { m_takeBack->click(); });
}

QWidget* ChangesDialog::makeFoot() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_open->setObjectName(QStringLiteral("openChanged"));
    m_takeBack->setObjectName(QStringLiteral("takeBack"));
    m_takeBack->setToolTip(tr("What the data say of the chosen pictures holds again (Delete)"));
    m_takeAllBack->setObjectName(QStringLiteral("takeAllBack"));
    auto* close = new Button(tr("Close"));
    row->addWidget(m_open);
    row->addWidget(m_takeBack);
    row->addWidget(m_takeAllBack);
    row->addStretch();
    row->addWidget(close);
    connect(m_open, &Button::clicked, this, [this] { Q_EMIT pictureOpened(m_table->currentIndex().row()); });
    connect(m_takeBack, &Button::clicked, this, [this] { Q_EMIT takeBackRequested(chosen()); });
    connect(m_takeAllBack, &Button::clicked, this, [this] { Q_EMIT takeBackRequested(m_files); });
    connect(close, &Button::clicked, this, &QDialog::reject);
    for (Button* button : {m_open, m_takeBack, m_takeAllBack, close})
        button->setAutoDefault(false);
    return made;
}

void ChangesDialog::setChanges(const QList<ChangedPicture>& changes) {
    m_files.clear();
    m_model->clear();
    m_model->setHorizontalHeaderLabels({tr("Picture"), tr("In the data"), tr("From now on"), tr("When")});
    for (const ChangedPicture& change : changes) {
        m_files.append(change.file);
        QList<QStandardItem*> row;
        for (const QString& text : {change.shown, change.was, change.now, change.when}) {
            row.append(new QStandardItem(text));
            row.last()->setToolTip(text);
        }
        m_model->appendRow(row);
    }
    auto* head = m_table->horizontalHeader();
    head->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    head->setSectionResizeMode(0, QHeaderView::Stretch);
    for (const int column : {1, 2})
        head->resizeSection(column, kClassWidth);
    head->resizeSection(3, kWhenWidth);
    if (!changes.isEmpty())
        m_table->setCurrentIndex(m_model->index(0, 0));
    showButtons();
}

void ChangesDialog::showButtons() {
    const bool any = m_table->selectionModel()->hasSelection();
    m_open->setEnabled(any);
    m_takeBack->setEnabled(any);
    m_takeAllBack->setEnabled(!m_files.isEmpty());
}

QStringList ChangesDialog::chosen() const {
    QStringList files;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        files.append(m_files.value(index.row()));
    return files;
}

void ChangesDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Surface));
}

} // namespace ui
