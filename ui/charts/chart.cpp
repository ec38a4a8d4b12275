#include "ui/charts/chart.h"

#include "ui/charts/chartexport.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/chartimpl.h"
#include "ui/charts/chartlegend.h"
#include "ui/charts/charttext.h"
#include "ui/theme.h"

#include <QPainter>
#include <QTimerEvent>

namespace ui {
namespace {

constexpr int kHeader = 30;
constexpr int kRing = 2; // of the focus: nothing is drawn over it
constexpr int kExportHead = 26;
constexpr int kExportFoot = 20;

} // namespace

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

void Chart::setNames(ChartNames where) {
    m->overlay->names = where;
    m->schedule(this);
}

void Chart::setLifted(const QString& key) {
    if (key == m->overlay->lifted)
        return;
    m->overlay->lifted = key;
    m->overlay->update();
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

QString Chart::lifted() const { return m->overlay->lifted; }
const ChartOverlay& Chart::overlay() const { return *m->overlay; }

QString Chart::valuesAsText() const {
    const QString xName = m->overlay->xName.isEmpty() ? QStringLiteral("step") : m->overlay->xName.toLower();
    return valueTable(m->visible(), m->lastX, xName, TableForm::Tabs);
}

bool Chart::exportTo(const QString& file, const QString& of) {
    const QString xName = m->overlay->timeTicks         ? tr("Time, s")
                          : m->overlay->xName.isEmpty() ? tr("Step")
                                                        : m->overlay->xName;
    if (file.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive))
        return exportText(file, valueTable(m->visible(), m->rangeX(), xName, TableForm::Csv));
    const int head = of.isEmpty() ? 0 : kExportHead;
    const QSize size(width(), height() + head + kExportFoot);
    return exportDrawing(file, size, [&](QPainter& painter) {
        const int pad = metric::kChartPadding + 1;
        painter.fillRect(QRect(QPoint(0, 0), size), color(Role::Surface));
        painter.setFont(ui::font(FontRole::SectionTitle));
        painter.setPen(color(Role::Text));
        painter.drawText(QRect(pad, 6, width() - 2 * pad, head), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(of, Qt::ElideMiddle, width() - 2 * pad));
        drawHeader(painter, QRect(pad, 6 + head, width() - 2 * pad, kHeader - 6));
        const QRect foot(m->plot->x() + m->plot->area().left(), height() + head - 4, m->plot->area().width(),
                         kExportFoot);
        painter.setFont(ui::font(FontRole::Small));
        painter.setPen(color(Role::Muted));
        painter.drawText(foot, Qt::AlignCenter, m->overlay->timeTicks ? tr("Time") : xName);
        painter.translate(m->plot->pos() + QPoint(0, head));
        m->plot->drawTo(painter);
        m->overlay->drawTo(painter);
    });
}

void Chart::drawHeader(QPainter& painter, const QRect& line) const {
    const auto word = [&](int left, FontRole font, Role role, const QString& text) {
        painter.setFont(ui::font(font));
        painter.setPen(color(role));
        painter.drawText(line.adjusted(left, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text);
        return left + painter.fontMetrics().horizontalAdvance(text) + 8;
    };
    int left = word(0, FontRole::ChartTitle, Role::Text, m->title);
    if (m->logarithmic)
        left = word(left, FontRole::Small, Role::Muted, tr("logarithmic"));
    const QList<LegendEntry> entries = legendOf(m->visible(), m->unit, m->overlay->crosshair);
    const bool atEnds = m->overlay->names == ChartNames::AtLineEnds;
    const auto named = atEnds ? m->overlay->lineEnds().size() : entries.size();
    if (named < entries.size())
        left = word(left, FontRole::Small, Role::Muted, tr("%1 of %2 named").arg(named).arg(entries.size()));
    const int room = line.width() - left;
    drawLegend(painter, line, atEnds ? fitValues(entries, room) : fitLegend(entries, room));
}

void Chart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool ring = hasFocus() && keyboardFocusVisible();
    drawOutline(painter, rect(), color(ring ? Role::AccentText : Role::Border), ring ? 2 : 1, metric::kCardRadius,
                color(Role::Surface));
    const int pad = metric::kChartPadding + 1; // and the line around it
    drawHeader(painter, QRect(pad, 6, width() - 2 * pad, kHeader - 6));
}

void Chart::resizeEvent(QResizeEvent*) {
    const int pad = metric::kChartPadding + 1; // and the line around it
    const QRect box(pad, kHeader, width() - pad - kRing, height() - kHeader - 4);
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

} // namespace ui
