#pragma once

#include <QStyledItemDelegate>

namespace ui {

// A run in the list (48 px: tick, name, star, best value; below it state, words and tags) or a group's heading (32 px).
class RunDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override; // of the name
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const override;
    [[nodiscard]] static QRect actionRect(const QRect& heading, const QModelIndex& index); // empty: it has none
    [[nodiscard]] static QRect tickRect(const QRect& row);
    [[nodiscard]] static QRect starRect(const QRect& row, const QModelIndex& index);
    void setGlyphFrame(int frame) { m_frame = frame; } // of the running ring, 8 a second

private:
    static void paintHeading(QPainter& painter, const QRect& row, const QModelIndex& index);
    void paintState(QPainter& painter, const QRect& row, const QModelIndex& index) const;
    int m_frame = 0;
};

} // namespace ui
