#include "ui/setup/tensordialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QAbstractTableModel>
#include <QHeaderView>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace ui {
namespace {

class TensorModel final : public QAbstractTableModel {
public:
    TensorModel(QList<TensorRow> tensors, QObject* parent)
        : QAbstractTableModel(parent), m_tensors(std::move(tensors)) {}
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_tensors.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : 5; }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override {
        const TensorRow& row = m_tensors.at(index.row());
        if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
            const QString rule = row.rule.isEmpty() ? row.match : QStringLiteral("%1: %2").arg(row.match, row.rule);
            return QStringList{row.name, row.shape, row.dtype, rule, row.target}.value(index.column());
        }
        if (role == Qt::FontRole)
            return ui::font(index.column() == 3 ? FontRole::Label : FontRole::MonoSmall);
        if (role == Qt::ForegroundRole && index.column() == 3)
            return color(textRole(row.tone));
        return {};
    }
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (role == Qt::TextAlignmentRole)
            return int(Qt::AlignLeft | Qt::AlignVCenter);
        if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
            return {};
        return QStringList{TensorDialog::tr("Tensor"), TensorDialog::tr("Shape"), TensorDialog::tr("Type"),
                           TensorDialog::tr("Match"), TensorDialog::tr("In the backbone")}
            .value(section);
    }

private:
    QList<TensorRow> m_tensors;
};

} // namespace

TensorDialog::TensorDialog(const WeightsState& weights, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Tensors"));
    resize(960, 560);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 16, 16, 16);
    all->setSpacing(12);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Tensors"), FontRole::SectionTitle));
    auto* words = new Label(weights.heading, FontRole::Label, Role::Muted);
    words->setElide(Qt::ElideMiddle);
    head->addWidget(words, 1);
    auto* chip = new StatusChip;
    chip->setState(weights.tone, weights.words);
    head->addWidget(chip);
    all->addLayout(head);
    auto* search = new QLineEdit;
    search->setPlaceholderText(tr("Name, shape or match"));
    search->setAccessibleName(tr("Search"));
    search->setProperty("sunken", true);
    all->addWidget(search);
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(new TensorModel(weights.tensors, this));
    sorted->setFilterKeyColumn(-1);
    sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto* table = new QTableView;
    table->setModel(sorted);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setSelectionBehavior(QTableView::SelectRows);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(metric::kTreeRow);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    table->setColumnWidth(0, 320);
    table->setColumnWidth(1, 130);
    table->setColumnWidth(2, 64);
    table->setColumnWidth(3, 150);
    all->addWidget(table, 1);
    auto* foot = new QHBoxLayout;
    foot->addStretch();
    auto* close = new Button(tr("Close"));
    foot->addWidget(close);
    all->addLayout(foot);
    connect(search, &QLineEdit::textChanged, sorted, &QSortFilterProxyModel::setFilterFixedString);
    connect(close, &Button::clicked, this, &QDialog::accept);
}

} // namespace ui
