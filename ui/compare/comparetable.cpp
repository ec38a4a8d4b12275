#include "ui/compare/comparetable.h"

#include "ui/charts/charttext.h"
#include "ui/compare/comparedata.h"
#include "ui/compare/headtick.h"
#include "ui/controls/plaintable.h"
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
constexpr int kSign = 22, kReferenceWord = 66; // behind the name
constexpr int kLeastName = 180;                // of the first column; what does not fit beside it is scrolled to
constexpr int kPadding = 16;                   // beside a cell's text: room for the arrow of its head
constexpr int kMostCell = 220;
constexpr int kLeastCell = 40;
constexpr int kTickLeft = 14; // of the box in the head

class CompareDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        const bool reference = index.data(RunReferenceRole).toBool();
        if ((option.state & QStyle::State_Selected) || reference)
            painter->fillRect(box, color(Role::AccentTint));
        else if ((option.state & QStyle::State_MouseOver) ||
                 (!m_lifted.isEmpty() && index.data(RunIdRole).toString() == m_lifted))
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
        const bool right = (alignment ? alignment : int(Qt::AlignRight)) & Qt::AlignRight;
        const QString text = index.data().toString();
        const auto elide = text.contains(QLatin1Char('/')) ? Qt::ElideMiddle : Qt::ElideRight; // of paths the middle
        const QRect inside = right ? box.adjusted(4, 0, -kPadding, 0) : box.adjusted(kPadding, 0, -4, 0);
        painter->drawText(inside, (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(text, elide, inside.width()));
    }
    void setLifted(const QString& id) { m_lifted = id; }

private:
    QString m_lifted; // the run whose line is lifted
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
        const QString whole = index.data().toString();
        const int most = box.width() - kNameLeft - 8 - (starred ? kSign : 0);
        // Where the word would cut the name a sign says it.
        const bool inWords = reference && painter->fontMetrics().horizontalAdvance(whole) <= most - kReferenceWord;
        const int room = most - (inWords ? kReferenceWord : reference ? kSign : 0);
        const QString name = painter->fontMetrics().elidedText(whole, Qt::ElideRight, room);
        painter->drawText(QRect(box.left() + kNameLeft, box.top(), room + 2, box.height()), Qt::AlignVCenter, name);
        int x = box.left() + kNameLeft + painter->fontMetrics().horizontalAdvance(name) + 8;
        if (starred) {
            painter->drawPixmap(x, box.center().y() - 6,
                                theme().pixmap(QStringLiteral("star"), 14, color(Role::WarningText), scale));
            x += kSign;
        }
        if (reference && !inWords)
            painter->drawPixmap(x, box.center().y() - 6,
                                theme().pixmap(QStringLiteral("flag"), 14, color(Role::AccentText), scale));
        if (inWords) {
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

// Whether the mouse is pressed on the heads: then a width that changes is the person's doing.
class HeadMouse final : public QObject {
public:
    explicit HeadMouse(QWidget* heads) : QObject(heads) { heads->installEventFilter(this); }
    [[nodiscard]] bool down() const { return m_down; }

protected:
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::MouseButtonPress)
            m_down = true;
        else if (event->type() == QEvent::MouseButtonRelease)
            m_down = false;
        return false;
    }

private:
    bool m_down = false;
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

CompareTable::CompareTable(QWidget* parent)
    : QTableView(parent), m_sorted(new Sorted(this)), m_all(new HeadTick(horizontalHeader())) {
    setModel(m_sorted);
    setItemDelegate(new CompareDelegate(this));
    makePlainTable(*this, metric::kTableRow);
    setSelectionMode(ExtendedSelection);
    setSortingEnabled(true);
    setHorizontalScrollMode(ScrollPerPixel);
    setProperty("cellPadding", kPadding);
    horizontalHeader()->setProperty("cellPadding", kPadding);
    horizontalHeader()->setProperty("firstIndent", kNameLeft);
    setAccessibleName(tr("Runs"));
    horizontalHeader()->setFixedHeight(metric::kTableRow);
    horizontalHeader()->setSortIndicator(1, Qt::DescendingOrder);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, &CompareTable::rememberOrder);
    connect(this, &QTableView::activated, this,
            [this](const QModelIndex& index) { Q_EMIT openRequested(index.data(RunIdRole).toString()); });
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &CompareTable::keepOrder);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &CompareTable::rowsChanged);
    connect(m_sorted, &QAbstractItemModel::rowsInserted, this, &CompareTable::rowsChanged);
    connect(m_sorted, &QAbstractItemModel::rowsRemoved, this, &CompareTable::rowsChanged);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, &CompareTable::fitColumns);
    connect(m_sorted, &QAbstractItemModel::dataChanged, this, &CompareTable::showTicks);
    connect(this, &CompareTable::rowsChanged, this, &CompareTable::showTicks);
    connect(this, &CompareTable::rowsChanged, this, &CompareTable::orderChanged);
    connect(m_sorted, &QAbstractItemModel::layoutChanged, this, &CompareTable::orderChanged);
    connect(m_all, &HeadTick::clicked, this, &CompareTable::tickAll);
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, this, &CompareTable::placeBox);
    const auto* mouse = new HeadMouse(horizontalHeader()->viewport());
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this, mouse](int column, int, int width) {
        if (mouse->down())
            rememberWidth(column, width);
    });
    connect(this, &QTableView::entered, this,
            [this](const QModelIndex& index) { Q_EMIT hovered(index.data(RunIdRole).toString()); });
}

void CompareTable::setRuns(QAbstractItemModel* runs) {
    m_sorted->setSourceModel(runs);
    keepOrder();
    fitColumns();
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

QString CompareTable::keyOf(int column) const {
    const QVariant key = m_sorted->headerData(column, Qt::Horizontal, ColumnKeyRole);
    return key.isValid() ? key.toString() : m_sorted->headerData(column, Qt::Horizontal).toString();
}

// By what all runs say, whatever the filter leaves of them.
int CompareTable::usualWidth(int column) const {
    const QFontMetrics head(ui::font(FontRole::Head));
    const QFontMetrics cell(ui::font(FontRole::Strong));
    const QAbstractItemModel& runs = *m_sorted->sourceModel();
    int wide = head.horizontalAdvance(runs.headerData(column, Qt::Horizontal).toString()) + 2 * kPadding + 2;
    for (int row = 0; row < std::min(50, runs.rowCount()); ++row) {
        const QModelIndex index = runs.index(row, column);
        QString text = index.data().toString();
        if (text.isEmpty())
            text = index.data(RunTagsRole).toStringList().join(QStringLiteral("----"));
        wide = std::max(wide, cell.horizontalAdvance(text) + kPadding + 10);
    }
    return std::min(wide, kMostCell);
}

// What is left goes to the name first, then evenly to the columns that nobody made wider; sideways scrolling only where
// even that is not there.
void CompareTable::fitColumns() {
    const int columns = m_sorted->columnCount();
    if (columns == 0 || !m_sorted->sourceModel())
        return;
    m_fitting = true;
    int rest = viewport()->width();
    int usual = 0;
    for (int column = 1; column < columns; ++column) {
        const int chosen = m_widths.value(keyOf(column));
        usual += chosen > 0 ? 0 : 1;
        setColumnWidth(column, chosen > 0 ? chosen : usualWidth(column));
        rest -= columnWidth(column);
    }
    const int chosenName = m_widths.value(keyOf(0));
    m_wider = rest < (chosenName > 0 ? chosenName : kLeastName);
    setHorizontalScrollBarPolicy(m_wider ? Qt::ScrollBarAlwaysOn : Qt::ScrollBarAlwaysOff);
    const int name = chosenName > 0 ? chosenName : std::clamp(rest, kLeastName, 280);
    const int spare = usual > 0 ? std::max(0, rest - name) / usual : 0;
    for (int column = 1; column < columns; ++column)
        if (!m_widths.contains(keyOf(column)))
            setColumnWidth(column, columnWidth(column) + spare);
    setColumnWidth(0, chosenName > 0 ? chosenName : rest > kLeastName ? rest - spare * usual : kLeastName);
    m_fitting = false;
}

void CompareTable::rememberWidth(int column, int width) {
    if (m_fitting)
        return; // not the person's doing
    m_widths.insert(keyOf(column), std::max(width, kLeastCell));
    Q_EMIT widthsChanged();
}

void CompareTable::setWidths(const QHash<QString, int>& widths) {
    m_widths = widths;
    fitColumns();
}

void CompareTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    const bool wider = m_wider;
    fitColumns();
    if (m_wider != wider)
        Q_EMIT rowsChanged(); // another height is preferred
}

void CompareTable::updateGeometries() {
    QTableView::updateGeometries();
    placeBox();
}

// The box in the head stands above the ticks, wherever the table is scrolled to.
void CompareTable::placeBox() {
    m_all->move(horizontalHeader()->sectionViewportPosition(0) + kTickLeft,
                (horizontalHeader()->height() - m_all->height()) / 2);
}

void CompareTable::setLifted(const QString& id) {
    if (id == m_lifted)
        return;
    m_lifted = id;
    static_cast<CompareDelegate*>(itemDelegate())->setLifted(id);
    viewport()->update();
}

void CompareTable::leaveEvent(QEvent* event) {
    QTableView::leaveEvent(event);
    Q_EMIT hovered(QString());
}

void CompareTable::showRun(const QString& id) {
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        if (m_sorted->index(row, 0).data(RunIdRole).toString() == id) {
            selectRow(row);
            scrollTo(m_sorted->index(row, 0));
            return;
        }
}

QStringList CompareTable::order() const {
    QStringList ids;
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        ids.append(m_sorted->index(row, 0).data(RunIdRole).toString());
    if (const QAbstractItemModel* runs = m_sorted->sourceModel())
        for (int row = 0; row < runs->rowCount() && runs->rowCount() != m_sorted->rowCount(); ++row)
            if (const QString id = runs->index(row, 0).data(RunIdRole).toString(); !ids.contains(id))
                ids.append(id);
    return ids;
}

QString CompareTable::asCsv() const {
    const auto line = [this](const auto& cell) {
        QStringList cells;
        for (int column = 0; column < m_sorted->columnCount(); ++column)
            cells.append(csvCell(cell(column)));
        return cells.join(QLatin1Char(',')) + QStringLiteral("\r\n");
    };
    QString text = line([this](int column) {
        const QVariant head = m_sorted->headerData(column, Qt::Horizontal, ColumnCsvRole);
        return (head.isValid() ? head : m_sorted->headerData(column, Qt::Horizontal)).toString();
    });
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        text += line([this, row](int column) {
            const QModelIndex index = m_sorted->index(row, column);
            const QVariant value = index.data(RunSortRole);
            if (column == 0 || value.typeId() != QMetaType::Double)
                return index.data().toString();
            return std::isfinite(value.toDouble()) ? QString::number(value.toDouble(), 'g', 10) : QString();
        });
    return text;
}

QStringList CompareTable::idsOf(const QModelIndexList& rows) const {
    QStringList ids;
    for (const QModelIndex& row : rows)
        ids.append(row.data(RunIdRole).toString());
    return ids;
}

// All that match the filter; where all of them are ticked, none.
void CompareTable::tickAll() {
    QModelIndexList rows;
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        rows.append(m_sorted->index(row, 0));
    Q_EMIT tickRequested(idsOf(rows), m_all->state() != Qt::Checked);
}

void CompareTable::tickSelected() {
    QModelIndexList rows = selectionModel()->selectedRows();
    if (rows.isEmpty() && currentIndex().isValid())
        rows = {currentIndex().siblingAtColumn(0)};
    const bool all =
        std::all_of(rows.begin(), rows.end(), [](const QModelIndex& row) { return row.data(RunTickedRole).toBool(); });
    if (!rows.isEmpty())
        Q_EMIT tickRequested(idsOf(rows), !all);
}

void CompareTable::showTicks() {
    int ticked = 0;
    for (int row = 0; row < m_sorted->rowCount(); ++row)
        ticked += m_sorted->index(row, 0).data(RunTickedRole).toBool() ? 1 : 0;
    m_all->setTicks(ticked, m_sorted->rowCount());
}

void CompareTable::mousePressEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (event->button() == Qt::LeftButton && index.isValid() && index.column() == 0 &&
        event->pos().x() < visualRect(index).left() + kNameLeft - 4) {
        Q_EMIT tickRequested({index.data(RunIdRole).toString()}, !index.data(RunTickedRole).toBool());
        return;
    }
    QTableView::mousePressEvent(event);
}

void CompareTable::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space) {
        tickSelected();
        return;
    }
    QTableView::keyPressEvent(event);
}

void CompareTable::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos()).siblingAtColumn(0);
    if (!index.isValid())
        return;
    const QString id = index.data(RunIdRole).toString();
    QStringList ids = idsOf(selectionModel()->selectedRows());
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
