#include "ui/try/otheranswers.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>

namespace ui {
namespace {

constexpr int kAnswerRow = 28;
constexpr int kSure = 60;

} // namespace

OtherAnswers::OtherAnswers(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void OtherAnswers::setAnswers(const QList<TryOther>& answers, const QString& expected) {
    m_answers = answers;
    m_expected = expected;
    QStringList words;
    for (const auto& answer : answers)
        words.append(QStringLiteral("%1: %2 %3").arg(answer.run, answer.answer, formatPercent(answer.probability)));
    setAccessibleName(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize OtherAnswers::sizeHint() const { return {240, static_cast<int>(m_answers.size()) * kAnswerRow}; }

void OtherAnswers::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    int y = 0;
    for (const auto& answer : m_answers) {
        const QRect row(0, y, width(), kAnswerRow);
        y += kAnswerRow;
        painter.fillRect(QRect(0, row.top(), width(), 1), color(Role::ChartGrid));
        drawOutline(painter, QRectF(0, row.center().y() - 3, 8, 8), Qt::transparent, 0, 2, runColor(answer.colour));
        painter.setPen(color(Role::Text));
        painter.setFont(ui::font(FontRole::Label));
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, formatPercent(answer.probability));
        painter.setFont(ui::font(answer.answer == m_expected ? FontRole::Label : FontRole::ChartTitle));
        const QString label = painter.fontMetrics().elidedText(answer.answer, Qt::ElideRight, width() / 3);
        const int wide = painter.fontMetrics().horizontalAdvance(label);
        painter.drawText(row.adjusted(0, 0, -kSure, 0), Qt::AlignRight | Qt::AlignVCenter, label);
        painter.setFont(ui::font(FontRole::Label));
        const int room = width() - 16 - kSure - wide - 8;
        painter.drawText(QRect(16, row.top(), room, kAnswerRow), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(answer.run, Qt::ElideRight, room));
    }
}

} // namespace ui
