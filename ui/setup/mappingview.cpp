#include "ui/setup/mappingview.h"

#include "ui/controls/label.h"
#include "ui/controls/meter.h"
#include "ui/format.h"
#include "ui/setup/tensormodel.h"

#include <QComboBox>
#include <QEvent>
#include <QHash>
#include <QHeaderView>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr double kEnough = 0.9;  // of the parameters; below it Train asks first
constexpr int kTargetFrom = 700; // narrower tables go without the column
constexpr int kTypeFrom = 520;

} // namespace

class MappingView::Rows final : public QSortFilterProxyModel {
public:
    explicit Rows(QObject* parent) : QSortFilterProxyModel(parent) {
        setFilterKeyColumn(-1);
        setFilterCaseSensitivity(Qt::CaseInsensitive);
    }
    void setMatch(const QString& match) {
        m_match = match;
        invalidateFilter();
    }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
        const QModelIndex match = sourceModel()->index(row, TensorModel::Match, parent);
        return (m_match.isEmpty() || match.data(TensorModel::MatchRole).toString() == m_match) &&
               QSortFilterProxyModel::filterAcceptsRow(row, parent);
    }

private:
    QString m_match; // empty: any
};

MappingView::MappingView(QWidget* parent)
    : QWidget(parent),
      m_share(new Label({}, FontRole::Value)),
      m_bar(new Meter),
      m_heading(new Label({}, FontRole::Label, Role::Muted)),
      m_match(new QComboBox),
      m_model(new TensorModel(this)),
      m_rows(new Rows(this)),
      m_table(new QTableView) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(8);
    m_heading->setElide(Qt::ElideMiddle);
    all->addWidget(m_heading);
    m_share->setWordWrap(true);
    all->addWidget(m_share);
    all->addWidget(m_bar);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_match->setObjectName(QStringLiteral("matchFilter"));
    m_match->setAccessibleName(tr("Match"));
    m_match->setToolTip(tr("What became of the tensors: new ones start at random, unused ones are left in the file"));
    m_match->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto* search = new QLineEdit;
    search->setObjectName(QStringLiteral("tensorSearch"));
    search->setPlaceholderText(tr("Name, shape or match"));
    search->setAccessibleName(tr("Search tensors"));
    search->setToolTip(tr("Part of a name, a shape or a match"));
    search->setProperty("sunken", true);
    search->setClearButtonEnabled(true);
    row->addWidget(m_match);
    row->addWidget(search, 1);
    all->addLayout(row);
    m_rows->setSourceModel(m_model);
    m_table->setObjectName(QStringLiteral("tensors"));
    m_table->setModel(m_rows);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QTableView::SelectRows);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Tensors"));
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->viewport()->installEventFilter(this);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(metric::kTreeRow);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    all->addWidget(m_table, 1);
    connect(search, &QLineEdit::textChanged, m_rows, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_match, &QComboBox::currentIndexChanged, this,
            [this] { m_rows->setMatch(m_match->currentData().toString()); });
}

void MappingView::setWeights(const WeightsState& weights) {
    m_heading->setText(weights.heading);
    m_share->setText(weights.summary);
    m_bar->setValue(weights.pretrainedShare,
                    weights.pretrainedShare >= kEnough ? Role::SuccessText : Role::WarningText);
    m_bar->setToolTip(m_share->text());
    m_model->setTensors(weights.tensors);
    fillMatches();
    fitColumns();
}

// Each match that occurs with how often, in the order they first occur.
void MappingView::fillMatches() {
    const QString chosen = m_match->currentData().toString();
    QStringList matches;
    QHash<QString, int> counts;
    for (const auto& tensor : m_model->tensors()) {
        if (!counts.contains(tensor.match))
            matches.append(tensor.match);
        ++counts[tensor.match];
    }
    m_match->clear();
    m_match->addItem(tr("All %1").arg(m_model->tensors().size()), QString());
    for (const auto& match : matches)
        m_match->addItem(QStringLiteral("%1 %2").arg(match).arg(counts.value(match)), match);
    m_match->setCurrentIndex(std::max(0, m_match->findData(chosen)));
}

// What is left is the names'.
void MappingView::fitColumns() {
    const int all = m_table->viewport()->width();
    m_table->setColumnHidden(TensorModel::Type, all < kTypeFrom);
    m_table->setColumnHidden(TensorModel::Target, all < kTargetFrom);
    const int match = all < kTypeFrom ? 96 : 150;
    const int shape = 112;
    const int type = all < kTypeFrom ? 0 : 64;
    m_table->setColumnWidth(TensorModel::Shape, shape);
    m_table->setColumnWidth(TensorModel::Type, 64);
    m_table->setColumnWidth(TensorModel::Match, match);
    const int rest = all - shape - type - match;
    m_table->setColumnWidth(TensorModel::Tensor, all < kTargetFrom ? std::max(120, rest) : rest / 2);
}

bool MappingView::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize)
        fitColumns();
    return QWidget::eventFilter(watched, event);
}

} // namespace ui
