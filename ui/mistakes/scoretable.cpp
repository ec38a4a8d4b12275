#include "ui/mistakes/scoretable.h"

#include "ui/controls/plaintable.h"
#include "ui/format.h"
#include "ui/theme.h"

#include <QAbstractTableModel>
#include <QHeaderView>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

#include <cmath>

namespace ui {
namespace {

enum ScoreColumn { Name, Precision, Recall, F1, Support, ColumnCount };

constexpr int kF1Width = 60;
constexpr int kSupportWidth = 80;
constexpr int kShareWidth = 80; // without a bar
constexpr int kBarWidth = 116;  // bar and number
constexpr int kBar = 36;
constexpr int kPad = 12; // room for the arrow of a head
constexpr int kScoreRow = 24;
constexpr qsizetype kMostNamed = 3;

// Values that are no numbers come first: there is something to look at.
class WeakestFirst final : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
        const QVariant a = left.data(Qt::UserRole);
        const QVariant b = right.data(Qt::UserRole);
        if (a.typeId() == QMetaType::QString)
            return QString::localeAwareCompare(a.toString(), b.toString()) < 0;
        const double x = a.toDouble();
        const double y = b.toDouble();
        return std::isnan(x) ? !std::isnan(y) : x < y;
    }
};

class ScoreDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || (option.state & QStyle::State_MouseOver))
            painter->fillRect(box, color(selected ? Role::AccentTint : Role::Hover));
        painter->fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color(Role::ChartGrid));
        const int column = index.column();
        const bool strong = column == F1 || column == Name;
        painter->setFont(ui::font(strong ? FontRole::Head : FontRole::Label));
        painter->setPen(color(Role::Text));
        const QRect inside = box.adjusted(kPad, 0, column == Name ? -2 : -kPad, 0);
        const QString text =
            painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, inside.width());
        painter->drawText(inside, Qt::AlignVCenter | (column == Name ? Qt::AlignLeft : Qt::AlignRight), text);
        if (column == Precision || column == Recall)
            paintBar(*painter, inside, index.data(Qt::UserRole).toDouble());
        if (column == Name && (option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
            drawOutline(*painter, box.adjusted(1, 1, -1, -2), color(Role::AccentText), 2, metric::kTagRadius);
    }

private:
    static void paintBar(QPainter& painter, const QRect& inside, double share) {
        if (inside.width() < kBarWidth - 2 * kPad)
            return;
        const QRectF track(inside.left(), inside.center().y() - 2, kBar, 5);
        drawOutline(painter, track, Qt::transparent, 0, 2.5, color(Role::Sunken));
        if (share > 0)
            drawOutline(painter, QRectF(track.left(), track.top(), std::max(3.0, kBar * share), track.height()),
                        Qt::transparent, 0, 2.5, color(Role::Accent));
    }
};

} // namespace

class ScoreTable::Model final : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    void set(const ClassScores& scores, const QString& samples) {
        beginResetModel();
        m_scores = scores;
        m_samples = samples;
        endResetModel();
    }
    [[nodiscard]] int rowCount(const QModelIndex& parent) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_scores.classes.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex& parent) const override {
        return parent.isValid() ? 0 : ColumnCount;
    }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid())
            return {};
        const ClassScore& one = m_scores.classes.at(index.row());
        const auto share = [role](double value) {
            return role == Qt::UserRole ? QVariant(value) : QVariant(formatPercent(value));
        };
        if (role == Qt::ToolTipRole)
            return index.column() == Name ? one.name : meaning(index.column());
        if (role != Qt::DisplayRole && role != Qt::UserRole)
            return {};
        switch (index.column()) {
        case Name:
            return one.name;
        case Precision:
            return share(one.precision);
        case Recall:
            return share(one.recall);
        case F1:
            return role == Qt::UserRole ? QVariant(one.f1) : QVariant(f1Words(one.f1));
        default:
            return role == Qt::UserRole ? QVariant(static_cast<double>(one.support))
                                        : QVariant(formatExact(one.support));
        }
    }
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (orientation != Qt::Horizontal)
            return {};
        if (role == Qt::TextAlignmentRole)
            return int((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        if (role == Qt::ToolTipRole)
            return meaning(section);
        return role == Qt::DisplayRole
                   ? QVariant(
                         QStringList{tr("Class"), tr("Precision"), tr("Recall"), tr("F1"), m_samples}.value(section))
                   : QVariant();
    }

private:
    [[nodiscard]] static QString meaning(int column) {
        switch (column) {
        case Precision:
            return tr("Of the answers that named this class, so many were right. –: no answer named it");
        case Recall:
            return tr("Of what is of this class, so much was recognised");
        case F1:
            return tr("Harmonic mean of precision and recall: high only where both are");
        case Support:
            return tr("How many of this class were validated");
        default:
            return {};
        }
    }
    ClassScores m_scores;
    QString m_samples;
};

ScoreTable::ScoreTable(QWidget* parent) : QTableView(parent), m_model(new Model(this)) {
    auto* sorted = new WeakestFirst(this);
    sorted->setSourceModel(m_model);
    setModel(sorted);
    setItemDelegate(new ScoreDelegate(this));
    makePlainTable(*this, kScoreRow);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSortingEnabled(true);
    setAccessibleName(tr("Classes"));
    horizontalHeader()->setProperty("cellPadding", kPad);
    horizontalHeader()->setProperty("plain", true);
    horizontalHeader()->setFixedHeight(kScoreRow);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    sortByColumn(F1, Qt::AscendingOrder);
    connect(this, &QTableView::activated, this,
            [this, sorted](const QModelIndex& index) { Q_EMIT classActivated(sorted->mapToSource(index).row()); });
}

void ScoreTable::setScores(const ClassScores& scores, const QString& samples) { m_model->set(scores, samples); }

void ScoreTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    const int bar = viewport()->width() < 2 * kBarWidth + kF1Width + kSupportWidth + 90 ? kShareWidth : kBarWidth;
    setColumnWidth(Precision, bar);
    setColumnWidth(Recall, bar);
    setColumnWidth(F1, kF1Width);
    setColumnWidth(Support, kSupportWidth);
    setColumnWidth(Name, std::max(60, viewport()->width() - 2 * bar - kF1Width - kSupportWidth));
}

QString f1Words(double f1) { return std::isfinite(f1) ? QString::number(f1, 'f', 3) : missing(); }

QString neverRecognisedWords(const QStringList& classes) {
    if (classes.isEmpty())
        return {};
    if (classes.size() == 1)
        return ScoreTable::tr("%1 is never recognised.").arg(classes.first());
    const QString names = classes.mid(0, kMostNamed).join(QStringLiteral(", "));
    return classes.size() <= kMostNamed
               ? ScoreTable::tr("%1 are never recognised.").arg(names)
               : ScoreTable::tr("%1 and %2 more are never recognised.").arg(names).arg(classes.size() - kMostNamed);
}

} // namespace ui
