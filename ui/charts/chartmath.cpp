#include "ui/charts/chartmath.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kDense = 4;       // values a column from which on noise is a band
constexpr double kFarBeyond = 1.5; // heights of the band from which on a value stands out of it

struct Window {
    qsizetype first = 0;
    qsizetype last = 0; // one past
};

Window windowOf(const QList<double>& x, Range range) {
    const auto lower = std::lower_bound(x.begin(), x.end(), range.from);
    const auto upper = std::upper_bound(x.begin(), x.end(), range.to);
    Window window{lower - x.begin(), upper - x.begin()};
    window.first = std::max<qsizetype>(0, window.first - 1);
    window.last = std::min<qsizetype>(x.size(), window.last + 1);
    return window;
}

// Calls column(first, last) for runs of points that fall into the same pixel column.
template <typename Column>
void eachColumn(const QList<double>& x, Window window, Range range, int columns, const Column& column) {
    const double scale = range.size() > 0 ? columns / range.size() : 0;
    qsizetype begin = window.first;
    while (begin < window.last) {
        const double slot = std::floor((x[begin] - range.from) * scale);
        qsizetype end = begin + 1;
        while (end < window.last && std::floor((x[end] - range.from) * scale) == slot)
            ++end;
        column(begin, end);
        begin = end;
    }
}

void addColumn(NoiseBand& band, double x, std::vector<double>& values) {
    band.x.append(x);
    if (values.empty()) {
        band.low.append(kNaN);
        band.high.append(kNaN);
        return;
    }
    const double low = percentile(values, 0.1);
    const double high = percentile(values, 0.9);
    band.low.append(low);
    band.high.append(high);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double far = kFarBeyond * (high - low);
    const auto stick = [&](double from, double to) {
        band.spikes.x << x << x << x;
        band.spikes.y << from << to << kNaN;
    };
    if (*most > high + far)
        stick(high, *most);
    if (*least < low - far)
        stick(low, *least);
}

void widen(Range& range, double value) {
    if (!std::isfinite(value))
        return;
    range.from = std::min(range.from, value);
    range.to = std::max(range.to, value);
}

// What is shown beside a value that never changes: enough for labels that differ.
double aroundAConstant(double value, ChartUnit unit) {
    if (unit == ChartUnit::Percent)
        return 0.05;
    return value == 0 ? 1 : std::abs(value) * 0.1;
}

} // namespace

double percentile(std::vector<double>& values, double share) {
    const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return values[static_cast<std::size_t>(place)];
}

Points thinned(const QList<double>& x, const QList<double>& y, Range range, int columns) {
    const Window window = windowOf(x, range);
    Points made;
    if (window.last - window.first <= columns) {
        made.x = x.mid(window.first, window.last - window.first);
        made.y = y.mid(window.first, window.last - window.first);
        return made;
    }
    eachColumn(x, window, range, columns, [&](qsizetype begin, qsizetype end) {
        double sum = 0;
        double sumX = 0;
        int count = 0;
        for (qsizetype i = begin; i < end; ++i) {
            sumX += x[i];
            if (std::isfinite(y[i])) {
                sum += y[i];
                ++count;
            }
        }
        made.x.append(sumX / static_cast<double>(end - begin));
        made.y.append(count > 0 ? sum / count : kNaN);
    });
    return made;
}

Points envelope(const QList<double>& x, const QList<double>& y, Range range, int columns) {
    const Window window = windowOf(x, range);
    Points made;
    if (window.last - window.first <= 2 * columns) {
        made.x = x.mid(window.first, window.last - window.first);
        made.y = y.mid(window.first, window.last - window.first);
        return made;
    }
    eachColumn(x, window, range, columns, [&](qsizetype begin, qsizetype end) {
        double least = std::numeric_limits<double>::infinity();
        double most = -least;
        for (qsizetype i = begin; i < end; ++i)
            if (std::isfinite(y[i])) {
                least = std::min(least, y[i]);
                most = std::max(most, y[i]);
            }
        if (least > most)
            least = most = kNaN;
        made.x << x[begin] << x[begin];
        made.y << least << most;
    });
    return made;
}

std::optional<NoiseBand> noiseBand(const ChartSeries& series, Range range, int columns) {
    const bool stretches = series.minimum.size() == series.x.size() && series.maximum.size() == series.x.size();
    const Window window = windowOf(series.x, range);
    const auto points = static_cast<double>(window.last - window.first);
    const double density = points * (stretches ? 2 : 1) / std::max(1, columns);
    if (density < kDense)
        return std::nullopt;
    NoiseBand band;
    band.density = density;
    std::vector<double> values;
    eachColumn(series.x, window, range, columns, [&](qsizetype begin, qsizetype end) {
        values.clear();
        const auto take = [&values](double value) {
            if (std::isfinite(value))
                values.push_back(value);
        };
        for (qsizetype i = begin; i < end; ++i) {
            take(stretches ? series.minimum[i] : series.y[i]);
            if (stretches)
                take(series.maximum[i]);
        }
        addColumn(band, series.x[begin], values);
    });
    return band;
}

qsizetype placeNear(const QList<double>& xs, double x) {
    if (xs.isEmpty())
        return -1;
    auto place = std::lower_bound(xs.begin(), xs.end(), x);
    if (place == xs.end() || (place != xs.begin() && *place - x > x - *(place - 1)))
        --place;
    return place - xs.begin();
}

double valueNear(const ChartSeries& series, double x) { return series.y.value(placeNear(series.x, x), kNaN); }

std::optional<double> measuredX(const QList<ChartSeries>& series, double x, Towards towards) {
    std::optional<double> found;
    const auto consider = [&](double candidate) {
        if (!found || std::abs(candidate - x) < std::abs(*found - x))
            found = candidate;
    };
    for (const auto& one : series) {
        if (one.name.isEmpty() || one.x.isEmpty())
            continue;
        if (towards == Towards::Nearest) {
            consider(one.x.at(placeNear(one.x, x)));
        } else if (towards == Towards::Right) {
            if (const auto next = std::upper_bound(one.x.begin(), one.x.end(), x); next != one.x.end())
                consider(*next);
        } else if (const auto next = std::lower_bound(one.x.begin(), one.x.end(), x); next != one.x.begin()) {
            consider(*(next - 1));
        }
    }
    return found;
}

double valueOnLine(const Points& line, double x) {
    if (line.x.isEmpty() || x < line.x.first() || x > line.x.last())
        return kNaN;
    const auto next = std::lower_bound(line.x.begin(), line.x.end(), x) - line.x.begin();
    if (next == 0 || line.x[next] == x)
        return line.y[next];
    const double share = (x - line.x[next - 1]) / (line.x[next] - line.x[next - 1]);
    return line.y[next - 1] + share * (line.y[next] - line.y[next - 1]);
}

Range xRangeOf(const QList<ChartSeries>& series) {
    Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const auto& one : series)
        if (!one.x.isEmpty()) {
            widen(range, one.x.first());
            widen(range, one.x.last());
        }
    if (range.from > range.to)
        return {0, 1};
    if (range.from == range.to)
        range.to = range.from + 1;
    return range;
}

Range yRangeOf(const QList<ChartSeries>& series, Range x, ChartUnit unit, std::optional<double> limit) {
    Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    QList<double> stack; // the sum of stacked parts so far
    for (const auto& one : series) {
        const Window window = windowOf(one.x, x);
        std::vector<double> values;
        values.reserve(static_cast<std::size_t>(window.last - window.first));
        if (one.style == ChartSeries::Style::Stacked)
            stack.resize(std::max(stack.size(), one.y.size()), 0);
        for (qsizetype i = window.first; i < window.last; ++i) {
            double value = one.y[i];
            if (one.style == ChartSeries::Style::Stacked)
                value = stack[i] += std::isfinite(value) ? value : 0;
            for (const double end : {value, one.minimum.value(i, kNaN), one.maximum.value(i, kNaN)})
                if (std::isfinite(end))
                    values.push_back(end);
        }
        if (values.empty())
            continue;
        // The first step loads kernels and takes as long as hundreds.
        if (unit == ChartUnit::Milliseconds && window.first == 0 && values.size() > 1)
            values.erase(values.begin());
        const bool clip = one.style == ChartSeries::Style::Raw || one.style == ChartSeries::Style::Stacked;
        if (clip && values.size() >= 20) {
            widen(range, percentile(values, 0.02));
            widen(range, percentile(values, 0.98));
        } else {
            const auto [least, most] = std::minmax_element(values.begin(), values.end());
            widen(range, *least);
            widen(range, *most);
        }
    }
    if (range.from > range.to)
        range = {0, 1};
    if (limit)
        widen(range, *limit);
    const bool amount = unit != ChartUnit::Loss && unit != ChartUnit::Percent && unit != ChartUnit::Number;
    if (amount)
        range.from = std::min(0.0, range.from);
    const double air = range.size() > 0 ? range.size() * 0.07 : aroundAConstant(range.to, unit);
    const bool positive = range.from >= 0;
    range.to += air;
    if (range.from != 0)
        range.from -= air;
    if (positive)
        range.from = std::max(0.0, range.from);
    if (unit == ChartUnit::Percent && range.to > 1)
        range.to = 1 + range.size() * 0.02; // room for the line, none for values that cannot be
    return range;
}

std::optional<Range> logRangeOf(const QList<ChartSeries>& series, Range x) {
    double least = std::numeric_limits<double>::infinity();
    double most = 0;
    for (const auto& one : series) {
        const Window window = windowOf(one.x, x);
        for (qsizetype i = window.first; i < window.last; ++i)
            if (const double value = one.y[i]; value > 0 && std::isfinite(value)) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
    }
    constexpr double kAir = 1.6;
    return most > 0 ? std::optional(Range{least / kAir, most * kAir}) : std::nullopt;
}

QString unitText(ChartUnit unit, double value) {
    if (!std::isfinite(value))
        return missing();
    switch (unit) {
    case ChartUnit::Loss:
        return formatLoss(value);
    case ChartUnit::Percent:
        return formatPercent(value);
    case ChartUnit::Number:
        return formatNumber(value);
    case ChartUnit::Count:
        return formatCount(std::round(value));
    case ChartUnit::Gigabytes:
        return QString::number(value, 'f', 2);
    case ChartUnit::Rate:
        return formatRate(value);
    case ChartUnit::Milliseconds:
        return QString::number(value, 'f', value < 0.95 ? 1 : 0);
    }
    return {};
}

// Room is for four figures: 10,000 is written 10k.
QString countAtAxis(double value) {
    if (std::abs(value) < 10'000 || std::abs(value) >= 1e6)
        return formatCount(value);
    return QStringLiteral("%1k").arg(value / 1000);
}

QString axisText(ChartUnit unit, double value, double step) {
    if (std::abs(value) < step * 1e-6)
        value = 0;
    const auto digitsOf = [](double size) {
        return std::clamp(static_cast<int>(std::ceil(-std::log10(size) - 1e-9)), 0, 6);
    };
    switch (unit) {
    case ChartUnit::Percent:
        return formatPercent(value, digitsOf(step * 100));
    case ChartUnit::Rate:
        return formatRate(value);
    case ChartUnit::Count:
        return value >= 1000 || step >= 1 ? countAtAxis(value) : QString::number(value, 'f', digitsOf(step));
    case ChartUnit::Loss:
    case ChartUnit::Number:
    case ChartUnit::Gigabytes:
    case ChartUnit::Milliseconds:
        break;
    }
    return std::abs(value) >= 1'000 ? countAtAxis(value) : QString::number(value, 'f', digitsOf(step));
}

} // namespace ui
