#include "ui/charts/chart.h"

#include "ui/charts/chartgroup.h"
#include "ui/charts/chartmath.h"
#include "ui/charts/chartoverlay.h"
#include "ui/charts/chartplot.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QPointer>
#include <QSvgGenerator>
#include <QTimerEvent>

#include <cmath>

namespace ui {
namespace {

constexpr int kRedrawMs = 33; // at most 30 redraws a second
constexpr int kHeader = 30;
constexpr int kTop = 8; // half the topmost label, which is left out where it does not fit

} // namespace

struct Chart::Impl {
    Impl(const QString& name, ChartUnit chartUnit, Chart* chart)
        : title(name),
          unit(chartUnit),
          plot(new ChartPlot(chartUnit, chart)),
          overlay(new ChartOverlay(*plot, chartUnit, chart)) {}

    [[nodiscard]] QList<ChartSeries> visible() const {
        QList<ChartSeries> shown;
        for (const auto& one : series)
            if (!hidden.contains(one.key))
                shown.append(one);
        return shown;
    }
    [[nodiscard]] Range homeX() const {
        Range range = xRangeOf(series);
        if (std::isfinite(homeFrom))
            range.from = homeFrom;
        if (std::isfinite(homeTo))
            range.to = homeTo;
        return range.size() > 0 ? range : Range{range.from, range.from + 1};
    }
    [[nodiscard]] Range rangeX() const { return zoomX.value_or(homeX()); }

    QString title;
    ChartUnit unit;
    ChartPlot* plot;
    ChartOverlay* overlay;
    QPointer<ChartGroup> group;
    QList<ChartSeries> series;
    QStringList hidden;
    double homeFrom = std::numeric_limits<double>::quiet_NaN();
    double homeTo = std::numeric_limits<double>::quiet_NaN();
    std::optional<Range> zoomX;
    std::optional<Range> zoomY;
    bool logarithmic = false;
    bool onlyX = false; // X or Y is held
    bool onlyY = false;
    std::optional<QPoint> dragFrom;
    Range dragX, dragY;
    QBasicTimer timer;
    QElapsedTimer sinceRedraw;
    int redraws = 0;
    Range lastX, lastY;

    void schedule(Chart* chart) {
        if (timer.isActive())
            return;
        const qint64 passed = sinceRedraw.isValid() ? sinceRedraw.elapsed() : kRedrawMs;
        timer.start(static_cast<int>(std::max<qint64>(0, kRedrawMs - passed)), chart);
    }

    void redraw(Chart* chart) {
        const auto shown = visible();
        lastX = rangeX();
        lastY = zoomY.value_or(yRangeOf(shown, lastX, unit, overlay->limit));
        const bool log = logarithmic && !zoomY && logFits(shown);
        plot->setLogarithmic(log);
        plot->setSeries(shown);
        plot->setTopMargin(overlay->lane ? ChartOverlay::kLane : kTop);
        plot->setRanges(lastX, lastY);
        plot->replot();
        overlay->series = shown;
        overlay->update();
        ++redraws;
        sinceRedraw.start();
        chart->update();
    }

    // A logarithmic axis only where the values span more than 8 to 1.
    bool logFits(const QList<ChartSeries>& shown) {
        double least = std::numeric_limits<double>::infinity();
        double most = 0;
        for (const auto& one : shown)
            for (const double value : one.y)
                if (value > 0 && std::isfinite(value)) {
                    least = std::min(least, value);
                    most = std::max(most, value);
                }
        if (most <= 0 || most / least < 8)
            return false;
        lastY = {least / 1.6, most * 1.6};
        return true;
    }

    void zoom(Chart* chart, double factor, double aboutX, double aboutY, Qt::KeyboardModifiers keys) {
        const bool x = !onlyY && !(keys & Qt::ControlModifier);
        const bool y = !onlyX && !(keys & Qt::ShiftModifier);
        if (y)
            zoomY = Range{aboutY - (aboutY - lastY.from) * factor, aboutY + (lastY.to - aboutY) * factor};
        if (x) {
            zoomX = Range{aboutX - (aboutX - lastX.from) * factor, aboutX + (lastX.to - aboutX) * factor};
            Q_EMIT chart->xRangeChosen(zoomX->from, zoomX->to);
        }
        schedule(chart);
    }
};

Chart::Chart(const QString& title, ChartUnit unit, QWidget* parent)
    : QWidget(parent), m(std::make_unique<Impl>(title, unit, this)) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    m->overlay->installEventFilter(this);
    connect(&theme(), &Theme::changed, this, [this] { m->schedule(this); });
}

Chart::~Chart() = default;

void Chart::setTitle(const QString& title) {
    if (title == m->title)
        return;
    m->title = title;
    setAccessibleName(title);
    update();
}

void Chart::setUnit(ChartUnit unit) {
    if (unit == m->unit)
        return;
    m->unit = unit;
    m->plot->setUnit(unit);
    m->overlay->setUnit(unit);
    m->schedule(this);
}

void Chart::setSeries(const QList<ChartSeries>& series) {
    m->series = series;
    m->schedule(this);
}

void Chart::setFlags(const QList<ChartFlag>& flags, bool lane) {
    m->overlay->flags = flags;
    m->overlay->lane = lane;
    m->schedule(this);
}

void Chart::setPhases(const QList<ChartPhase>& phases) {
    m->overlay->phases = phases;
    m->overlay->update();
}

void Chart::setNow(std::optional<double> x) {
    m->plot->setNow(x);
    m->schedule(this);
}

void Chart::setLimit(std::optional<double> y) {
    m->overlay->limit = y;
    m->schedule(this);
}

void Chart::setLogarithmic(bool on) {
    m->logarithmic = on;
    m->schedule(this);
}

void Chart::setValueChips(bool on) { m->overlay->chips = on; }
void Chart::setXName(const QString& name) { m->overlay->xName = name; }

void Chart::setXTicksAsTime(bool on) {
    m->overlay->timeTicks = on;
    m->plot->setTimeTicks(on);
    m->schedule(this);
}

void Chart::setHomeRange(double from, double to) {
    m->homeFrom = from;
    m->homeTo = to;
    m->schedule(this);
}

void Chart::setXRange(double from, double to) {
    if (std::isfinite(from) && std::isfinite(to) && to > from) {
        m->zoomX = Range{from, to};
    } else {
        m->zoomX.reset();
        m->zoomY.reset();
    }
    m->schedule(this);
}

void Chart::setCrosshair(std::optional<double> x) {
    if (x == m->overlay->crosshair)
        return;
    m->overlay->crosshair = x;
    m->overlay->update();
    update(0, 0, width(), kHeader);
}

void Chart::setHiddenKeys(const QStringList& keys) {
    m->hidden = keys;
    m->schedule(this);
}

QString Chart::title() const { return m->title; }
std::optional<double> Chart::crosshair() const { return m->overlay->crosshair; }
double Chart::xFrom() const { return m->rangeX().from; }
double Chart::xTo() const { return m->rangeX().to; }
int Chart::redraws() const { return m->redraws; }

QString Chart::valuesAsText() const {
    QString text = m->overlay->xName.isEmpty() ? QStringLiteral("step") : m->overlay->xName.toLower();
    QList<ChartSeries> columns;
    QList<double> rows;
    for (const auto& one : m->visible()) {
        if (one.name.isEmpty())
            continue;
        columns.append(one);
        text += QLatin1Char('\t') + one.name;
        for (const double x : one.x)
            if (x >= m->lastX.from && x <= m->lastX.to)
                rows.append(x);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    text += QLatin1Char('\n');
    for (const double x : rows) {
        text += QString::number(x, 'g', 10);
        for (const auto& one : columns) {
            const auto place = std::lower_bound(one.x.begin(), one.x.end(), x);
            text += QLatin1Char('\t');
            if (place != one.x.end() && *place == x)
                text += QString::number(one.y.value(place - one.x.begin()), 'g', 7);
        }
        text += QLatin1Char('\n');
    }
    return text;
}

void Chart::exportTo(const QString& file) {
    const auto drawAll = [this](QPainter& painter) {
        painter.fillRect(rect(), color(Role::Surface));
        drawHeader(painter);
        painter.translate(m->plot->pos());
        m->plot->drawTo(painter);
        m->overlay->drawTo(painter);
    };
    const QString ending = file.section(QLatin1Char('.'), -1).toLower();
    if (ending == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setFileName(file);
        generator.setSize(size());
        generator.setViewBox(rect());
        QPainter painter(&generator);
        drawAll(painter);
    } else if (ending == QLatin1String("pdf")) {
        QPdfWriter writer(file);
        writer.setResolution(96);
        writer.setPageSize(QPageSize(QSizeF(width(), height()) * 0.75, QPageSize::Point));
        writer.setPageMargins(QMarginsF(0, 0, 0, 0));
        QPainter painter(&writer);
        drawAll(painter);
    } else {
        QImage image(size() * 2, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(2);
        QPainter painter(&image);
        drawAll(painter);
        painter.end();
        image.save(file);
    }
}

void Chart::drawHeader(QPainter& painter) const {
    const int pad = metric::kChartPadding + 1; // and the line around it
    const QRect line(pad, 6, width() - 2 * pad, kHeader - 6);
    painter.setFont(ui::font(FontRole::ChartTitle));
    painter.setPen(color(Role::Text));
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft, m->title);
    const int titleWidth = QFontMetrics(painter.font()).horizontalAdvance(m->title);

    const QFont nameFont = ui::font(FontRole::Small);
    const QFont valueFont = ui::font(FontRole::SmallStrong);
    const QFontMetrics nameMetrics(nameFont);
    const QFontMetrics valueMetrics(valueFont);
    struct Entry {
        QString name, text;
        QColor ink;
        bool part, dashed;
        double value;
    };
    QList<Entry> entries;
    double whole = 0; // of the parts
    for (const auto& one : m->visible()) {
        if (one.name.isEmpty())
            continue;
        const double value = m->overlay->crosshair ? (one.x.isEmpty() || *m->overlay->crosshair > one.x.last() ||
                                                              *m->overlay->crosshair < one.x.first()
                                                          ? std::numeric_limits<double>::quiet_NaN()
                                                          : valueNear(one, *m->overlay->crosshair))
                             : one.y.isEmpty()     ? std::numeric_limits<double>::quiet_NaN()
                                                   : one.y.last();
        const bool part = one.style == ChartSeries::Style::Stacked;
        entries.append({one.name, unitText(m->unit, value), one.color, part, one.dashed, value});
        if (part && std::isfinite(value))
            whole += value;
    }
    const auto namesFit = [&] {
        int needed = -10;
        for (const Entry& entry : entries)
            needed +=
                15 + nameMetrics.horizontalAdvance(entry.name) + 5 + valueMetrics.horizontalAdvance(entry.text) + 10;
        return needed <= line.width() - titleWidth - 8;
    };
    // A legend without names says little, so parts under a hundredth go first.
    if (!namesFit())
        entries.removeIf([&](const Entry& entry) { return entry.part && !(entry.value > 0.01 * whole); });
    const bool names = namesFit();
    int x = line.right();
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const int valueWidth = valueMetrics.horizontalAdvance(entry->text);
        const int nameWidth = names ? nameMetrics.horizontalAdvance(entry->name) + 5 : 0;
        if (x - valueWidth - nameWidth - 14 < line.left() + titleWidth + 8)
            break;
        painter.setFont(valueFont);
        painter.setPen(color(Role::Text));
        painter.drawText(QRect(x - valueWidth, line.top(), valueWidth + 1, line.height()), Qt::AlignVCenter,
                         entry->text);
        x -= valueWidth;
        if (names) {
            painter.setFont(nameFont);
            painter.setPen(color(Role::Muted));
            painter.drawText(QRect(x - nameWidth, line.top(), nameWidth, line.height()), Qt::AlignVCenter, entry->name);
            x -= nameWidth;
        }
        if (entry->part)
            painter.fillRect(QRect(x - 14, line.center().y() - 3, 9, 9), entry->ink);
        else if (entry->dashed) {
            painter.fillRect(QRect(x - 15, line.center().y(), 4, 2), entry->ink);
            painter.fillRect(QRect(x - 9, line.center().y(), 4, 2), entry->ink);
        } else
            painter.fillRect(QRect(x - 15, line.center().y(), 10, 2), entry->ink);
        x -= 15 + 10;
    }
}

void Chart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool ring = hasFocus() && keyboardFocusVisible();
    drawOutline(painter, rect(), color(ring ? Role::AccentText : Role::Border), ring ? 2 : 1, metric::kCardRadius,
                color(Role::Surface));
    drawHeader(painter);
}

void Chart::resizeEvent(QResizeEvent*) {
    const int pad = metric::kChartPadding + 1; // and the line around it
    const QRect box(pad, kHeader, width() - pad - 1, height() - kHeader - 4);
    m->plot->setGeometry(box);
    m->overlay->setGeometry(box);
    m->timer.stop();
    m->redraw(this);
}

void Chart::timerEvent(QTimerEvent* event) {
    if (event->timerId() != m->timer.timerId())
        return;
    m->timer.stop();
    if (m->group)
        m->group->redrawInTurn(this);
    else
        redrawNow();
}

void Chart::setGroup(ChartGroup* group) { m->group = group; }

void Chart::redrawNow() {
    if (isVisible())
        m->redraw(this);
    else
        m->sinceRedraw.invalidate();
}

void Chart::showEvent(QShowEvent*) { m->schedule(this); }

void Chart::keyPressEvent(QKeyEvent* event) {
    const Range x = m->rangeX();
    const double middle = m->overlay->crosshair.value_or(x.from + x.size() / 2);
    const double middleY = (m->lastY.from + m->lastY.to) / 2;
    const double pixel = x.size() / std::max(1, m->plot->area().width());
    const double step = event->modifiers() & Qt::ShiftModifier ? 20 * pixel : std::max(1.0, 2 * pixel);
    const auto moveTo = [this](std::optional<double> place) {
        setCrosshair(place);
        Q_EMIT crosshairMoved(place);
    };
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(valuesAsText());
        return;
    }
    switch (event->key()) {
    case Qt::Key_X:
        m->onlyX = true;
        break;
    case Qt::Key_Y:
        m->onlyY = true;
        break;
    case Qt::Key_Left:
        moveTo(std::max(x.from, middle - step));
        return;
    case Qt::Key_Right:
        moveTo(std::min(x.to, middle + step));
        return;
    case Qt::Key_Home:
        moveTo(x.from);
        return;
    case Qt::Key_End:
        moveTo(x.to);
        return;
    case Qt::Key_Escape:
        moveTo(std::nullopt);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        m->zoom(this, 0.8, middle, middleY, Qt::ShiftModifier);
        return;
    case Qt::Key_Minus:
        m->zoom(this, 1.25, middle, middleY, Qt::ShiftModifier);
        return;
    case Qt::Key_0:
        setXRange(std::nan(""), std::nan(""));
        Q_EMIT rangeReset();
        return;
    case Qt::Key_E:
        if (event->modifiers() & Qt::ControlModifier) {
            Q_EMIT exportRequested();
            return;
        }
        break;
    case Qt::Key_Menu:
        openMenu(mapToGlobal(rect().center()));
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void Chart::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_X)
        m->onlyX = false;
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
    m->onlyX = m->onlyY = false;
    update();
}

void Chart::openMenu(const QPoint& globalPosition) {
    QMenu menu(this);
    QAction* copy = menu.addAction(ui::icon(QStringLiteral("copy")), tr("Copy values"));
    copy->setShortcut(QKeySequence::Copy);
    QAction* save = menu.addAction(ui::icon(QStringLiteral("image-down")), tr("Export chart…"));
    save->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    QAction* reset = menu.addAction(ui::icon(QStringLiteral("rotate-ccw")), tr("Reset the range"));
    reset->setShortcut(QKeySequence(Qt::Key_0));
    menu.addSeparator();
    QMap<QAction*, QString> toggles;
    for (const auto& one : m->series)
        if (!one.name.isEmpty()) {
            const bool off = m->hidden.contains(one.key);
            toggles[menu.addAction(ui::icon(off ? QStringLiteral("eye") : QStringLiteral("eye-off")),
                                   (off ? tr("Show %1") : tr("Hide %1")).arg(one.name))] = one.key;
        }
    const QAction* chosen = menu.exec(globalPosition);
    if (chosen == copy)
        QApplication::clipboard()->setText(valuesAsText());
    else if (chosen == save)
        Q_EMIT exportRequested();
    else if (chosen == reset) {
        setXRange(std::nan(""), std::nan(""));
        Q_EMIT rangeReset();
    } else if (chosen) {
        const QString key = toggles.value(const_cast<QAction*>(chosen));
        if (!m->hidden.removeOne(key))
            m->hidden.append(key);
        Q_EMIT hiddenKeysChanged(m->hidden);
        m->schedule(this);
    }
}

bool Chart::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m->overlay)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseMove: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (m->dragFrom) {
            const QRect area = m->plot->area();
            const double dx = (mouse->pos().x() - m->dragFrom->x()) * m->dragX.size() / std::max(1, area.width());
            const double dy = (mouse->pos().y() - m->dragFrom->y()) * m->dragY.size() / std::max(1, area.height());
            if ((mouse->pos() - *m->dragFrom).manhattanLength() < 4 && !m->zoomX)
                return true;
            m->zoomX = Range{m->dragX.from - dx, m->dragX.to - dx};
            if (m->zoomY)
                m->zoomY = Range{m->dragY.from + dy, m->dragY.to + dy};
            Q_EMIT xRangeChosen(m->zoomX->from, m->zoomX->to);
            m->schedule(this);
            return true;
        }
        const QRect area = m->plot->area();
        std::optional<double> place;
        if (area.adjusted(-2, -20, 2, 4).contains(mouse->pos()))
            place = std::clamp(m->plot->fromPixelX(mouse->pos().x()), m->lastX.from, m->lastX.to);
        if (place != m->overlay->crosshair) {
            setCrosshair(place);
            Q_EMIT crosshairMoved(place);
        }
        return true;
    }
    case QEvent::Leave:
        if (!m->dragFrom && m->overlay->crosshair) {
            setCrosshair(std::nullopt);
            Q_EMIT crosshairMoved(std::nullopt);
        }
        return false;
    case QEvent::MouseButtonPress: {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        setFocus(Qt::MouseFocusReason);
        if (mouse->button() == Qt::LeftButton && m->plot->area().contains(mouse->pos())) {
            m->dragFrom = mouse->pos();
            m->dragX = m->rangeX();
            m->dragY = m->lastY;
        }
        return true;
    }
    case QEvent::MouseButtonRelease:
        m->dragFrom.reset();
        return true;
    case QEvent::MouseButtonDblClick:
        m->dragFrom.reset();
        setXRange(std::nan(""), std::nan(""));
        Q_EMIT rangeReset();
        return true;
    case QEvent::Wheel: {
        const auto* wheel = static_cast<QWheelEvent*>(event);
        const int turned = wheel->angleDelta().y() != 0 ? wheel->angleDelta().y() : wheel->angleDelta().x();
        if (turned != 0)
            m->zoom(this, std::pow(0.85, turned / 120.0), m->plot->fromPixelX(wheel->position().x()),
                    m->plot->fromPixelY(wheel->position().y()), wheel->modifiers());
        return true;
    }
    case QEvent::ContextMenu:
        openMenu(static_cast<QContextMenuEvent*>(event)->globalPos());
        return true;
    default:
        return false;
    }
}

} // namespace ui
