#pragma once

#include <QStyledItemDelegate>

namespace ui {

// Draws a block: lock and name, words, numbers with share bars, and since when it is trained.
class BlockDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    static constexpr int kLockWidth = 22;
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace ui
