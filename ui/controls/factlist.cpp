#include "ui/controls/factlist.h"

#include "ui/controls/button.h"
#include "ui/theme.h"

#include <QPainter>
#include <QResizeEvent>

#include <algorithm>

namespace ui {
namespace {

constexpr int kRow = 24;
constexpr int kEventRow = 37;
constexpr int kEventIndent = 22;
constexpr int kEventTitle = 20;
constexpr int kEventLine = 16; // what a second line of a title adds
constexpr int kEventDetail = 18;
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
        if (4 * room.width() < 3 * painter.fontMetrics().horizontalAdvance(fact.detail))
            continue; // what would be left of it says nothing
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
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
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

// Long titles take a second line.
QList<QRect> EventList::titleBoxes(int width) const {
    const QFontMetrics metrics(ui::font(FontRole::Head));
    const int room = std::max(20, width - kEventIndent);
    QList<QRect> boxes;
    int y = 0;
    for (const auto& event : m_events) {
        const int more = metrics.horizontalAdvance(event.title) > room ? kEventLine : 0;
        boxes.append({kEventIndent, y, room, kEventTitle + more});
        y += kEventRow + more;
    }
    return boxes;
}

int EventList::heightForWidth(int width) const {
    const auto boxes = titleBoxes(width);
    return boxes.isEmpty() ? 0 : boxes.last().bottom() + 1 + kEventRow - kEventTitle;
}

QSize EventList::sizeHint() const { return {240, heightForWidth(width() > 0 ? width() : 240)}; }

void EventList::place() {
    if (m_acting < 0)
        return;
    const int below = titleBoxes(width()).at(m_acting).bottom();
    m_action->resize(m_action->sizeHint());
    m_action->move(width() - m_action->width(), below - 3 + (kEventDetail - m_action->height()) / 2);
}

void EventList::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
    if (event->size().width() != event->oldSize().width())
        updateGeometry();
}

void EventList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto boxes = titleBoxes(width());
    for (int line = 0; line < m_events.size(); ++line) {
        const EventLine& event = m_events.at(line);
        const QRect& box = boxes.at(line);
        if (!event.iconName.isEmpty())
            painter.drawPixmap(0, box.top() + 4,
                               theme().pixmap(event.iconName, 14, color(textRole(event.tone)), devicePixelRatioF()));
        const bool two = box.height() > kEventTitle;
        painter.setFont(ui::font(FontRole::Head));
        painter.setPen(color(Role::Text));
        const int most = two ? box.width() * 7 / 4 : box.width(); // words do not fill a line to its end
        painter.drawText(box, Qt::AlignVCenter | (two ? Qt::TextWordWrap : Qt::TextSingleLine),
                         painter.fontMetrics().elidedText(event.title, Qt::ElideRight, most));
        const int room = box.width() - (line == m_acting ? m_action->width() + 4 : 0);
        painter.setFont(ui::font(FontRole::Small));
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(box.left(), box.bottom() - 2, room, kEventDetail), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(event.detail, Qt::ElideRight, room));
    }
}

} // namespace ui
