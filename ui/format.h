#pragma once

#include <QString>

#include <cstdint>
#include <optional>

// How numbers are written everywhere. Missing, NaN and infinite values are "–" (infinite losses say so in words
// elsewhere).
namespace ui {

[[nodiscard]] QString missing();                                       // "–"
[[nodiscard]] QString formatCount(double count);                       // 2,562 · 3.12 M · 1.24 B
[[nodiscard]] QString formatExact(std::int64_t count);                 // 253,984, never shortened
[[nodiscard]] QString formatPercent(double fraction, int digits = 1);  // 0.961 → "96.1 %"
[[nodiscard]] QString formatLoss(double loss);                         // 0.125 · 12.3 · 1.2e-5
[[nodiscard]] QString formatNumber(double number);                     // 0.4213 · 1.234 · 12.1 · 1,234 · 1.2e-5
[[nodiscard]] QString formatBytes(double bytes);                       // 1.53 GB · 45 MB · 812 kB (decimal units)
[[nodiscard]] QString formatBytesOf(double used, double total);        // "0.3 of 4.0 GB"
[[nodiscard]] QString formatFlops(double flops);                       // 0.77 GFLOP · 12.4 MFLOP
[[nodiscard]] QString formatSpan(double seconds);                      // 0:31 · 1:13 · 1:02:05; negative: missing
[[nodiscard]] QString formatSpanWords(double seconds);                 // "about 1 min 15 s"
[[nodiscard]] QString formatRate(double rate);                         // 1e-3 · 5e-4 · 0.01 · 6.3e-4
[[nodiscard]] QString formatSpeed(double perSecond);                   // "191 img/s" · "2,410 img/s"
[[nodiscard]] QString formatMilliseconds(double ms);                   // "8.9 ms" · "84 ms"
[[nodiscard]] QString formatWhen(double secondsSince1970, double now); // "Today 14:02" · "Yesterday" · "21 Nov 14:02"
// Accepts 3e-4, 0.0003, .0003, 1/1000, "0,001" and, where `current` is given, "÷ 2", "/ 2", "× 2", "* 2", "x2".
[[nodiscard]] std::optional<double> parseRate(const QString& text, std::optional<double> current = std::nullopt);

} // namespace ui
