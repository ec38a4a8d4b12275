#include "ui/compare/comparetable.h"

#include "ui/frame/runrole.h"
#include "ui/thawstyle.h"
#include "ui/theme.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kNameLeft = 40;
constexpr int kLeastName = 180; // of the first column; what does not fit beside it is scrolled to
constexpr int kPadding = 16;    // right of a number: room for the arrow of its head

class CompareDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        const bool reference = index.data(RunReferenceRole).toBool();
        if ((option.state & QStyle::State_Selected) || reference)
            painter->fillRect(box, color(Role::AccentTint));
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(box, color(Role::Hover));
        if (index.row() + 1 < index.model()->rowCount())
            painter->fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color(Role::ChartGrid));
        const bool best = index.data(RunBestInColumnRole).toBool();
        painter->setPen(color(Role::Text));
        if (index.column() == 0) {
            paintName(painter, option, index, reference);
            return;
        }
        const QStringList tags = index.data(RunTagsRole).toStringList();
        const int alignment = index.data(Qt::TextAlignmentRole).toInt();
        if (!tags.isEmpty() && index.data().toString().isEmpty()) {
            paintTags(painter, box, tags);
            return;
        }
        painter->setFont(ui::font(best ? FontRole::Strong : FontRole::Body));
        painter->drawText(
            box.adjusted(4, 0, -kPadding, 0), (alignment ? alignment : int(Qt::AlignRight)) | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, box.width() - kPadding - 4));
    }

private:
    static void paintName(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index,
                          bool reference) {
        const QRect box = option.rect;
        const qreal scale = painter->device()->devicePixelRatioF();
        const QColor ink = runColor(index.data(RunColourRole).toInt());
        drawCheck(*painter, QRectF(box.left() + 16, box.center().y() - 6.5, 14, 14), ink,
                  index.data(RunTickedRole).toBool() ? Qt::Checked : Qt::Unchecked, true);
        painter->setFont(ui::font(FontRole::Value));
        painter->setPen(color(Role::Text));
        const bool starred = index.data(RunStarredRole).toBool();
        const int extra = (starred ? 22 : 0) + (reference ? 66 : 0);
        const int room = box.width() - kNameLeft - 8 - extra;
        const QString name = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, room);
        painter->drawText(QRect(box.left() + kNameLeft, box.top(), room + 2, box.height()), Qt::AlignVCenter, name);
        int x = box.left() + kNameLeft + painter->fontMetrics().horizontalAdvance(name) + 8;
        if (starred) {
            painter->drawPixmap(x, box.center().y() - 6,
                                theme().pixmap(QStringLiteral("star"), 14, color(Role::WarningText), scale));
            x += 22;
        }
        if (reference) {
            painter->setFont(ui::font(FontRole::Small));
            painter->setPen(color(Role::AccentText));
            painter->drawText(QRect(x, box.top(), 70, box.height()), Qt::AlignVCenter, QObject::tr("reference"));
        }
        if ((option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
            drawOutline(*painter, box.adjusted(2, 2, -2, -2), color(Role::AccentText), 2, metric::kTagRadius);
    }
    static void paintTags(QPainter* painter, const QRect& box, const QStringList& tags) {
        painter->setFont(ui::font(FontRole::Small));
        int x = box.left() + kPadding;
        for (const auto& tag : tags) {
            const int wide = painter->fontMetrics().horizontalAdvance(tag) + 12;
            if (x + wide > box.right())
                break;
            const QRect chip(x, box.center().y() - 9, wide, 20);
            drawOutline(*painter, chip, Qt::transparent, 0, metric::kTagRadius, color(Role::Sunken));
            painter->setPen(color(Role::Text));
            painter->drawText(chip, Qt::AlignCenter, tag);
            x += wide + 8;
        }
    }
};

// The number that a cell shows: "96.1 %" is 96.1, "12.1 px" is 12.1, "1,024" is 1024; NaN where it shows none.
double shownNumber(const QString& text) {
    bool fine = false;
    const double number = text.section(QLatin1Char(' '), 0, 0).remove(QLatin1Char(',')).toDouble(&fine);
    return fine ? number : std::nan("");
}

bool holds(double value, QChar sign, double bound, const QString& shown) {
    if (sign == QLatin1Char('='))
        return std::abs(value - bound) <= 1e-9 * std::abs(bound) ||
               shownNumber(shown) == bound; // people know what is shown
    return sign == QLatin1Char('>') ? value > bound : value < bound;
}

} // namespace

// Sorts by RunSortRole; filters by words, and by "accuracy > 95" style conditions on a column's head.
class CompareTable::Sorted final : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setText(const QString& text) {
        m_terms = text.split(QLatin1Char(','), Qt::SkipEmptyParts);
        invalidateFilter();
    }

protected:
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
        const QVariant a = left.data(RunSortRole);
        const QVariant b = right.data(RunSortRole);
        if (a.typeId() == QMetaType::Double && b.typeId() == QMetaType::Double) {
            const double x = a.toDouble();
            const double y = b.toDouble();
            if (std::isnan(x) != std::isnan(y)) // a missing value goes to the end, whatever the order
                return std::isnan(x) == (sortOrder() == Qt::DescendingOrder);
            return x < y;
        }
        const QString x = a.isValid() ? a.toString() : left.data().toString();
        const QString y = b.isValid() ? b.toString() : right.data().toString();
        return QString::localeAwareCompare(x, y) < 0;
    }
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex&) const override {
        return std::all_of(m_terms.begin(), m_terms.end(),
                           [&](const QString& term) { return accepts(row, term.trimmed()); });
    }

private:
    [[nodiscard]] bool accepts(int row, const QString& term) const {
        const auto sign = term.indexOf(QRegularExpression(QStringLiteral("[<>=]")));
        if (sign > 0) {
            const QString head = term.left(sign).trimmed();
            bool fine = false;
            const double bound = term.mid(sign + 1).trimmed().toDouble(&fine);
            if (fine)
                for (int column = 1; column < sourceModel()->columnCount(); ++column) {
                    if (!sourceModel()
                             ->headerData(column, Qt::Horizontal)
                             .toString()
                             .contains(head, Qt::CaseInsensitive))
                        continue;
                    const QModelIndex cell = sourceModel()->index(row, column);
                    double value = cell.data(RunSortRole).toDouble();
                    if (cell.data().toString().endsWith(QLatin1Char('%')))
                        value *= value <= 1 ? 100 : 1;
                    return holds(value, term.at(sign), bound, cell.data().toString());
                }
        }
        QString all;
        for (int column = 0; column < sourceModel()->columnCount(); ++column)
            all += sourceModel()->index(row, column).data().toString() + QLatin1Char(' ');
        all += sourceModel()->index(row, 0).data(RunTagsRole).toStringList().join(QLatin1Char(' '));
        const QStringList words = term.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        return std::all_of(words.begin(), words.end(),
                           [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
    }
    QStringList m_terms;
};

CompareTable::CompareTable(QWidget* parent) : QTableView(parent), m_sorted(new Sorted(this)) {
    setModel(m_sorted);
    setItemDelegate(new CompareDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setMouseTracking(true);
    setSortingEnabled(true);
    setWordWrap(false);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    setProperty("cellPadding", kPadding);
    horizontalHeader()->setProperty("cellPadding", kPadding);
    horizontalHeader()->setProperty("firstIndent", kNameLeft);
    setAccessibleName(tr("Runs"));
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(metric::kTableRow);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setFixedHeight(metric::kTableRow);
    horizontalHeader()->setSortIndicator(1, Qt::DescendingOrder);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, &CompareTable::rememberOrder);
    connect(this, &QTableView::activated, this,
            [this](const QModelIndex& index) { Q_EMIT openRequested(index.data(RunIdRole).toString()); });
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &CompareTable::keepOrder);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &CompareTable::rowsChanged);
    connect(m_sorted, &QAbstractItemModel::rowsInserted, this, &CompareTable::rowsChanged);
    connect(m_sorted, &QAbstractItemModel::rowsRemoved, this, &CompareTable::rowsChanged);
    connect(this, &CompareTable::rowsChanged, this, &CompareTable::fitColumns);
}

void CompareTable::setRuns(QAbstractItemModel* runs) {
    m_sorted->setSourceModel(runs);
    keepOrder();
    Q_EMIT rowsChanged();
}

void CompareTable::rememberOrder(int column) { m_orderedBy = m_sorted->headerData(column, Qt::Horizontal).toString(); }

// Columns come and go with the runs: the order stays with the head that was chosen.
void CompareTable::keepOrder() {
    for (int column = 0; column < m_sorted->columnCount() && !m_orderedBy.isEmpty(); ++column)
        if (m_sorted->headerData(column, Qt::Horizontal).toString() == m_orderedBy) {
            sortByColumn(column, horizontalHeader()->sortIndicatorOrder());
            return;
        }
    m_orderedBy.clear();
    const QVariant order = m_sorted->headerData(1, Qt::Horizontal, Qt::InitialSortOrderRole);
    sortByColumn(1, order.isValid() ? order.value<Qt::SortOrder>() : Qt::DescendingOrder);
}

void CompareTable::setFilter(const QString& text) {
    m_sorted->setText(text);
    Q_EMIT rowsChanged();
}

int CompareTable::preferredHeight(int most) const {
    const int bar = m_wider ? horizontalScrollBar()->sizeHint().height() : 0;
    return std::clamp(metric::kTableRow * (m_sorted->rowCount() + 1), metric::kTableRow * 3, most) + bar;
}

void CompareTable::fitColumns() {
    if (m_sorted->columnCount() == 0)
        return;
    const QFontMetrics head(ui::font(FontRole::Head));
    const QFontMetrics cell(ui::font(FontRole::Strong));
    int rest = viewport()->width();
    for (int column = 1; column < m_sorted->columnCount(); ++column) {
        int wide = head.horizontalAdvance(m_sorted->headerData(column, Qt::Horizontal).toString()) + 2 * kPadding + 2;
        for (int row = 0; row < std::min(50, m_sorted->rowCount()); ++row) {
            const QModelIndex index = m_sorted->index(row, column);
            QString text = index.data().toString();
            if (text.isEmpty())
                text = index.data(RunTagsRole).toStringList().join(QStringLiteral("----"));
            wide = std::max(wide, cell.horizontalAdvance(text) + kPadding + 10);
        }
        wide = std::min(wide, 220);
        setColumnWidth(column, wide);
        rest -= wide;
    }
    // What is left goes to the name first, then evenly to the numbers; sideways scrolling only where even that is not
    // there.
    m_wider = rest < kLeastName;
    setHorizontalScrollBarPolicy(m_wider ? Qt::ScrollBarAlwaysOn : Qt::ScrollBarAlwaysOff);
    const int numbers = std::max(1, m_sorted->columnCount() - 1);
    const int name = std::clamp(rest, kLeastName, 280);
    const int spare = std::max(0, rest - name) / numbers;
    for (int column = 1; column < m_sorted->columnCount(); ++column)
        setColumnWidth(column, columnWidth(column) + spare);
    setColumnWidth(0, rest > kLeastName ? rest - spare * numbers : kLeastName);
}

void CompareTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    const bool wider = m_wider;
    fitColumns();
    if (m_wider != wider)
        Q_EMIT rowsChanged(); // another height is preferred
}

void CompareTable::mousePressEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (event->button() == Qt::LeftButton && index.isValid() && index.column() == 0 &&
        event->pos().x() < visualRect(index).left() + kNameLeft - 4) {
        Q_EMIT tickRequested(index.data(RunIdRole).toString(), !index.data(RunTickedRole).toBool());
        return;
    }
    QTableView::mousePressEvent(event);
}

void CompareTable::keyPressEvent(QKeyEvent* event) {
    const QModelIndex index = currentIndex();
    if (index.isValid() && event->key() == Qt::Key_Space) {
        const QModelIndex first = index.siblingAtColumn(0);
        Q_EMIT tickRequested(first.data(RunIdRole).toString(), !first.data(RunTickedRole).toBool());
        return;
    }
    QTableView::keyPressEvent(event);
}

void CompareTable::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos()).siblingAtColumn(0);
    if (!index.isValid())
        return;
    const QString id = index.data(RunIdRole).toString();
    QStringList ids;
    for (const auto& one : selectionModel()->selectedRows())
        ids.append(one.data(RunIdRole).toString());
    if (!ids.contains(id))
        ids = {id};
    QMenu menu(this);
    const bool starred = index.data(RunStarredRole).toBool();
    QAction* open = menu.addAction(ui::icon(QStringLiteral("activity")), tr("Open in Live"));
    QAction* reference = menu.addAction(ui::icon(QStringLiteral("flag")), tr("Use as reference"));
    QAction* use = menu.addAction(ui::icon(QStringLiteral("sliders-horizontal")), tr("Use its settings"));
    QAction* star =
        menu.addAction(ui::icon(QStringLiteral("star")), starred ? tr("Take the star away") : tr("Give it a star"));
    QAction* folder = menu.addAction(ui::icon(QStringLiteral("folder-open")), tr("Open its folder"));
    menu.addSeparator();
    QAction* remove = menu.addAction(ui::icon(QStringLiteral("trash-2")),
                                     ids.size() > 1 ? tr("Delete %1 runs…").arg(ids.size()) : tr("Delete run…"));
    const QAction* chosen = menu.exec(event->globalPos());
    if (chosen == open)
        Q_EMIT openRequested(id);
    else if (chosen == reference)
        Q_EMIT referenceRequested(id);
    else if (chosen == use)
        Q_EMIT useSettingsRequested(id);
    else if (chosen == star)
        Q_EMIT starRequested(id, !starred);
    else if (chosen == folder)
        Q_EMIT openFolderRequested(id);
    else if (chosen == remove)
        Q_EMIT deleteRequested(ids);
}

} // namespace ui
