#include "ui/format.h"

#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace ui {
namespace {

const QLocale& english() {
    static const QLocale locale(QLocale::English, QLocale::UnitedStates);
    return locale;
}

// Three significant digits without an exponent: 1.53, 12.4, 812.
QString threeDigits(double value) {
    const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return english().toString(value, 'f', digits);
}

} // namespace

QString missing() { return QStringLiteral("–"); }

QString formatExact(std::int64_t count) { return english().toString(static_cast<qlonglong>(count)); }

QString formatCount(double count) {
    if (!std::isfinite(count))
        return missing();
    if (std::abs(count) >= 999'500'000)
        return QStringLiteral("%1 B").arg(english().toString(count / 1e9, 'f', 2));
    if (std::abs(count) >= 999'999.5)
        return QStringLiteral("%1 M").arg(english().toString(count / 1e6, 'f', 2));
    return english().toString(count, 'f', 0);
}

QString formatPercent(double fraction, int digits) {
    if (!std::isfinite(fraction))
        return missing();
    return QStringLiteral("%1 %").arg(english().toString(fraction * 100, 'f', digits));
}

QString formatLoss(double loss) {
    if (!std::isfinite(loss))
        return missing();
    const double size = std::abs(loss);
    if (size != 0 && (size < 0.001 || size >= 10'000))
        return formatRate(loss);
    if (size < 10)
        return english().toString(loss, 'f', 3);
    return english().toString(loss, 'f', size < 100 ? 1 : 0);
}

QString formatNumber(double number) {
    if (!std::isfinite(number))
        return missing();
    const double size = std::abs(number);
    if (size != 0 && (size < 0.001 || size >= 10'000))
        return formatRate(number);
    return english().toString(number, 'f', size < 1 ? 4 : size < 10 ? 3 : size < 1000 ? 1 : 0);
}

QString formatBytes(double bytes) {
    if (!std::isfinite(bytes) || bytes < 0)
        return missing();
    if (bytes < 999.5)
        return QStringLiteral("%1 B").arg(english().toString(bytes, 'f', 0));
    constexpr std::array<const char*, 4> units{"kB", "MB", "GB", "TB"};
    double value = bytes / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    // Megabytes from 100 and all kilobytes are whole; gigabytes keep what decides whether it fits.
    const QString number = unit == 0                     ? english().toString(value, 'f', 0)
                           : unit == 1 && value >= 99.95 ? english().toString(value, 'f', 0)
                           : unit == 1 ? english().toString(value, 'f', value == std::round(value) ? 0 : 1)
                                       : threeDigits(value);
    return QStringLiteral("%1 %2").arg(number, QLatin1String(units[unit]));
}

QString formatFlops(double flops) {
    if (!std::isfinite(flops) || flops < 0)
        return missing();
    return flops < 99.5e6 ? QStringLiteral("%1 MFLOP").arg(threeDigits(flops / 1e6))
                          : QStringLiteral("%1 GFLOP").arg(threeDigits(flops / 1e9));
}

QString formatBytesOf(double used, double total) {
    if (!std::isfinite(used) || used < 0)
        return missing();
    if (!std::isfinite(total) || total <= 0)
        return formatBytes(used);
    const auto write = [](double value) { return english().toString(value, 'f', value < 99.95 ? 1 : 0); };
    if (total < 1e9)
        return QStringLiteral("%1 of %2 MB").arg(write(used / 1e6), write(total / 1e6));
    return QStringLiteral("%1 of %2 GB").arg(write(used / 1e9), write(total / 1e9));
}

QString formatSpan(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return missing();
    const auto whole = static_cast<long long>(std::llround(seconds));
    const auto two = [](long long value) { return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0')); };
    if (whole < 3600)
        return QStringLiteral("%1:%2").arg(whole / 60).arg(two(whole % 60));
    return QStringLiteral("%1:%2:%3").arg(whole / 3600).arg(two(whole / 60 % 60), two(whole % 60));
}

QString formatSpanWords(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return missing();
    const auto whole = static_cast<long long>(std::llround(seconds));
    if (whole < 1)
        return QStringLiteral("under a second");
    if (whole < 60)
        return QStringLiteral("about %1 s").arg(whole);
    if (whole < 600)
        return whole % 60 == 0 ? QStringLiteral("about %1 min").arg(whole / 60)
                               : QStringLiteral("about %1 min %2 s").arg(whole / 60).arg(whole % 60);
    if (whole < 3600)
        return QStringLiteral("about %1 min").arg((whole + 30) / 60);
    const long long minutes = (whole + 30) / 60;
    return minutes % 60 == 0 ? QStringLiteral("about %1 h").arg(minutes / 60)
                             : QStringLiteral("about %1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

QString formatRate(double rate) {
    if (!std::isfinite(rate))
        return missing();
    if (rate == 0)
        return QStringLiteral("0");
    const double size = std::abs(rate);
    if (size >= 0.01 && size < 10'000)
        return english().toString(rate, 'g', 3);
    QString text = QString::number(rate, 'e', 2); // 6.30e-04
    const auto mark = text.indexOf(QLatin1Char('e'));
    QString head = text.left(mark);
    while (head.endsWith(QLatin1Char('0')))
        head.chop(1);
    if (head.endsWith(QLatin1Char('.')))
        head.chop(1);
    return QStringLiteral("%1e%2").arg(head).arg(text.mid(mark + 1).toInt());
}

QString formatSpeed(double perSecond) {
    if (!std::isfinite(perSecond) || perSecond < 0)
        return missing();
    return QStringLiteral("%1 img/s").arg(english().toString(perSecond, 'f', perSecond < 9.95 ? 1 : 0));
}

QString formatMilliseconds(double ms) {
    if (!std::isfinite(ms) || ms < 0)
        return missing();
    if (ms >= 9999.5)
        return QStringLiteral("%1 s").arg(english().toString(ms / 1000, 'f', 1));
    return QStringLiteral("%1 ms").arg(english().toString(ms, 'f', ms < 9.95 ? 1 : 0));
}

QString formatWhen(double secondsSince1970, double now) {
    if (!std::isfinite(secondsSince1970) || secondsSince1970 <= 0)
        return missing();
    const QDateTime when = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(secondsSince1970));
    const QDateTime today = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(now));
    const qint64 days = when.date().daysTo(today.date());
    const QString clock = when.toString(QStringLiteral("HH:mm"));
    if (days == 0)
        return QStringLiteral("Today %1").arg(clock);
    if (days == 1)
        return QStringLiteral("Yesterday %1").arg(clock);
    const QString day =
        english().toString(when.date(), when.date().year() == today.date().year() ? QStringLiteral("d MMM")
                                                                                  : QStringLiteral("d MMM yyyy"));
    return QStringLiteral("%1 %2").arg(day, clock);
}

std::optional<double> parseRate(const QString& text, std::optional<double> current) {
    QString plain = text.trimmed();
    plain.replace(QChar(0x2212), QLatin1Char('-')).replace(QChar(0x2212), QLatin1Char('-')).remove(QLatin1Char(' '));
    plain.replace(QLatin1Char(','), QLatin1Char('.'));
    if (plain.isEmpty())
        return std::nullopt;
    const auto number = [](const QString& part) -> std::optional<double> {
        bool fine = false;
        const double value = part.toDouble(&fine);
        return fine && std::isfinite(value) ? std::optional(value) : std::nullopt;
    };
    if (const auto value = number(plain))
        return value;
    const QChar first = plain.front();
    const auto rest = number(plain.mid(1));
    if (current && rest) {
        if (first == QChar(0x00D7) || first == QLatin1Char('*') || first == QLatin1Char('x'))
            return *current * *rest;
        if ((first == QChar(0x00F7) || first == QLatin1Char('/')) && *rest != 0)
            return *current / *rest;
    }
    const auto bar = plain.indexOf(QLatin1Char('/'));
    if (bar > 0) {
        const auto over = number(plain.left(bar));
        const auto under = number(plain.mid(bar + 1));
        if (over && under && *under != 0)
            return *over / *under;
    }
    return std::nullopt;
}

} // namespace ui
