#include "ui/compare/parallelview.h"

#include "ui/charts/chartmath.h"
#include "ui/format.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ui {
namespace {

constexpr double kAxisSide = 64; // beside the outer axes, for their names
constexpr double kAxisHead = 26;
constexpr double kAxisFoot = 14;
constexpr double kAxisGrip = 14;  // so near the mouse means the axis
constexpr double kLineGrip = 6;   // and so near the line
constexpr double kLeastBrush = 3; // pixels; less is a click
constexpr double kBrushWidth = 14;
constexpr double kLiftedWidth = 2.6;
constexpr double kLineWidth = 1.4;
constexpr int kAboutTicks = 4;

double scaled(const ParallelAxis& axis, double value) { return axis.logarithmic ? std::log10(value) : value; }

QString textOf(const ParallelAxis& axis, double value) {
    if (!axis.steps.isEmpty())
        return axis.steps.value(qRound(value));
    if (axis.logarithmic)
        return formatRate(value);
    return axis.unit == ChartUnit::Number ? QString::number(value, 'g', 4) : unitText(axis.unit, value);
}

// Where an axis has its labels: each word, powers of ten, or the ends and the middle.
QList<double> ticksOf(const ParallelAxis& axis, double low, double high) {
    QList<double> ticks;
    if (!axis.steps.isEmpty()) {
        const auto every = std::max<qsizetype>(1, axis.steps.size() / 8);
        for (qsizetype i = 0; i < axis.steps.size(); i += every)
            ticks.append(static_cast<double>(i));
        return ticks;
    }
    if (high <= low)
        return {axis.logarithmic ? std::pow(10, low) : low};
    for (double power = std::ceil(low - 1e-9); axis.logarithmic && power <= high + 1e-9; ++power)
        ticks.append(std::pow(10, power));
    if (ticks.size() > 1)
        return ticks;
    ticks.clear();
    for (int i = 0; i <= kAboutTicks; ++i) {
        const double at = low + (high - low) * i / kAboutTicks;
        ticks.append(axis.logarithmic ? std::pow(10, at) : at);
    }
    return ticks;
}

} // namespace

ParallelView::ParallelView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Parallel coordinates"));
    setToolTip(tr("Drag on an axis to keep the runs that pass there; a click on it clears it"));
}

void ParallelView::setRuns(const ParallelRuns& runs) {
    const auto names = [](const ParallelRuns& of) {
        QStringList all;
        for (const ParallelAxis& axis : of.axes)
            all.append(axis.name);
        return all;
    };
    if (names(runs) != names(m_runs)) {
        m_brushes.clear();
        m_turned = QList<bool>(runs.axes.size(), false);
        m_current = 0;
    }
    m_runs = runs;
    m_lifted = -1;
    fitAxes();
    update();
    Q_EMIT insideChanged();
}

void ParallelView::fitAxes() {
    m_low.clear();
    m_high.clear();
    for (const ParallelAxis& axis : m_runs.axes) {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        for (const double value : axis.values)
            if (std::isfinite(value)) {
                low = std::min(low, scaled(axis, value));
                high = std::max(high, scaled(axis, value));
            }
        m_low.append(std::isfinite(low) ? low : 0);
        m_high.append(std::isfinite(high) ? high : 1);
    }
}

double ParallelView::axisX(qsizetype axis) const {
    const auto gaps = std::max<qsizetype>(1, m_runs.axes.size() - 1);
    return kAxisSide + (width() - 2 * kAxisSide) * static_cast<double>(axis) / static_cast<double>(gaps);
}

double ParallelView::yOf(double place) const {
    return height() - kAxisFoot - place * (height() - kAxisHead - kAxisFoot);
}

double ParallelView::placeAt(double y) const {
    return std::clamp((height() - kAxisFoot - y) / (height() - kAxisHead - kAxisFoot), 0.0, 1.0);
}

double ParallelView::place(qsizetype axis, qsizetype run) const {
    const ParallelAxis& of = m_runs.axes.at(axis);
    const double value = of.values.value(run, std::nan(""));
    if (!std::isfinite(value))
        return std::nan("");
    const double size = m_high.at(axis) - m_low.at(axis);
    const double place = size > 0 ? (scaled(of, value) - m_low.at(axis)) / size : 0.5;
    return m_turned.value(axis) ? 1 - place : place;
}

bool ParallelView::passes(qsizetype run) const {
    return std::all_of(m_brushes.keyBegin(), m_brushes.keyEnd(), [&](qsizetype axis) {
        const Brush& brush = *m_brushes.constFind(axis);
        const double at = place(axis, run);
        return at >= brush.from && at <= brush.to; // a run without a value is outside
    });
}

QStringList ParallelView::inside() const {
    QStringList ids;
    for (qsizetype run = 0; run < m_runs.ids.size(); ++run)
        if (passes(run))
            ids.append(m_runs.ids.at(run));
    return ids;
}

void ParallelView::clearBrushes() {
    if (m_brushes.isEmpty())
        return;
    m_brushes.clear();
    update();
    Q_EMIT insideChanged();
}

qsizetype ParallelView::axisNear(double x) const {
    for (qsizetype axis = 0; axis < m_runs.axes.size(); ++axis)
        if (std::abs(axisX(axis) - x) <= kAxisGrip)
            return axis;
    return -1;
}

// Between two axes a line is straight.
qsizetype ParallelView::runNear(const QPointF& point) const {
    qsizetype best = -1;
    double least = kLineGrip;
    for (qsizetype axis = 0; axis + 1 < m_runs.axes.size(); ++axis) {
        const double left = axisX(axis), right = axisX(axis + 1);
        if (point.x() < left || point.x() > right)
            continue;
        const double share = (point.x() - left) / (right - left);
        for (qsizetype run = 0; run < m_runs.ids.size(); ++run) {
            const double y = yOf(place(axis, run)) * (1 - share) + yOf(place(axis + 1, run)) * share;
            if (const double far = std::abs(y - point.y()); far < least) {
                least = far;
                best = run;
            }
        }
    }
    return best;
}

void ParallelView::lift(qsizetype run) {
    if (run == m_lifted)
        return;
    m_lifted = run;
    update();
}

void ParallelView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = axisNear(event->position().x());
    m_pressedAt = event->position().y();
    if (m_pressed >= 0)
        m_current = m_pressed;
    else if (const qsizetype run = runNear(event->position()); run >= 0)
        Q_EMIT runActivated(m_runs.ids.at(run));
}

void ParallelView::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (m_pressed < 0) {
        setCursor(axisNear(at.x()) >= 0 ? Qt::SizeVerCursor : Qt::ArrowCursor);
        lift(axisNear(at.x()) >= 0 ? -1 : runNear(at));
        return;
    }
    if (std::abs(at.y() - m_pressedAt) < kLeastBrush)
        return;
    const double one = placeAt(m_pressedAt), other = placeAt(at.y());
    m_brushes[m_pressed] = {std::min(one, other), std::max(one, other)};
    update();
    Q_EMIT insideChanged();
}

void ParallelView::mouseReleaseEvent(QMouseEvent* event) {
    const qsizetype axis = std::exchange(m_pressed, -1);
    const bool click = std::abs(event->position().y() - m_pressedAt) < kLeastBrush;
    if (axis < 0 || !click || m_brushes.remove(axis) == 0)
        return;
    update();
    Q_EMIT insideChanged();
}

void ParallelView::mouseDoubleClickEvent(QMouseEvent* event) {
    const double reach = m_runs.axes.size() > 1 ? (axisX(1) - axisX(0)) / 2 : width();
    if (event->position().y() > kAxisHead)
        return;
    for (qsizetype axis = 0; axis < m_runs.axes.size(); ++axis)
        if (std::abs(axisX(axis) - event->position().x()) < reach) {
            m_turned[axis] = !m_turned.at(axis);
            if (const auto brush = m_brushes.find(axis); brush != m_brushes.end())
                *brush = {1 - brush->to, 1 - brush->from};
        }
    update();
}

void ParallelView::leaveEvent(QEvent*) { lift(-1); }

void ParallelView::keyPressEvent(QKeyEvent* event) {
    const auto axes = m_runs.axes.size(), runs = m_runs.ids.size();
    switch (event->key()) {
    case Qt::Key_Left:
        m_current = std::max<qsizetype>(0, m_current - 1);
        break;
    case Qt::Key_Right:
        m_current = std::min(axes - 1, m_current + 1);
        break;
    case Qt::Key_Up:
        lift(std::max<qsizetype>(0, m_lifted - 1));
        break;
    case Qt::Key_Down:
        lift(std::min(runs - 1, m_lifted + 1));
        break;
    case Qt::Key_Delete:
        if (m_brushes.remove(m_current) > 0)
            Q_EMIT insideChanged();
        break;
    case Qt::Key_Escape:
        if (brushed())
            return clearBrushes();
        [[fallthrough]];
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    update();
}

void ParallelView::paintAxis(QPainter& painter, qsizetype axis) const {
    const ParallelAxis& of = m_runs.axes.at(axis);
    const double x = axisX(axis);
    const double reach = m_runs.axes.size() > 1 ? axisX(1) - axisX(0) - 8 : width();
    painter.setFont(ui::font(FontRole::SmallMedium));
    painter.setPen(color(axis == m_current && hasFocus() && keyboardFocusVisible() ? Role::AccentText : Role::Text));
    const QRectF head(x - reach / 2, 0, reach, kAxisHead - 8);
    painter.drawText(head, Qt::AlignHCenter | Qt::AlignTop,
                     painter.fontMetrics().elidedText(of.name, Qt::ElideMiddle, static_cast<int>(reach)));
    painter.setPen(color(Role::ChartAxis));
    painter.drawLine(QPointF(x, yOf(0)), QPointF(x, yOf(1)));
    if (const auto brush = m_brushes.constFind(axis); brush != m_brushes.constEnd()) {
        const QRectF box(x - kBrushWidth / 2, yOf(brush->to), kBrushWidth, yOf(brush->from) - yOf(brush->to));
        QColor fill = color(Role::Accent);
        fill.setAlphaF(0.27F);
        painter.fillRect(box, fill);
        painter.setPen(color(Role::Accent));
        painter.drawRect(box);
    }
    painter.setFont(ui::font(FontRole::Small));
    const double size = m_high.at(axis) - m_low.at(axis);
    const int room = static_cast<int>(std::max(24.0, reach / 2));
    for (const double tick : ticksOf(of, m_low.at(axis), m_high.at(axis))) {
        double at = size > 0 ? (scaled(of, tick) - m_low.at(axis)) / size : 0.5;
        at = m_turned.value(axis) ? 1 - at : at;
        const QString text = painter.fontMetrics().elidedText(textOf(of, tick), Qt::ElideMiddle, room);
        const QRectF box(x + 5, yOf(at) - 8, painter.fontMetrics().horizontalAdvance(text) + 4, 16);
        QColor ground = color(Role::Surface);
        ground.setAlphaF(0.8F);
        painter.fillRect(box, ground); // lines pass below
        painter.setPen(color(Role::Muted));
        painter.drawText(box, Qt::AlignVCenter | Qt::AlignLeft, text);
    }
}

void ParallelView::paintRun(QPainter& painter, qsizetype run, const QColor& color, double width) const {
    QPainterPath path;
    bool joined = false;
    for (qsizetype axis = 0; axis < m_runs.axes.size(); ++axis) {
        const double at = place(axis, run);
        if (!std::isfinite(at)) {
            joined = false;
            continue;
        }
        const QPointF point(axisX(axis), yOf(at));
        joined ? path.lineTo(point) : path.moveTo(point);
        joined = true;
    }
    painter.setPen(QPen(color, width));
    painter.drawPath(path);
}

void ParallelView::paintLifted(QPainter& painter) const {
    paintRun(painter, m_lifted, color(Role::Surface), kLiftedWidth + 3);
    paintRun(painter, m_lifted, runColor(m_runs.colours.at(m_lifted)), kLiftedWidth);
    painter.setFont(ui::font(FontRole::SmallStrong));
    const QString name = painter.fontMetrics().elidedText(m_runs.names.at(m_lifted), Qt::ElideMiddle, width() / 2);
    const int wide = painter.fontMetrics().horizontalAdvance(name) + 16;
    const double y = yOf(place(m_runs.axes.size() - 1, m_lifted));
    const QRectF chip(std::max(4.0, width() - kAxisSide - wide - 8), std::clamp(y - 26, 2.0, height() - 24.0), wide,
                      20);
    drawOutline(painter, chip, color(Role::Border), 1, metric::kTagRadius, color(Role::Raised));
    painter.setPen(color(Role::Text));
    painter.drawText(chip, Qt::AlignCenter, name);
}

void ParallelView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_runs.axes.isEmpty())
        return;
    for (const bool pass : {false, true}) // those that are kept lie above
        for (qsizetype run = 0; run < m_runs.ids.size(); ++run)
            if (passes(run) == pass)
                paintRun(painter, run, pass ? runColor(m_runs.colours.at(run)) : color(Role::ChartAxis), kLineWidth);
    for (qsizetype axis = 0; axis < m_runs.axes.size(); ++axis)
        paintAxis(painter, axis);
    if (m_lifted >= 0 && m_lifted < m_runs.ids.size())
        paintLifted(painter);
    if (hasFocus() && keyboardFocusVisible())
        drawOutline(painter, rect(), color(Role::AccentText), 2, metric::kTagRadius);
}

} // namespace ui
