#include "ui/setup/classtable.h"

#include "ui/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace ui {
namespace {

constexpr int kHead = 20;
constexpr int kTotal = 26;
constexpr int kMostRows = 4;
constexpr int kLeastBar = 20;
constexpr int kNumber = 56; // width of a column of numbers
constexpr int kScroll = 10;

// Four rows are as high as three.
int rowHeight(qsizetype classes) { return classes < kMostRows ? 24 : 20; }

QString helpOf(const ClassRow& row) {
    const QString weight =
        row.weight.isEmpty() ? QString() : QLatin1Char('\n') + ClassTable::tr("Counts %1 in the loss").arg(row.weight);
    const QString note =
        row.note.isEmpty() ? QString() : QLatin1Char('\n') + ClassTable::tr("Passed over: %1").arg(row.note);
    if (!row.isClass)
        return ClassTable::tr("%1: no class").arg(row.name) + note;
    return ClassTable::tr("%1: %2 to train on, %3 to validate")
               .arg(row.name, formatExact(row.train), formatExact(row.validation)) +
           weight + note + QLatin1Char('\n') + ClassTable::tr("A click shows its pictures");
}

} // namespace

ClassTable::ClassTable(QWidget* parent) : QAbstractScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setFixedWidth(236);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::TabFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Classes"));
    setAccessibleDescription(tr("Return shows the pictures of the class"));
    viewport()->setMouseTracking(true);
}

void ClassTable::setClasses(const QList<ClassRow>& classes, qint64 train, qint64 validation) {
    m_classes = classes;
    m_current = std::clamp(m_current, 0, std::max(0, static_cast<int>(classes.size()) - 1));
    m_hovered = -1;
    m_train = train;
    m_validation = validation;
    m_largest = 0;
    m_widestName = 0;
    const QFontMetrics metrics(ui::font(FontRole::Value));
    for (const auto& row : classes) {
        m_largest = std::max(m_largest, row.train + row.validation);
        if (m_widestName < width())
            m_widestName = std::max(m_widestName, metrics.horizontalAdvance(row.name));
    }
    resizeEvent(nullptr);
    updateGeometry();
    viewport()->update();
}

QSize ClassTable::sizeHint() const {
    const int rows = std::min(kMostRows, static_cast<int>(m_classes.size()));
    return {236, kHead + rows * rowHeight(m_classes.size()) + kTotal};
}

bool ClassTable::weighed() const { return !m_classes.isEmpty() && !m_classes.first().weight.isEmpty(); }

QRect ClassTable::rowsBox() const { return viewport()->rect().adjusted(0, kHead, 0, -kTotal); }

void ClassTable::resizeEvent(QResizeEvent*) {
    const int row = rowHeight(m_classes.size());
    const int hidden = static_cast<int>(m_classes.size()) * row - rowsBox().height();
    verticalScrollBar()->setSingleStep(row);
    verticalScrollBar()->setRange(0, std::max(0, hidden));
    verticalScrollBar()->setPageStep(rowsBox().height());
}

int ClassTable::rowAt(const QPoint& point) const {
    const int row = (point.y() - kHead + verticalScrollBar()->value()) / rowHeight(m_classes.size());
    const bool one = rowsBox().contains(point) && row >= 0 && row < m_classes.size();
    return one && m_classes.at(row).isClass ? row : -1;
}

void ClassTable::setHovered(int row) {
    if (row == m_hovered)
        return;
    m_hovered = row;
    viewport()->setCursor(row >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    viewport()->update();
}

void ClassTable::setCurrent(int row) {
    m_current = std::clamp(row, 0, std::max(0, static_cast<int>(m_classes.size()) - 1));
    const int high = rowHeight(m_classes.size());
    const int top = m_current * high;
    QScrollBar* bar = verticalScrollBar();
    bar->setValue(std::clamp(bar->value(), top + high - rowsBox().height(), top));
    viewport()->update();
}

void ClassTable::mouseMoveEvent(QMouseEvent* event) { setHovered(rowAt(event->pos())); }

void ClassTable::leaveEvent(QEvent*) { setHovered(-1); }

void ClassTable::mouseReleaseEvent(QMouseEvent* event) {
    const int row = rowAt(event->pos());
    if (event->button() != Qt::LeftButton || row < 0)
        return;
    setCurrent(row);
    Q_EMIT opened(row);
}

void ClassTable::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Up:
        return setCurrent(m_current - 1);
    case Qt::Key_Down:
        return setCurrent(m_current + 1);
    case Qt::Key_Home:
        return setCurrent(0);
    case Qt::Key_End:
        return setCurrent(static_cast<int>(m_classes.size()) - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current < m_classes.size() && m_classes.at(m_current).isClass)
            Q_EMIT opened(m_current);
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void ClassTable::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void ClassTable::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void ClassTable::paintNumbers(QPainter& painter, const QRect& row, const QString& train,
                              const QString& validation) const {
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, validation);
    painter.drawText(row.adjusted(0, 0, -kNumber, 0), Qt::AlignVCenter | Qt::AlignRight, train);
}

void ClassTable::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    // Numbers keep their place whether the bar is there or not.
    const int right = width() - (m_classes.size() > kMostRows ? kScroll + 4 : 0);
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Muted));
    const QRect head(0, 0, right, kHead);
    painter.drawText(head, Qt::AlignTop | Qt::AlignLeft, tr("Class"));
    if (weighed())
        painter.drawText(head.adjusted(0, 0, -2 * kNumber, 0), Qt::AlignTop | Qt::AlignRight, tr("Weight"));
    paintNumbers(painter, head.adjusted(0, 0, 0, -4), tr("Train"), tr("Val."));

    const QRect box = rowsBox();
    painter.save();
    painter.setClipRect(box);
    const int high = rowHeight(m_classes.size());
    const int name = std::min(m_widestName + 8, right - 2 * kNumber - kLeastBar);
    const int bar = right - 2 * kNumber - name - 4;
    int y = box.top() - verticalScrollBar()->value();
    for (const auto& row : m_classes) {
        const QRect line(0, y, right, high);
        const int number = (y - box.top() + verticalScrollBar()->value()) / high;
        y += high;
        if (!line.intersects(box))
            continue;
        if (number == m_hovered)
            painter.fillRect(line, color(Role::Hover));
        if (number == m_current && hasFocus() && keyboardFocusVisible())
            painter.fillRect(line, color(Role::AccentTint));
        painter.setFont(ui::font(FontRole::Value));
        painter.setPen(color(Role::Text));
        painter.drawText(line.adjusted(0, 0, name - right - 6, 0), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(row.name, Qt::ElideMiddle, name - 6));
        painter.setFont(ui::font(FontRole::Body));
        if (row.isClass)
            paintNumbers(painter, line, formatExact(row.train), formatExact(row.validation));
        if (!row.note.isEmpty()) { // a class's bar, or the numbers that others do not have, make room for it
            painter.setFont(ui::font(FontRole::Label));
            painter.setPen(color(Role::WarningText));
            const QRect place(name, line.top(), row.isClass ? bar : right - name, high);
            painter.drawText(place, Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(row.note, Qt::ElideRight, place.width()));
            continue;
        }
        if (m_largest <= 0 || !row.isClass)
            continue;
        if (!row.weight.isEmpty()) {
            painter.drawText(QRect(name, line.top(), bar + 4, high), Qt::AlignVCenter | Qt::AlignRight, row.weight);
            continue;
        }
        const double scale = static_cast<double>(bar) / static_cast<double>(m_largest);
        const int train = qRound(static_cast<double>(row.train) * scale);
        const int both = qRound(static_cast<double>(row.train + row.validation) * scale);
        const QRect track(name, line.center().y() - 3, bar, 7);
        painter.fillRect(track, color(Role::Sunken));
        painter.fillRect(QRect(track.left(), track.top(), both, track.height()), color(Role::NeutralSoft));
        painter.fillRect(QRect(track.left(), track.top(), train, track.height()), color(Role::NeutralStrong));
        painter.fillRect(QRect(track.left() + train, track.top(), 1, track.height()), color(Role::Surface));
    }
    painter.restore();
    if (hasFocus() && keyboardFocusVisible())
        drawOutline(painter, viewport()->rect(), color(Role::AccentText), 2, metric::kTagRadius);
    if (m_classes.isEmpty())
        return;
    const QRect total(0, box.bottom() + 2, right, kTotal - 2);
    painter.fillRect(QRect(0, box.bottom() + 1, right, 1), color(Role::Border));
    painter.setFont(ui::font(FontRole::Label));
    painter.setPen(color(Role::Muted));
    painter.drawText(total, Qt::AlignVCenter, tr("Total"));
    painter.setFont(ui::font(FontRole::Strong));
    painter.setPen(color(Role::Text));
    paintNumbers(painter, total, formatExact(m_train), formatExact(m_validation));
}

bool ClassTable::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = (help->pos().y() - kHead + verticalScrollBar()->value()) / rowHeight(m_classes.size());
        if (rowsBox().contains(help->pos()) && index >= 0 && index < m_classes.size()) {
            const ClassRow& row = m_classes.at(index);
            QToolTip::showText(help->globalPos(), helpOf(row));
            return true;
        }
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace ui
