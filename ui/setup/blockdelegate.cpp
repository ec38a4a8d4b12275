#include "ui/setup/blockdelegate.h"

#include "ui/setup/blockmodel.h"
#include "ui/theme.h"

#include <QPainter>

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

void paintShare(QPainter& painter, const QRect& box, double share, const QColor& fill) {
    const QRect track(box.left(), box.center().y() - 2, box.width(), 6);
    painter.fillRect(track, color(Role::Sunken));
    painter.fillRect(QRect(track.left(), track.top(), std::max(1, qRound(share * track.width())), track.height()),
                     fill);
}

} // namespace

QSize BlockDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return {40, metric::kTreeRow}; }

void BlockDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto trained =
        static_cast<Qt::CheckState>(index.siblingAtColumn(BlockModel::Block).data(BlockModel::TrainedRole).toInt());
    const Role ink = trained == Qt::Unchecked ? Role::FrozenText : Role::ThawedText;
    QRect box = option.rect;
    if (option.state & QStyle::State_Selected)
        painter->fillRect(box, color(Role::AccentTint));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(box, color(Role::Hover));
    if (index.column() == 0 && (option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
        drawOutline(*painter, box.adjusted(0, 1, 0, -1), color(Role::AccentText), 2, metric::kTagRadius);

    painter->setFont(ui::font(FontRole::Label));
    painter->setPen(color(Role::Text));
    int alignment = Qt::AlignLeft;
    switch (index.column()) {
    case BlockModel::Block:
        painter->drawPixmap(box.left() + 1, box.top() + (box.height() - 14) / 2,
                            theme().pixmap(lockIcon(trained), 14, color(ink), painter->device()->devicePixelRatioF()));
        box.setLeft(box.left() + kLockWidth);
        painter->setFont(ui::font(FontRole::Mono));
        break;
    case BlockModel::Type:
    case BlockModel::Output:
        painter->setPen(color(Role::Muted));
        break;
    case BlockModel::Parameters:
    case BlockModel::Compute: {
        const int number = index.column() == BlockModel::Parameters ? 52 : 36;
        const Role fill = index.column() == BlockModel::Compute ? Role::NeutralSoft
                          : trained == Qt::Unchecked            ? Role::FrozenFill
                                                                : Role::ThawedFill;
        const QRect bar = box.adjusted(number + 8, 0, -12, 0);
        paintShare(*painter, bar, index.data(BlockModel::ShareRole).toDouble(), color(fill));
        box.setRight(box.left() + number);
        alignment = Qt::AlignRight;
        break;
    }
    case BlockModel::State:
        painter->setPen(color(ink));
        break;
    default:
        break;
    }
    if (alignment == Qt::AlignLeft && index.column() != BlockModel::Block)
        box.adjust(4, 0, -4, 0);
    painter->drawText(box, alignment | Qt::AlignVCenter | Qt::TextSingleLine,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, box.width()));
}

} // namespace ui
