#include "ui/setup/blockdelegate.h"

#include "ui/setup/blockmodel.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace ui {
namespace {

QString lockIcon(Qt::CheckState trained) {
    switch (trained) {
    case Qt::Checked:
        return QStringLiteral("lock-open");
    case Qt::PartiallyChecked:
        return QStringLiteral("lock-keyhole-open");
    case Qt::Unchecked:
        break;
    }
    return QStringLiteral("lock");
}

constexpr int kCellPadding = 4; // as the header's
constexpr int kTailRoom = 9;

struct Share {
    int number; // right edge of the number, from the column's left
    int bar;    // width of the bar behind it
};
constexpr Share kParameters{46, 56};
constexpr Share kCompute{45, 26};

void paintShare(QPainter& painter, const QRect& box, const Share& share, double fraction, const QColor& fill) {
    const QRect track(box.left() + share.number + 8, box.center().y() - 2, share.bar, 6);
    painter.fillRect(track, color(Role::Sunken));
    painter.fillRect(QRect(track.left(), track.top(), std::max(1, qRound(fraction * track.width())), track.height()),
                     fill);
}

void paintGround(QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) {
    const QRect box = option.rect;
    const bool matched = index.siblingAtColumn(BlockModel::Block).data(BlockModel::MatchedRole).toBool();
    if (option.state & QStyle::State_Selected)
        painter.fillRect(box, color(Role::AccentTint));
    else if (option.state & QStyle::State_MouseOver || matched)
        painter.fillRect(box, color(Role::Hover));
    if (matched && index.column() == BlockModel::Block)
        painter.fillRect(QRect(0, box.top(), 2, box.height()), color(Role::AccentText));
    if (index.column() == BlockModel::Block && (option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
        drawOutline(painter, box.adjusted(0, 1, 0, -1), color(Role::AccentText), 2, metric::kTagRadius);
}

void paintText(QPainter& painter, const QRect& box, Qt::Alignment side, const QString& words) {
    painter.drawText(box, side | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(words, Qt::ElideRight, box.width()));
}

} // namespace

QSize BlockDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {40, metric::kTreeRow}; }

void BlockDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto trained =
        static_cast<Qt::CheckState>(index.siblingAtColumn(BlockModel::Block).data(BlockModel::TrainedRole).toInt());
    const bool lockable = index.siblingAtColumn(BlockModel::Block).data(BlockModel::LockableRole).toBool();
    const Role ink = !lockable ? Role::Muted : trained == Qt::Unchecked ? Role::FrozenText : Role::ThawedText;
    const QString words = index.data().toString();
    QRect box = option.rect;
    paintGround(*painter, option, index);
    painter->setFont(ui::font(FontRole::Label));
    painter->setPen(color(Role::Text));
    switch (index.column()) {
    case BlockModel::Block:
        if (lockable)
            painter->drawPixmap(
                box.left(), box.top() + (box.height() - 14) / 2,
                theme().pixmap(lockIcon(trained), 14, color(ink), painter->device()->devicePixelRatioF()));
        painter->setFont(ui::font(FontRole::Mono));
        paintText(*painter, box.adjusted(kLockWidth, 0, -4, 0), Qt::AlignLeft, words);
        break;
    case BlockModel::Type:
    case BlockModel::Output:
        painter->setPen(color(Role::Muted));
        paintText(*painter, box.adjusted(kCellPadding, 0, -4, 0), Qt::AlignLeft, words);
        break;
    case BlockModel::Parameters:
    case BlockModel::Compute: {
        const Share& share = index.column() == BlockModel::Parameters ? kParameters : kCompute;
        const Role fill = index.column() == BlockModel::Compute ? Role::NeutralSoft
                          : trained == Qt::Unchecked            ? Role::FrozenFill
                                                                : Role::ThawedFill;
        paintShare(*painter, box, share, index.data(BlockModel::ShareRole).toDouble(), color(fill));
        box.setWidth(share.number);
        paintText(*painter, box, Qt::AlignRight, words);
        break;
    }
    case BlockModel::Thaws: {
        const QString factor = index.data(BlockModel::FactorRole).toString();
        box.adjust(kCellPadding, 0, -kTailRoom, 0);
        const int wide = painter->fontMetrics().horizontalAdvance(factor);
        paintText(*painter, box, Qt::AlignRight, factor);
        painter->setFont(ui::font(FontRole::Head));
        painter->setPen(color(ink));
        paintText(*painter, box.adjusted(0, 0, factor.isEmpty() ? 0 : -wide - 6, 0), Qt::AlignLeft, words);
        break;
    }
    default:
        break;
    }
}

} // namespace ui
