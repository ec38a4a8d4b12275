// Mouse, keys and menu of a chart.
#include "ui/charts/chartimpl.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMenu>

#include <utility>

namespace ui {
namespace {

constexpr int kClick = 4; // pixels that a click may move

} // namespace

void Chart::resetRange() {
    setXRange(std::nan(""), std::nan(""));
    Q_EMIT rangeReset();
}

void Chart::moveCrosshair(std::optional<double> x) {
    if (x == m->overlay->crosshair)
        return;
    setCrosshair(x);
    Q_EMIT crosshairMoved(x);
}

void Chart::lift(const QString& key) {
    if (key == m->overlay->lifted)
        return;
    setLifted(key);
    Q_EMIT liftedChanged(key);
}

// From line to line in the order of their names.
void Chart::liftNext(int step) {
    QStringList keys;
    for (const LineEnd& end : m->overlay->lineEnds())
        keys.append(end.key);
    if (keys.isEmpty())
        return;
    const auto count = keys.size();
    const auto now = keys.indexOf(m->overlay->lifted);
    lift(keys.at(now < 0 ? (step > 0 ? 0 : count - 1) : (now + step + count) % count));
}

// Left, Right, Home and End go from value to value; with Shift further.
bool Chart::moveByKey(const QKeyEvent* event) {
    const Range x = m->rangeX();
    const double now = m->overlay->crosshair.value_or(x.from + x.size() / 2);
    const double pixel = x.size() / std::max(1, m->plot->area().width());
    const double step = (event->modifiers() & Qt::ShiftModifier ? 20 : 2) * pixel;
    const auto go = [&](double direction) {
        double place = m->snapped(std::clamp(now + direction * step, x.from, x.to));
        if ((place - now) * direction <= 0) // values are further apart than pixels
            place = measuredX(m->overlay->series, now, direction > 0 ? Towards::Right : Towards::Left).value_or(now);
        moveCrosshair(std::clamp(place, x.from, x.to));
    };
    switch (event->key()) {
    case Qt::Key_Left:
        go(-1);
        return true;
    case Qt::Key_Right:
        go(1);
        return true;
    case Qt::Key_Home:
        moveCrosshair(m->snapped(x.from));
        return true;
    case Qt::Key_End:
        moveCrosshair(m->snapped(x.to));
        return true;
    default:
        return false;
    }
}

void Chart::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(valuesAsText());
        return;
    }
    if (moveByKey(event))
        return;
    const double middle = m->overlay->crosshair.value_or((m->lastX.from + m->lastX.to) / 2);
    const double middleY = (m->lastY.from + m->lastY.to) / 2;
    const bool atEnds = m->overlay->names == ChartNames::AtLineEnds;
    switch (event->key()) {
    case Qt::Key_Y:
        m->onlyY = true;
        break;
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (!atEnds)
            break;
        liftNext(event->key() == Qt::Key_Down ? 1 : -1);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m->overlay->lifted.isEmpty())
            break;
        Q_EMIT lineActivated(m->overlay->lifted);
        return;
    case Qt::Key_Escape:
        lift({});
        moveCrosshair(std::nullopt);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        m->zoom(this, 0.8, middle, middleY);
        return;
    case Qt::Key_Minus:
        m->zoom(this, 1.25, middle, middleY);
        return;
    case Qt::Key_0:
        resetRange();
        return;
    case Qt::Key_E:
        if (!(event->modifiers() & Qt::ControlModifier))
            break;
        Q_EMIT exportRequested(QStringLiteral("png"));
        return;
    case Qt::Key_Menu:
        openMenu(mapToGlobal(rect().center()));
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void Chart::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Y)
        m->onlyY = false;
    QWidget::keyReleaseEvent(event);
}

void Chart::focusInEvent(QFocusEvent*) {
    QStringList words;
    for (const auto& one : m->visible())
        if (!one.name.isEmpty() && !one.y.isEmpty())
            words.append(QStringLiteral("%1 %2").arg(one.name, unitText(m->unit, one.y.last())));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

void Chart::focusOutEvent(QFocusEvent*) {
    m->onlyY = false;
    update();
}

void Chart::toggleHidden(const QString& key) {
    if (!m->hidden.removeOne(key))
        m->hidden.append(key);
    Q_EMIT hiddenKeysChanged(m->hidden);
    m->schedule(this);
}

void Chart::openMenu(const QPoint& globalPosition) {
    QMenu menu(this);
    QAction* copy = menu.addAction(ui::icon(QStringLiteral("copy")), tr("Copy values"), this,
                                   [this] { QApplication::clipboard()->setText(valuesAsText()); });
    copy->setShortcut(QKeySequence::Copy);
    for (const auto& [ending, words] : {std::pair(QStringLiteral("png"), tr("Export as picture (PNG)…")),
                                        {QStringLiteral("svg"), tr("Export as drawing (SVG)…")},
                                        {QStringLiteral("pdf"), tr("Export as PDF…")},
                                        {QStringLiteral("csv"), tr("Export the values (CSV)…")}}) {
        QAction* action = menu.addAction(ui::icon(QStringLiteral("image-down")), words, this,
                                         [this, ending = ending] { Q_EMIT exportRequested(ending); });
        if (ending == QLatin1String("png"))
            action->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    }
    menu.addSeparator();
    if (const auto own = actions(); !own.isEmpty()) { // of the page that shows it
        menu.addActions(own);
        menu.addSeparator();
    }
    menu.addAction(ui::icon(QStringLiteral("rotate-ccw")), tr("Reset the range"), this, &Chart::resetRange)
        ->setShortcut(QKeySequence(Qt::Key_0));
    if (m->unit != ChartUnit::Percent) {
        QAction* log = menu.addAction(tr("Logarithmic axis"), this, [this](bool on) { setLogarithmic(on); });
        log->setCheckable(true);
        log->setChecked(m->logarithmic);
    }
    menu.addSeparator();
    for (const auto& one : m->series) {
        if (one.name.isEmpty())
            continue;
        const bool off = m->hidden.contains(one.key);
        menu.addAction(ui::icon(off ? QStringLiteral("eye") : QStringLiteral("eye-off")),
                       (off ? tr("Show %1") : tr("Hide %1")).arg(one.name), this,
                       [this, key = one.key] { toggleHidden(key); });
    }
    menu.exec(globalPosition);
}

void Chart::mouseMoved(const QMouseEvent* mouse) {
    const QRect area = m->plot->area();
    if (m->drag == Impl::Drag::Box) {
        m->overlay->zoomBox = QRect(m->dragFrom, mouse->pos()).normalized() & area;
        m->overlay->update();
        return;
    }
    if (m->drag == Impl::Drag::Pan) {
        const QPoint moved = mouse->pos() - m->dragFrom;
        if (moved.manhattanLength() < kClick || (!m->zoomX && !m->zoomY))
            return;
        const double dx = moved.x() * m->dragX.size() / std::max(1, area.width());
        const double dy = moved.y() * m->dragY.size() / std::max(1, area.height());
        if (m->zoomY)
            m->zoomY = Range{m->dragY.from + dy, m->dragY.to + dy};
        if (m->zoomX)
            m->zoomXTo(this, {m->dragX.from - dx, m->dragX.to - dx});
        m->schedule(this);
        return;
    }
    if (m->overlay->names == ChartNames::AtLineEnds)
        lift(m->overlay->lineAt(mouse->pos()));
    std::optional<double> place;
    if (area.adjusted(-2, -20, 2, 4).contains(mouse->pos()))
        place = std::clamp(m->snapped(m->plot->fromPixelX(mouse->pos().x())), m->lastX.from, m->lastX.to);
    moveCrosshair(place);
}

void Chart::mousePressed(const QMouseEvent* mouse) {
    setFocus(Qt::MouseFocusReason);
    if (mouse->button() != Qt::LeftButton || !m->overlay->rect().contains(mouse->pos()))
        return;
    m->drag = mouse->modifiers() & Qt::ShiftModifier ? Impl::Drag::Box : Impl::Drag::Pan;
    m->dragFrom = mouse->pos();
    m->dragX = m->rangeX();
    m->dragY = m->lastY;
}

void Chart::mouseReleased(const QMouseEvent* mouse) {
    const auto drag = std::exchange(m->drag, Impl::Drag::None);
    const auto box = std::exchange(m->overlay->zoomBox, std::nullopt);
    m->overlay->update();
    if (drag == Impl::Drag::Box && box && box->width() > kClick && box->height() > kClick) {
        m->zoomY = Range{m->plot->fromPixelY(box->bottom() + 1), m->plot->fromPixelY(box->top())};
        m->zoomXTo(this, {m->plot->fromPixelX(box->left()), m->plot->fromPixelX(box->right() + 1)});
        m->schedule(this);
    } else if (drag == Impl::Drag::Pan && (mouse->pos() - m->dragFrom).manhattanLength() < kClick &&
               !m->overlay->lifted.isEmpty()) {
        Q_EMIT lineActivated(m->overlay->lifted);
    }
}

// Without Ctrl and without the focus the wheel is the page's.
void Chart::wheelTurned(QWheelEvent* wheel) {
    if (!(wheel->modifiers() & Qt::ControlModifier) && !hasFocus()) {
        wheel->ignore();
        return;
    }
    const int turned = wheel->angleDelta().y() != 0 ? wheel->angleDelta().y() : wheel->angleDelta().x();
    if (turned != 0)
        m->zoom(this, std::pow(0.85, turned / 120.0), m->plot->fromPixelX(wheel->position().x()),
                m->plot->fromPixelY(wheel->position().y()));
    wheel->accept();
}

bool Chart::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m->overlay)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseMove:
        mouseMoved(static_cast<QMouseEvent*>(event));
        return true;
    case QEvent::Leave:
        if (m->drag == Impl::Drag::None) {
            lift({});
            moveCrosshair(std::nullopt);
        }
        return false;
    case QEvent::MouseButtonPress:
        mousePressed(static_cast<QMouseEvent*>(event));
        return true;
    case QEvent::MouseButtonRelease:
        mouseReleased(static_cast<QMouseEvent*>(event));
        return true;
    case QEvent::MouseButtonDblClick:
        m->drag = Impl::Drag::None;
        resetRange();
        return true;
    case QEvent::Wheel:
        wheelTurned(static_cast<QWheelEvent*>(event));
        return true;
    case QEvent::ContextMenu:
        openMenu(static_cast<QContextMenuEvent*>(event)->globalPos());
        return true;
    default:
        return false;
    }
}

} // namespace ui
