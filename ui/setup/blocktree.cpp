#include "ui/setup/blocktree.h"

#include "ui/setup/blockdelegate.h"
#include "ui/setup/blockmodel.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QRegularExpression>
#include <QSet>
#include <QSortFilterProxyModel>

namespace ui {
namespace {

constexpr int kHead = 28;
constexpr int kOutputFrom = 620; // narrower trees go without the column
constexpr int kTypeFrom = 500;

} // namespace

class BlockTree::Rows final : public QSortFilterProxyModel {
public:
    explicit Rows(QObject* parent) : QSortFilterProxyModel(parent) {
        setRecursiveFilteringEnabled(true);
        setAutoAcceptChildRows(true);
    }
    void setWords(const QString& words) {
        m_any = words.isEmpty();
        const bool pattern = words.contains(QRegularExpression(QStringLiteral("[*?\\[]")));
        m_pattern =
            pattern ? QRegularExpression::fromWildcard(words, Qt::CaseInsensitive)
                    : QRegularExpression(QRegularExpression::escape(words), QRegularExpression::CaseInsensitiveOption);
        invalidateFilter();
    }
    [[nodiscard]] bool any() const { return m_any; }
    [[nodiscard]] bool found(const QModelIndex& source) const {
        return m_any || m_pattern.match(source.data(BlockModel::NameRole).toString()).hasMatch();
    }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
        return found(sourceModel()->index(row, 0, parent));
    }

private:
    QRegularExpression m_pattern;
    bool m_any = true;
};

BlockTree::BlockTree(QWidget* parent) : QTreeView(parent), m_model(new BlockModel(this)), m_rows(new Rows(this)) {
    m_rows->setSourceModel(m_model);
    setModel(m_rows);
    setItemDelegate(new BlockDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(ExtendedSelection);
    setSelectionBehavior(SelectRows);
    setUniformRowHeights(true);
    setIndentation(20);
    setMouseTracking(true);
    setExpandsOnDoubleClick(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Blocks"));
    header()->setFixedHeight(kHead);
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
        for (int row = 0; row < m_rows->rowCount(parent); ++row) {
            const QModelIndex index = m_rows->index(row, 0, parent);
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

bool BlockTree::setFilter(const QString& words) {
    m_rows->setWords(words.trimmed());
    if (!m_rows->any())
        expandAll();
    updateGeometry();
    return m_rows->rowCount() > 0;
}

QSize BlockTree::sizeHint() const {
    int rows = 0;
    for (QModelIndex index = m_rows->index(0, 0); index.isValid(); index = indexBelow(index))
        ++rows;
    return {400, kHead + metric::kTreeRow * std::max(1, rows) + 2};
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
    for (const auto& row : selectedBlocks())
        names.append(row.data(BlockModel::NameRole).toString());
    if (names.isEmpty() && !m_rows->any()) {
        const auto collect = [&](const auto& self, const QModelIndex& parent) -> void {
            for (int row = 0; row < m_rows->rowCount(parent); ++row) {
                const QModelIndex index = m_rows->index(row, 0, parent);
                if (m_rows->found(m_rows->mapToSource(index)))
                    names.append(index.data(BlockModel::NameRole).toString());
                else
                    self(self, index);
            }
        };
        collect(collect, {});
    }
    if (!names.isEmpty())
        Q_EMIT blocksToggled(names, train);
}

void BlockTree::mousePressEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos()).siblingAtColumn(BlockModel::Block);
    const int x = event->pos().x() - visualRect(index).left();
    if (event->button() == Qt::LeftButton && index.isValid() && x >= 0 && x < BlockDelegate::kLockWidth) {
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

void BlockTree::fitColumns() {
    const int all = viewport()->width();
    setColumnHidden(BlockModel::Output, all < kOutputFrom);
    setColumnHidden(BlockModel::Type, all < kTypeFrom);
    setColumnHidden(BlockModel::Compute, !m_model->hasCompute());
    setColumnWidth(BlockModel::Parameters, 120);
    setColumnWidth(BlockModel::Compute, 92);
    setColumnWidth(BlockModel::State, 108);
    setColumnWidth(BlockModel::Output, 108);
    int rest = all;
    for (const int column : {BlockModel::Parameters, BlockModel::Compute, BlockModel::State, BlockModel::Output})
        if (!isColumnHidden(column))
            rest -= columnWidth(column);
    if (isColumnHidden(BlockModel::Type)) {
        setColumnWidth(BlockModel::Block, rest);
        return;
    }
    setColumnWidth(BlockModel::Block, rest / 2);
    setColumnWidth(BlockModel::Type, rest - rest / 2);
}

void BlockTree::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    fitColumns();
}

} // namespace ui
