#include "ui/charts/chartlegend.h"

#include "ui/charts/chartmath.h"

#include <QFontMetrics>
#include <QPainter>

#include <cmath>

namespace ui {
namespace {

constexpr int kEntrySwatch = 15; // and the room behind it
constexpr int kEntryGap = 10;
constexpr int kEntryNameGap = 5;
constexpr int kMostEntryName = 200; // pixels, where there is not room for all
constexpr int kLeastEntryName = 44;

double valueAtX(const ChartSeries& series, std::optional<double> x) {
    if (series.x.isEmpty() || series.y.isEmpty())
        return std::nan("");
    if (!x)
        return series.y.last();
    return *x < series.x.first() || *x > series.x.last() ? std::nan("") : valueNear(series, *x);
}

int entryNameWidth(const LegendEntry& entry) {
    return QFontMetrics(ui::font(FontRole::Small)).horizontalAdvance(entry.name) + kEntryNameGap;
}

int entryValueWidth(const LegendEntry& entry) {
    return QFontMetrics(ui::font(FontRole::SmallStrong)).horizontalAdvance(entry.value);
}

int widthOf(const LegendEntry& entry, const LegendFit& fit) {
    return kEntrySwatch + (fit.names ? entryNameWidth(entry) : 0) + (fit.values ? entryValueWidth(entry) : 0);
}

QString leftOutWords(qsizetype count) { return count > 0 ? QStringLiteral("+%1").arg(count) : QString(); }

int widthOf(const LegendFit& fit) {
    int wide = -kEntryGap;
    for (const LegendEntry& entry : fit.entries)
        wide += widthOf(entry, fit) + kEntryGap;
    if (fit.leftOut > 0)
        wide += QFontMetrics(ui::font(FontRole::Small)).horizontalAdvance(leftOutWords(fit.leftOut)) + kEntryGap;
    return wide;
}

LegendFit withNamesOf(const LegendFit& fit, int mostPixels) {
    const QFontMetrics metrics(ui::font(FontRole::Small));
    LegendFit made = fit;
    for (LegendEntry& entry : made.entries)
        entry.name = metrics.elidedText(entry.name, Qt::ElideMiddle, mostPixels);
    return made;
}

void drawSwatch(QPainter& painter, int x, int middle, const LegendEntry& entry) {
    switch (entry.swatch) {
    case LegendEntry::Swatch::Square:
        painter.fillRect(QRect(x + 1, middle - 3, 9, 9), entry.ink);
        return;
    case LegendEntry::Swatch::Dashes:
        painter.fillRect(QRect(x, middle, 4, 2), entry.ink);
        painter.fillRect(QRect(x + 6, middle, 4, 2), entry.ink);
        return;
    case LegendEntry::Swatch::Line:
        painter.fillRect(QRect(x, middle, 10, 2), entry.ink);
        return;
    }
}

} // namespace

QList<LegendEntry> legendOf(const QList<ChartSeries>& series, ChartUnit unit, std::optional<double> x) {
    QList<LegendEntry> entries;
    for (const auto& one : series) {
        if (one.name.isEmpty())
            continue;
        const double value = valueAtX(one, x);
        const auto swatch = one.style == ChartSeries::Style::Stacked ? LegendEntry::Swatch::Square
                            : one.dashed                             ? LegendEntry::Swatch::Dashes
                                                                     : LegendEntry::Swatch::Line;
        entries.append({one.name, unitText(unit, value), one.color, swatch, std::isfinite(value) ? value : 0});
    }
    return entries;
}

LegendFit fitLegend(QList<LegendEntry> entries, int room) {
    LegendFit fit{.entries = std::move(entries)};
    if (widthOf(fit) <= room)
        return fit;
    double whole = 0;
    for (const LegendEntry& entry : fit.entries)
        whole += entry.swatch == LegendEntry::Swatch::Square ? entry.amount : 0;
    LegendFit large = fit;
    large.entries.removeIf([whole](const LegendEntry& entry) {
        return entry.swatch == LegendEntry::Swatch::Square && !(entry.amount > 0.01 * whole);
    });
    if (!large.entries.isEmpty() && widthOf(large) <= room)
        return large;
    fit.values = false;
    const LegendFit unfitted = fit;
    for (int most = kMostEntryName; most >= kLeastEntryName; most -= 4) {
        fit = withNamesOf(unfitted, most);
        if (widthOf(fit) <= room)
            return fit;
    }
    while (fit.entries.size() > 1 && widthOf(fit) > room) {
        fit.entries.removeLast();
        ++fit.leftOut;
    }
    return fit;
}

LegendFit fitValues(const QList<LegendEntry>& entries, int room) {
    LegendFit fit{.entries = entries, .names = false};
    if (widthOf(fit) > room)
        fit.entries.clear();
    return fit;
}

void drawLegend(QPainter& painter, const QRect& line, const LegendFit& legend) {
    int x = line.right() + 1;
    const auto word = [&](const QString& text, FontRole font, Role role) {
        painter.setFont(ui::font(font));
        painter.setPen(color(role));
        const int wide = painter.fontMetrics().horizontalAdvance(text);
        x -= wide;
        painter.drawText(QRect(x, line.top(), wide + 1, line.height()), Qt::AlignVCenter, text);
    };
    if (legend.leftOut > 0) {
        word(leftOutWords(legend.leftOut), FontRole::Small, Role::Muted);
        x -= kEntryGap;
    }
    for (auto entry = legend.entries.rbegin(); entry != legend.entries.rend(); ++entry) {
        if (legend.values)
            word(entry->value, FontRole::SmallStrong, Role::Text);
        if (legend.names) {
            x -= legend.values ? kEntryNameGap : 0;
            word(entry->name, FontRole::Small, Role::Muted);
            x -= legend.values ? 0 : kEntryNameGap;
        }
        x -= kEntrySwatch;
        drawSwatch(painter, x, line.center().y(), *entry);
        x -= kEntryGap;
    }
}

} // namespace ui
