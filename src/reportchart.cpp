#include "src/reportchart.h"

#include "ui/charts/chartmath.h"

#include <QStringList>

#include <cmath>

namespace app {
namespace {

constexpr double kWide = 640, kHigh = 260;
constexpr double kLeft = 56, kRight = 12, kTop = 30, kBottom = 34;
constexpr int kTicks = 5;
constexpr int kDrawnStretches = 300; // of a line; each keeps its least and greatest value

// 1, 2 or 5 times a power of ten, so that about `kTicks` of them fill the range.
double tickStep(double size) {
    const double rough = std::max(size, 1e-12) / kTicks;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough)
            return factor * power;
    return 10 * power;
}

QString number(double value) { return QString::number(value, 'f', 1); }

class Plane final {
public:
    Plane(ui::Range x, ui::Range y) : m_x(x), m_y(y) {}
    [[nodiscard]] double px(double x) const { return kLeft + (kWide - kLeft - kRight) * (x - m_x.from) / m_x.size(); }
    [[nodiscard]] double py(double y) const {
        return kHigh - kBottom - (kHigh - kTop - kBottom) * (y - m_y.from) / m_y.size();
    }
    [[nodiscard]] ui::Range x() const { return m_x; }
    [[nodiscard]] ui::Range y() const { return m_y; }

private:
    ui::Range m_x, m_y;
};

QString textAt(double x, double y, const char* anchor, const QString& text, const char* style = "ink") {
    return QStringLiteral("<text class=\"%1\" x=\"%2\" y=\"%3\" text-anchor=\"%4\">%5</text>")
        .arg(QLatin1String(style), number(x), number(y), QLatin1String(anchor), text.toHtmlEscaped());
}

QString lineFrom(double x1, double y1, double x2, double y2) {
    return QStringLiteral("<line class=\"axis\" x1=\"%1\" y1=\"%2\" x2=\"%3\" y2=\"%4\"/>")
        .arg(number(x1), number(y1), number(x2), number(y2));
}

QString axes(const Plane& plane, const ReportChart& chart) {
    QString made;
    const double foot = kHigh - kBottom;
    const double yStep = tickStep(plane.y().size());
    for (double y = std::ceil(plane.y().from / yStep) * yStep; y <= plane.y().to + yStep * 1e-6; y += yStep) {
        made += lineFrom(kLeft, plane.py(y), kWide - kRight, plane.py(y));
        made += textAt(kLeft - 6, plane.py(y) + 4, "end", ui::axisText(chart.unit, y, yStep));
    }
    const double xStep = std::max(1.0, tickStep(plane.x().size()));
    for (double x = std::ceil(plane.x().from / xStep) * xStep; x <= plane.x().to + xStep * 1e-6; x += xStep)
        made += textAt(plane.px(x), foot + 16, "middle", ui::countAtAxis(x));
    made += lineFrom(kLeft, foot, kWide - kRight, foot);
    made += textAt(kWide - kRight, kHigh - 4, "end", chart.xName);
    return made;
}

// Points behind each other; a gap begins anew.
QStringList pathsOf(const Plane& plane, const ui::Points& points) {
    QStringList paths(1);
    for (qsizetype i = 0; i < points.x.size(); ++i) {
        if (!std::isfinite(points.y[i])) {
            paths.append(QString());
            continue;
        }
        paths.last() += QStringLiteral("%1,%2 ").arg(number(plane.px(points.x[i])), number(plane.py(points.y[i])));
    }
    paths.removeAll(QString());
    return paths;
}

QString drawn(const Plane& plane, const ui::ChartSeries& line) {
    const bool few = line.x.size() <= 2 * kDrawnStretches;
    const ui::Points points =
        few ? ui::Points{line.x, line.y} : ui::envelope(line.x, line.y, plane.x(), kDrawnStretches);
    const QString color = line.color.name();
    QString made = QStringLiteral("<g><title>%1</title>").arg(line.name.toHtmlEscaped());
    for (const QString& path : pathsOf(plane, points))
        made += QStringLiteral("<polyline points=\"%1\" fill=\"none\" stroke=\"%2\" stroke-width=\"1.8\"%3/>")
                    .arg(path.trimmed(), color, line.dashed ? QStringLiteral(" stroke-dasharray=\"4 3\"") : QString());
    if (line.best)
        made += QStringLiteral("<circle cx=\"%1\" cy=\"%2\" r=\"4\" fill=\"none\" stroke=\"%3\" stroke-width=\"2\"/>")
                    .arg(number(plane.px(line.best->x())), number(plane.py(line.best->y())), color);
    return made + QStringLiteral("</g>");
}

} // namespace

QString chartSvg(const ReportChart& chart) {
    ui::Range x = ui::xRangeOf(chart.lines);
    if (x.size() <= 0)
        x.to = x.from + 1;
    ui::Range y = ui::yRangeOf(chart.lines, x, chart.unit, std::nullopt);
    if (y.size() <= 0)
        y.to = y.from + 1;
    const Plane plane(x, y);
    QString made = QStringLiteral("<svg viewBox=\"0 0 %1 %2\" role=\"img\" aria-label=\"%3\">")
                       .arg(kWide)
                       .arg(kHigh)
                       .arg(chart.title.toHtmlEscaped());
    made += textAt(0, 16, "start", chart.title, "title");
    made += axes(plane, chart);
    for (const ui::ChartSeries& line : chart.lines)
        made += drawn(plane, line);
    return made + QStringLiteral("</svg>");
}

} // namespace app
