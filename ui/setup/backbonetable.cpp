#include "ui/setup/backbonetable.h"

#include "ui/controls/plaintable.h"
#include "ui/setup/backbonemodel.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QStyle>
#include <QStyledItemDelegate>

#include <algorithm>

namespace ui {
namespace {

constexpr int kBackboneRow = 27;
constexpr int kBackboneHead = 22;
constexpr int kBackboneNameLeft = 32;
constexpr int kBackbonePadding = 8;
constexpr int kArrow = 7; // room right of a head for its sorting arrow
constexpr int kWidestCell = 200;
constexpr int kReasonFrom = 120; // narrower tables tell the reason in the tooltip only

// Names differ at their ends.
Qt::TextElideMode elideOf(const QModelIndex& index) {
    return index.column() == BackboneModel::Name ? Qt::ElideMiddle : Qt::ElideRight;
}

class BackboneDelegate final : public QStyledItemDelegate {
public:
    explicit BackboneDelegate(BackboneTable* table) : QStyledItemDelegate(table), m_table(table) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        const QString name = index.siblingAtColumn(BackboneModel::Name).data().toString();
        const bool chosen = name == m_table->chosen();
        if (chosen || (option.state & QStyle::State_MouseOver))
            paintGround(*painter, box, color(chosen ? Role::AccentTint : Role::Hover));
        painter->setPen(color(index.column() == BackboneModel::Reason ? Role::Muted : Role::Text));
        QRect text = box.adjusted(m_table->padding(), 0, -m_table->padding(), 0);
        if (index.column() == BackboneModel::Name) {
            QStyleOption radio;
            radio.rect = QRect(box.left() + 8, box.center().y() - 7, 16, 16);
            radio.state = QStyle::State_Enabled | (chosen ? QStyle::State_On : QStyle::State_Off);
            if (chosen && (option.state & QStyle::State_HasFocus))
                radio.state |= QStyle::State_HasFocus;
            m_table->style()->drawPrimitive(QStyle::PE_IndicatorRadioButton, &radio, painter, m_table);
            text.setLeft(box.left() + kBackboneNameLeft);
            painter->setFont(ui::font(FontRole::Mono));
        } else {
            painter->setFont(ui::font(FontRole::Body));
        }
        painter->drawText(text, index.data(Qt::TextAlignmentRole).toInt() | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(index.data().toString(), elideOf(index), text.width()));
    }

private:
    // The row is one rounded ground over all its cells.
    void paintGround(QPainter& painter, const QRect& box, const QColor& fill) const {
        painter.save();
        painter.setClipRect(box);
        const QRect row(0, box.top(), m_table->viewport()->width(), box.height());
        drawOutline(painter, row, Qt::transparent, 0, metric::kTagRadius, fill);
        painter.restore();
    }
    BackboneTable* m_table;
};

} // namespace

class BackboneTable::Rows final : public QSortFilterProxyModel {
public:
    Rows(Shows shows, BackboneTable* table) : QSortFilterProxyModel(table), m_shows(shows), m_table(table) {
        setSortRole(BackboneModel::SortRole);
        setSortLocaleAware(true);
    }
    void setFilter(const Filter& filter) {
        m_filter = filter;
        m_words = filter.words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        invalidateFilter();
    }
    void refresh() { invalidateFilter(); }
    void setNameHead(const QString& words) {
        m_nameHead = words;
        Q_EMIT headerDataChanged(Qt::Horizontal, BackboneModel::Name, BackboneModel::Name);
    }
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override {
        if (section == BackboneModel::Name && role == Qt::DisplayRole && !m_nameHead.isEmpty())
            return m_nameHead;
        return QSortFilterProxyModel::headerData(section, orientation, role);
    }
    [[nodiscard]] QModelIndex indexOf(const QString& name) const {
        for (int row = 0; row < rowCount(); ++row)
            if (index(row, 0).data().toString() == name)
                return index(row, 0);
        return {};
    }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex&) const override {
        const QModelIndex first = sourceModel()->index(row, BackboneModel::Name);
        if (m_shows == Shows::Suggested)
            return first.data(BackboneModel::SuggestedRole).toBool() || first.data().toString() == m_table->chosen();
        const QString family = first.siblingAtColumn(BackboneModel::Family).data().toString();
        const qint64 parameters = first.data(BackboneModel::ParametersRole).toLongLong();
        if ((!m_filter.family.isEmpty() && family != m_filter.family) || parameters < m_filter.fewestParameters ||
            parameters >= m_filter.mostParameters ||
            (m_filter.weightsHere && !first.data(BackboneModel::WeightsHereRole).toBool()))
            return false;
        const QString all = first.data().toString() + QLatin1Char(' ') + family;
        return std::all_of(m_words.begin(), m_words.end(),
                           [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    }

private:
    Shows m_shows;
    BackboneTable* m_table;
    Filter m_filter;
    QStringList m_words;
    QString m_nameHead;
};

BackboneTable::BackboneTable(BackboneModel* backbones, Shows shows, QWidget* parent)
    : QTableView(parent), m_shows(shows), m_rows(new Rows(shows, this)) {
    m_rows->setSourceModel(backbones);
    setModel(m_rows);
    setItemDelegate(new BackboneDelegate(this));
    makePlainTable(*this, kBackboneRow);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Backbones"));
    auto* head = horizontalHeader();
    head->setProperty("cellPadding", padding());
    head->setProperty("firstIndent", kBackboneNameLeft);
    head->setSectionResizeMode(QHeaderView::Fixed);
    head->setMinimumSectionSize(0);
    const bool all = shows == Shows::All;
    if (all) {
        hideColumn(BackboneModel::Reason);
        setSortingEnabled(true);
        sortByColumn(BackboneModel::Parameters, Qt::AscendingOrder);
    } else {
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        head->setSectionsClickable(false);
        head->setProperty("plain", true); // no line below it
        head->setFixedHeight(kBackboneHead);
        for (const int column :
             {BackboneModel::Family, BackboneModel::Compute, BackboneModel::ImageSize, BackboneModel::Licence})
            hideColumn(column);
    }
    connect(m_rows, &QAbstractItemModel::modelReset, this, [this] { setChosen(m_chosen); });
    connect(m_rows, &QAbstractItemModel::dataChanged, this, &BackboneTable::fitColumns);
}

void BackboneTable::setChosen(const QString& name) {
    m_chosen = name;
    const QScopedValueRollback quiet(m_quiet, true);
    m_rows->refresh();
    const QModelIndex index = m_rows->indexOf(name);
    if (index.isValid())
        setCurrentIndex(index);
    viewport()->update();
}

void BackboneTable::setFilter(const Filter& filter) {
    const QScopedValueRollback quiet(m_quiet, true);
    m_rows->setFilter(filter);
    setCurrentIndex(m_rows->indexOf(m_chosen));
}

void BackboneTable::setNameHead(const QString& words) {
    m_rows->setNameHead(words);
    fitColumns();
}

void BackboneTable::fitHeight() { setFixedHeight(kBackboneHead + kBackboneRow * std::max(1, m_rows->rowCount())); }

void BackboneTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    const QString name = current.siblingAtColumn(BackboneModel::Name).data().toString();
    if (m_quiet || !current.isValid() || name == m_chosen)
        return;
    m_chosen = name;
    viewport()->update();
    Q_EMIT backboneChosen(name);
}

int BackboneTable::fittingWidth(int column) const {
    const QFontMetrics head(ui::font(FontRole::Head));
    const QFontMetrics cell(ui::font(column == BackboneModel::Name ? FontRole::Mono : FontRole::Body));
    int wide = head.horizontalAdvance(m_rows->headerData(column, Qt::Horizontal).toString()) + 4;
    for (int row = 0; row < m_rows->rowCount(); ++row)
        wide = std::max(wide, cell.horizontalAdvance(m_rows->index(row, column).data().toString()) + 2);
    return (column == BackboneModel::Name ? kBackboneNameLeft : padding()) + wide + padding();
}

int BackboneTable::padding() const { return kBackbonePadding + (m_shows == Shows::All ? kArrow : 0); }

// The name and what is known of it first; what is left is the reason's, or the name's where there is none.
void BackboneTable::fitColumns() {
    const int name = fittingWidth(BackboneModel::Name);
    int rest = viewport()->width();
    const QList<int> kept =
        m_shows == Shows::All
            ? QList<int>{BackboneModel::Weights,   BackboneModel::Parameters, BackboneModel::Top1,
                         BackboneModel::Speed,     BackboneModel::Compute,    BackboneModel::Family,
                         BackboneModel::ImageSize, BackboneModel::Licence}
            : QList<int>{BackboneModel::Weights, BackboneModel::Parameters, BackboneModel::Top1, BackboneModel::Speed};
    for (const int column : kept) { // those that go first where it is narrow come last
        const int wide = std::min(fittingWidth(column), kWidestCell);
        const bool shown = rest - wide >= name;
        setColumnHidden(column, !shown);
        setColumnWidth(column, wide);
        rest -= shown ? wide : 0;
    }
    const bool reasons = m_shows == Shows::Suggested && rest - name >= kReasonFrom;
    setColumnHidden(BackboneModel::Reason, !reasons);
    setColumnWidth(BackboneModel::Name, reasons ? name : rest);
    if (reasons)
        setColumnWidth(BackboneModel::Reason, rest - name);
}

void BackboneTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    fitColumns();
}

} // namespace ui
