#include "ui/controls/segmentedcontrol.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

namespace ui {
namespace {

constexpr int kInset = 2;
constexpr int kSegmentPadding = 14;

} // namespace

SegmentedControl::SegmentedControl(const QStringList& choices, QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::TabFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setChoices(choices);
}

void SegmentedControl::setChoices(const QStringList& choices) {
    m_choices = choices;
    m_current = choices.isEmpty() ? -1 : std::clamp(m_current, -1, static_cast<int>(choices.size()) - 1);
    updateGeometry();
    update();
}

void SegmentedControl::setTips(const QStringList& tips) { m_tips = tips; }

QString SegmentedControl::currentText() const { return m_current < 0 ? QString() : m_choices.at(m_current); }

void SegmentedControl::setCurrent(int index) {
    m_current = index >= 0 && index < m_choices.size() ? index : -1;
    setAccessibleDescription(currentText());
    update();
}

int SegmentedControl::segmentWidth(int index) const {
    return QFontMetrics(ui::font(FontRole::Head)).horizontalAdvance(m_choices.at(index)) + 2 * kSegmentPadding;
}

QSize SegmentedControl::sizeHint() const {
    int width = 2 * kInset;
    for (int i = 0; i < m_choices.size(); ++i)
        width += segmentWidth(i);
    return {width, metric::kControlHeight};
}

QRect SegmentedControl::segmentRect(int index) const {
    int x = kInset;
    for (int i = 0; i < index; ++i)
        x += segmentWidth(i);
    return {x, kInset, segmentWidth(index), height() - 2 * kInset};
}

int SegmentedControl::segmentAt(QPoint position) const {
    for (int i = 0; i < m_choices.size(); ++i)
        if (segmentRect(i).contains(position))
            return i;
    return -1;
}

void SegmentedControl::choose(int index) {
    if (index < 0 || index >= m_choices.size() || index == m_current)
        return;
    setCurrent(index);
    Q_EMIT chosen(index);
}

void SegmentedControl::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool ring = hasFocus() && keyboardFocusVisible();
    drawOutline(painter, rect(), color(Role::AccentText), ring ? 2 : 0, metric::kControlRadius, color(Role::Sunken));
    for (int i = 0; i < m_choices.size(); ++i) {
        const QRect box = segmentRect(i);
        const bool current = i == m_current;
        if (current)
            drawOutline(painter, box, color(theme().dark() ? Role::Control : Role::Border), 1, 5,
                        color(theme().dark() ? Role::Border : Role::Raised));
        const bool strong = current || i == m_hover;
        painter.setFont(ui::font(FontRole::Head));
        painter.setPen(color(!isEnabled() ? Role::Faint : strong ? Role::Text : Role::Muted));
        painter.drawText(box, Qt::AlignCenter, m_choices.at(i));
    }
}

void SegmentedControl::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        choose(segmentAt(event->pos()));
}

void SegmentedControl::mouseMoveEvent(QMouseEvent* event) {
    const int over = segmentAt(event->pos());
    if (over != m_hover) {
        m_hover = over;
        update();
    }
}

void SegmentedControl::leaveEvent(QEvent*) {
    m_hover = -1;
    update();
}

void SegmentedControl::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_choices.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up:
        choose(std::max(0, m_current - 1));
        return;
    case Qt::Key_Right:
    case Qt::Key_Down:
        choose(std::min(last, m_current + 1));
        return;
    case Qt::Key_Home:
        choose(0);
        return;
    case Qt::Key_End:
        choose(last);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

bool SegmentedControl::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int over = segmentAt(help->pos());
        if (over >= 0 && over < m_tips.size() && !m_tips.at(over).isEmpty()) {
            QToolTip::showText(help->globalPos(), m_tips.at(over), this);
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace ui
