#include "ui/frame/rundelegate.h"

#include "ui/frame/rungroups.h"
#include "ui/thawstyle.h"
#include "ui/theme.h"

#include <QLineEdit>
#include <QPainter>

namespace ui {
namespace {

struct StateLook {
    const char* icon; // null: the running ring
    Role role;
    Role words;
};

StateLook lookOf(RunListState state) {
    switch (state) {
    case RunListState::Running:
        return {nullptr, Role::AccentText, Role::Muted};
    case RunListState::Paused:
        return {"circle-pause", Role::Muted, Role::Muted};
    case RunListState::Queued:
        return {"clock", Role::Muted, Role::Muted};
    case RunListState::Finished:
        return {"circle-check", Role::SuccessText, Role::Muted};
    case RunListState::Stopped:
        return {"circle-stop", Role::Muted, Role::Muted};
    case RunListState::NotStarted:
        return {"circle", Role::Muted, Role::Muted};
    case RunListState::Interrupted:
        return {"triangle-alert", Role::WarningText, Role::WarningText};
    case RunListState::Failed:
        break;
    }
    return {"circle-alert", Role::DangerText, Role::DangerText};
}

QString bestOf(const QModelIndex& index) {
    const QString best = index.data(RunBestRole).toString();
    return best.isEmpty() ? QStringLiteral("–") : best;
}

// Room for the name, so that star and best value stay on the line.
int nameWidth(const QRect& row, const QModelIndex& index) {
    const int best = QFontMetrics(ui::font(FontRole::Value)).horizontalAdvance(bestOf(index));
    const int star = index.data(RunStarredRole).toBool() ? 22 : 0;
    const int room = row.width() - 32 - 8 - best - 8 - star;
    return std::min(room, QFontMetrics(ui::font(FontRole::Value)).horizontalAdvance(index.data().toString()) + 1);
}

// From the right end of `line` as many as leave the words half of it; where they begin.
int paintTags(QPainter& painter, const QRect& line, const QStringList& tags) {
    int right = line.right() + 1;
    painter.setFont(ui::font(FontRole::Small));
    for (const auto& tag : tags) {
        const int wide = painter.fontMetrics().horizontalAdvance(tag) + 10;
        if (right - wide < line.center().x())
            break;
        const QRect box(right - wide, line.top() + 2, wide, 16);
        drawOutline(painter, box, Qt::transparent, 0, metric::kTagRadius, color(Role::Sunken));
        painter.setPen(color(Role::Muted));
        painter.drawText(box, Qt::AlignCenter, tag);
        right -= wide + 4;
    }
    return right;
}

} // namespace

QSize RunDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const bool heading = index.data(RunGroups::IsHeadingRole).toBool();
    return {option.rect.width(), heading ? 30 : metric::kRunRow};
}

QRect RunDelegate::tickRect(const QRect& row) { return {row.left() + 8, row.top() + 7, 14, 14}; }

QRect RunDelegate::starRect(const QRect& row, const QModelIndex& index) {
    return {row.left() + 32 + nameWidth(row, index) + 6, row.top() + 7, 14, 14};
}

QRect RunDelegate::actionRect(const QRect& heading, const QModelIndex& index) {
    const QString words = index.data(RunGroups::ActionRole).toString();
    if (words.isEmpty())
        return {};
    const int wide = QFontMetrics(ui::font(FontRole::SmallStrong)).horizontalAdvance(words);
    return {heading.right() - 8 - wide, heading.top() + 5, wide + 1, 24};
}

void RunDelegate::paintHeading(QPainter& painter, const QRect& row, const QModelIndex& index) {
    painter.setFont(ui::font(FontRole::SmallStrong));
    painter.setPen(color(Role::Muted));
    const QRect line(row.left() + 8, row.top() + 7, row.width() - 16, 20);
    const QVariant open = index.data(RunGroups::OpenRole);
    const QString name = index.data().toString();
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, name);
    const QString action = index.data(RunGroups::ActionRole).toString();
    const QString count = index.data(RunGroups::CountRole).toString();
    const int nameEnd = line.left() + painter.fontMetrics().horizontalAdvance(name);
    if (open.isValid())
        painter.drawPixmap(
            nameEnd + 6, line.center().y() - 6,
            theme().pixmap(open.toBool() ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"), 14,
                           color(Role::Muted), painter.device()->devicePixelRatioF()));
    if (action.isEmpty()) {
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, count);
        return;
    }
    painter.drawText(line.adjusted(nameEnd - line.left() + 8, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, count);
    painter.setPen(color(Role::AccentText));
    painter.drawText(actionRect(row, index), Qt::AlignVCenter | Qt::AlignRight, action);
}

QWidget* RunDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const {
    auto* editor = new QLineEdit(parent);
    editor->setAccessibleName(tr("Name of the run"));
    editor->setMaxLength(120);
    return editor;
}

void RunDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const {
    editor->setGeometry(option.rect.left() + 26, option.rect.top() + 1, option.rect.width() - 30, 26);
}

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QRect row = option.rect;
    const qreal scale = painter->device()->devicePixelRatioF();
    if (index.data(RunGroups::IsHeadingRole).toBool()) {
        paintHeading(*painter, row, index);
        return;
    }
    const QRect box = row.adjusted(0, 0, 0, -1);
    if (option.state & QStyle::State_Selected) {
        QColor tint = color(Role::AccentText); // on the window's ground the tint of tables would hardly show
        tint.setAlphaF(0.1F);
        drawOutline(*painter, box, Qt::transparent, 0, metric::kControlRadius, tint);
    } else if (option.state & QStyle::State_MouseOver)
        drawOutline(*painter, box, Qt::transparent, 0, metric::kControlRadius, color(Role::Hover));
    if ((option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
        drawOutline(*painter, box, color(Role::AccentText), 2, metric::kControlRadius);

    const QColor ink = runColor(index.data(RunColourRole).toInt());
    const bool ticked = index.data(RunTickedRole).toBool();
    drawCheck(*painter, tickRect(row), ink, ticked ? Qt::Checked : Qt::Unchecked, true);

    painter->setFont(ui::font(FontRole::Value));
    painter->setPen(color(Role::Text));
    const QRect line(row.left() + 32, row.top() + 4, row.width() - 40, 20);
    const int wide = nameWidth(row, index);
    painter->drawText(QRect(line.left(), line.top(), wide, line.height()), Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, wide));
    painter->drawText(line, Qt::AlignVCenter | Qt::AlignRight, bestOf(index));
    if (index.data(RunStarredRole).toBool())
        painter->drawPixmap(starRect(row, index).topLeft(),
                            theme().pixmap(QStringLiteral("star"), 14, color(Role::WarningText), scale));

    paintState(*painter, row, index);
}

void RunDelegate::paintState(QPainter& painter, const QRect& row, const QModelIndex& index) const {
    const StateLook look = lookOf(static_cast<RunListState>(index.data(RunStateRole).toInt()));
    const QRect mark(row.left() + 32, row.top() + 26, 12, 12);
    if (look.icon) {
        painter.drawPixmap(mark.topLeft(), theme().pixmap(QLatin1String(look.icon), 12, color(look.role),
                                                          painter.device()->devicePixelRatioF()));
    } else {
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(color(look.role), 1.4, Qt::SolidLine, Qt::RoundCap));
        painter.drawArc(QRectF(mark).adjusted(1, 1, -1, -1), (60 - m_frame * 45) * 16, -290 * 16);
        painter.restore();
    }
    QRect words(mark.right() + 6, row.top() + 22, row.right() - mark.right() - 14, 20);
    words.setRight(paintTags(painter, words, index.data(RunTagsRole).toStringList()) - 1);
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(look.words));
    painter.drawText(
        words, Qt::AlignVCenter,
        painter.fontMetrics().elidedText(index.data(RunLineRole).toString(), Qt::ElideRight, words.width()));
}

} // namespace ui
