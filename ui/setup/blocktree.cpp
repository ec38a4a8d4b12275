#include "ui/setup/blocktree.h"

#include "ui/setup/blockdelegate.h"
#include "ui/setup/blockmodel.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QSet>

#include <algorithm>
#include <utility>

namespace ui {
namespace {

constexpr int kTreeHead = 28;
constexpr int kTreeIndent = 20;
constexpr int kOutputFrom = 690; // narrower trees go without the column
constexpr int kTreeTypeFrom = 590;
constexpr int kBlock = 132; // width of the first column
constexpr int kBlockMost = 220;
constexpr int kBesideName = 50;

} // namespace

BlockTree::BlockTree(QWidget* parent) : QTreeView(parent), m_model(new BlockModel(this)) {
    setModel(m_model);
    setItemDelegate(new BlockDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(ExtendedSelection);
    setSelectionBehavior(SelectRows);
    setUniformRowHeights(true);
    setIndentation(kTreeIndent);
    setMouseTracking(true);
    setExpandsOnDoubleClick(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Blocks"));
    header()->setFixedHeight(kTreeHead);
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setMinimumSectionSize(0);
    header()->setSectionResizeMode(QHeaderView::Fixed);
    header()->setProperty("firstIndent", 8);
    const auto refit = [this] { updateGeometry(); };
    connect(this, &QTreeView::expanded, this, refit);
    connect(this, &QTreeView::collapsed, this, refit);
}

void BlockTree::setBlocks(const QList<BlockRow>& blocks) {
    QSet<QString> open;
    QSet<QString> selected;
    const auto each = [this](const auto& self, const QModelIndex& parent, const auto& visit) -> void {
        for (int row = 0; row < m_model->rowCount(parent); ++row) {
            const QModelIndex index = m_model->index(row, 0, parent);
            visit(index, index.data(BlockModel::NameRole).toString());
            self(self, index, visit);
        }
    };
    each(each, {}, [&](const QModelIndex& index, const QString& name) {
        if (isExpanded(index))
            open.insert(name);
        if (selectionModel()->isRowSelected(index.row(), index.parent()))
            selected.insert(name);
    });
    bool reset = false;
    const auto watch = connect(m_model, &QAbstractItemModel::modelReset, this, [&] { reset = true; });
    m_model->setBlocks(blocks);
    disconnect(watch);
    if (!reset)
        return;
    each(each, {}, [&](const QModelIndex& index, const QString& name) {
        if (open.contains(name))
            expand(index);
        if (selected.contains(name))
            selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
    });
    fitColumns();
    updateGeometry();
}

int BlockTree::setPattern(const BlockPattern& pattern) {
    const int count = m_model->setPattern(pattern);
    for (const auto& opened : std::exchange(m_opened, {}))
        collapse(opened);
    if (count > 0)
        openMatches({});
    viewport()->update();
    return count;
}

// Parts that match are shown, unless the whole does.
void BlockTree::openMatches(const QModelIndex& parent) {
    for (int row = 0; row < m_model->rowCount(parent); ++row) {
        const QModelIndex index = m_model->index(row, 0, parent);
        if (index.data(BlockModel::MatchedRole).toBool())
            continue;
        openMatches(index);
        bool found = false;
        for (int part = 0; part < m_model->rowCount(index) && !found; ++part) {
            const QModelIndex below = m_model->index(part, 0, index);
            found = below.data(BlockModel::MatchedRole).toBool() || isExpanded(below);
        }
        if (found && !isExpanded(index)) {
            expand(index);
            m_opened.append(QPersistentModelIndex(index));
        }
    }
}

QModelIndexList BlockTree::matches(const QModelIndex& parent) const {
    QModelIndexList found;
    for (int row = 0; row < m_model->rowCount(parent); ++row) {
        const QModelIndex index = m_model->index(row, 0, parent);
        if (index.data(BlockModel::MatchedRole).toBool())
            found.append(index);
        else
            found.append(matches(index));
    }
    return found;
}

void BlockTree::selectMatches() {
    QItemSelection rows;
    for (const auto& index : matches({}))
        rows.select(index, index);
    selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (!rows.isEmpty())
        selectionModel()->setCurrentIndex(rows.first().topLeft(), QItemSelectionModel::NoUpdate);
}

QSize BlockTree::sizeHint() const {
    int rows = 0;
    for (QModelIndex index = m_model->index(0, 0); index.isValid(); index = indexBelow(index))
        ++rows;
    return {400, kTreeHead + metric::kTreeRow * std::max(1, rows) + 2};
}

// What is chosen without the parts of what is chosen.
QModelIndexList BlockTree::selectedBlocks() const {
    QModelIndexList chosen;
    for (const auto& index : selectionModel()->selectedRows()) {
        bool within = false;
        for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
            within |= selectionModel()->isRowSelected(above.row(), above.parent());
        if (!within)
            chosen.append(index);
    }
    std::sort(chosen.begin(), chosen.end(),
              [this](const QModelIndex& a, const QModelIndex& b) { return visualRect(a).top() < visualRect(b).top(); });
    return chosen;
}

void BlockTree::toggle(const QModelIndexList& rows) {
    if (rows.isEmpty())
        return;
    QStringList names;
    bool allTrained = true;
    for (const auto& row : rows) {
        names.append(row.data(BlockModel::NameRole).toString());
        allTrained &= row.data(BlockModel::TrainedRole).toInt() == Qt::Checked;
    }
    Q_EMIT blocksToggled(names, !allTrained);
}

void BlockTree::trainSelected(bool train) {
    QStringList names;
    QModelIndexList rows = selectedBlocks();
    if (rows.isEmpty())
        rows = matches({});
    for (const auto& row : rows)
        names.append(row.data(BlockModel::NameRole).toString());
    if (!names.isEmpty())
        Q_EMIT blocksToggled(names, train);
}

void BlockTree::mousePressEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos()).siblingAtColumn(BlockModel::Block);
    const int x = event->pos().x() - visualRect(index).left();
    if (event->button() == Qt::LeftButton && index.isValid() && x >= -2 && x < BlockDelegate::kLockWidth &&
        index.data(BlockModel::LockableRole).toBool()) {
        setFocus(Qt::MouseFocusReason);
        if (event->modifiers() & Qt::ShiftModifier) {
            QTreeView::mousePressEvent(event); // extends the selection first
            toggle(selectedBlocks());
            return;
        }
        const bool selected = selectionModel()->isRowSelected(index.row(), index.parent());
        if (!selected)
            setCurrentIndex(index);
        toggle(selected ? selectedBlocks() : QModelIndexList{index});
        return;
    }
    QTreeView::mousePressEvent(event);
}

void BlockTree::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space) {
        toggle(selectedBlocks());
        return;
    }
    if (event->key() == Qt::Key_Escape && selectionModel()->hasSelection()) {
        clearSelection();
        return;
    }
    QTreeView::keyPressEvent(event);
}

void BlockTree::wheelEvent(QWheelEvent* event) { event->ignore(); }

// What is selected or found is tinted from edge to edge, the room before its name included.
void BlockTree::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QRect row(0, option.rect.top(), viewport()->width(), option.rect.height());
    if (selectionModel()->isRowSelected(index.row(), index.parent()))
        painter->fillRect(row, color(Role::AccentTint));
    else if (index.siblingAtColumn(BlockModel::Block).data(BlockModel::MatchedRole).toBool())
        painter->fillRect(row, color(Role::Hover));
    QTreeView::drawRow(painter, option, index);
}

void BlockTree::fitColumns() {
    const int all = viewport()->width();
    setColumnHidden(BlockModel::Output, all < kOutputFrom);
    setColumnHidden(BlockModel::Type, all < kTreeTypeFrom);
    setColumnHidden(BlockModel::Compute, !m_model->hasCompute());
    const QFontMetrics mono(ui::font(FontRole::Mono));
    int names = kBlock;
    for (int row = 0; row < m_model->rowCount(); ++row)
        names = std::max(names, mono.horizontalAdvance(m_model->index(row, 0).data().toString()) + kBesideName);
    const QList<std::pair<int, int>> widths{{BlockModel::Block, std::min(names, kBlockMost)},
                                            {BlockModel::Type, 140},
                                            {BlockModel::Output, 104},
                                            {BlockModel::Parameters, 122},
                                            {BlockModel::Compute, 100},
                                            {BlockModel::Thaws, 131}};
    int rest = all;
    for (const auto& [column, width] : widths) {
        setColumnWidth(column, width);
        rest -= isColumnHidden(column) ? 0 : width;
    }
    const int words = isColumnHidden(BlockModel::Type) ? BlockModel::Block : BlockModel::Type;
    const int tail = rest > 0 ? rest / 4 : 0; // room beside the figures, the rest for words
    setColumnWidth(BlockModel::Block, columnWidth(BlockModel::Block) + tail);
    setColumnWidth(words, std::max(60, columnWidth(words) + rest - tail));
}

void BlockTree::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    fitColumns();
}

} // namespace ui
