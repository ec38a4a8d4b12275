#include "ui/controls/factlist.h"

#include "ui/controls/button.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace ui {
namespace {

constexpr int kRow = 24;
constexpr int kEventRow = 37;
constexpr int kGroupGap = 24;

} // namespace

FactList::FactList(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void FactList::setFacts(const QList<Fact>& facts) {
    m_facts = facts;
    QStringList words;
    for (const auto& fact : facts)
        words.append(QStringLiteral("%1 %2 %3").arg(fact.name, fact.detail, fact.value));
    setAccessibleName(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize FactList::sizeHint() const { return {240, static_cast<int>(m_facts.size()) * kRow}; }

void FactList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    int y = 0;
    for (const auto& fact : m_facts) {
        const QRect row(0, y, width(), kRow);
        y += kRow;
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Muted));
        painter.drawText(row, Qt::AlignVCenter, fact.name);
        const int nameWidth = painter.fontMetrics().horizontalAdvance(fact.name);
        painter.setFont(ui::font(FontRole::Value));
        painter.setPen(color(Role::Text));
        const QString value = painter.fontMetrics().elidedText(fact.value, Qt::ElideRight, width() - nameWidth - 10);
        const int valueWidth = painter.fontMetrics().horizontalAdvance(value);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, value);
        if (fact.detail.isEmpty())
            continue;
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::Muted));
        const QRect room = row.adjusted(nameWidth + 8, 0, -valueWidth - 5, 0);
        painter.drawText(room, Qt::AlignVCenter | Qt::AlignRight,
                         painter.fontMetrics().elidedText(fact.detail, Qt::ElideRight, room.width()));
    }
}

InlineFacts::InlineFacts(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void InlineFacts::setFacts(const QList<Fact>& facts) {
    m_facts = facts;
    QStringList words;
    for (const auto& fact : facts)
        words.append(QStringLiteral("%1 %2 %3").arg(fact.name, fact.value, fact.detail));
    setAccessibleName(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize InlineFacts::sizeHint() const {
    const QFontMetrics plain(ui::font(FontRole::Label));
    const QFontMetrics strong(ui::font(FontRole::Strong));
    int width = 0;
    for (const auto& fact : m_facts)
        width += plain.horizontalAdvance(fact.name) + 5 + strong.horizontalAdvance(fact.value) + 5 +
                 plain.horizontalAdvance(fact.detail) + kGroupGap;
    return {std::max(0, width - kGroupGap), 24};
}

void InlineFacts::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    int x = width();
    const auto word = [&](FontRole face, Role ink, const QString& text) {
        if (text.isEmpty())
            return;
        painter.setFont(ui::font(face));
        painter.setPen(color(ink));
        const int wide = painter.fontMetrics().horizontalAdvance(text);
        x -= wide;
        if (x >= 0)
            painter.drawText(QRect(x, 0, wide + 2, height()), Qt::AlignVCenter, text);
        x -= 5;
    };
    for (auto fact = m_facts.rbegin(); fact != m_facts.rend(); ++fact) {
        word(FontRole::Label, Role::Muted, fact->detail);
        word(FontRole::Strong, Role::Text, fact->value);
        word(FontRole::Label, Role::Muted, fact->name);
        x -= kGroupGap - 5;
    }
}

EventList::EventList(QWidget* parent) : QWidget(parent), m_action(new Button({}, Button::Kind::Ghost, this)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_action->setSmall();
    m_action->hide();
    connect(m_action, &Button::clicked, this, &EventList::acted);
}

void EventList::setEvents(const QList<EventLine>& events) {
    m_events = events;
    const auto acting =
        std::find_if(events.begin(), events.end(), [](const EventLine& line) { return !line.action.isEmpty(); });
    m_acting = acting == events.end() ? -1 : static_cast<int>(acting - events.begin());
    m_action->setVisible(m_acting >= 0);
    if (m_acting >= 0) {
        m_action->setText(acting->action);
        m_action->setAccessibleName(QStringLiteral("%1: %2").arg(acting->action, acting->title));
    }
    place();
    updateGeometry();
    update();
}

void EventList::place() {
    m_action->resize(m_action->sizeHint());
    m_action->move(width() - m_action->width(), m_acting * kEventRow + (kEventRow - m_action->height()) / 2 - 1);
}

void EventList::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
}

QSize EventList::sizeHint() const { return {240, static_cast<int>(m_events.size()) * kEventRow}; }

void EventList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (int line = 0; line < m_events.size(); ++line) {
        const EventLine& event = m_events.at(line);
        const int y = line * kEventRow;
        if (!event.iconName.isEmpty())
            painter.drawPixmap(0, y + 4,
                               theme().pixmap(event.iconName, 14, color(textRole(event.tone)), devicePixelRatioF()));
        const int room = width() - 22 - (line == m_acting ? m_action->width() + 4 : 0);
        painter.setFont(ui::font(FontRole::Head));
        painter.setPen(color(Role::Text));
        painter.drawText(QRect(22, y, room, 20), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(event.title, Qt::ElideRight, room));
        painter.setFont(ui::font(FontRole::Small));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(22, y + 17, room, 18), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(event.detail, Qt::ElideRight, room));
    }
}

} // namespace ui
