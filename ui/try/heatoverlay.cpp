#include "ui/try/heatoverlay.h"

#include "ui/heatramp.h"

#include <algorithm>
#include <array>

namespace ui {
namespace {

constexpr double kMostCovered = 0.72; // where the heat is greatest
constexpr double kLeastCovered = 0.2;

// The value of the map at a place of the picture, both from 0 to 1, between the centres of its cells.
double valueAt(const TryHeat& heat, double x, double y) {
    const double column = std::clamp(x * heat.width - 0.5, 0.0, heat.width - 1.0);
    const double row = std::clamp(y * heat.height - 0.5, 0.0, heat.height - 1.0);
    const int left = static_cast<int>(column), top = static_cast<int>(row);
    const int right = std::min(left + 1, heat.width - 1), bottom = std::min(top + 1, heat.height - 1);
    const auto at = [&heat](int c, int r) {
        return static_cast<double>(heat.values.at(qsizetype(r) * heat.width + c));
    };
    const double across = column - left, down = row - top;
    return (at(left, top) * (1 - across) + at(right, top) * across) * (1 - down) +
           (at(left, bottom) * (1 - across) + at(right, bottom) * across) * down;
}

} // namespace

QImage withHeat(const QImage& picture, const TryHeat& heat) {
    QImage made = picture.convertToFormat(QImage::Format_RGB32);
    if (made.isNull() || heat.isEmpty())
        return made;
    std::array<QColor, 256> ramp;
    for (std::size_t i = 0; i < ramp.size(); ++i)
        ramp[i] = pictureHeat(static_cast<double>(i) / 255);
    for (int y = 0; y < made.height(); ++y) {
        auto* line = reinterpret_cast<QRgb*>(made.scanLine(y));
        for (int x = 0; x < made.width(); ++x) {
            const double share = valueAt(heat, (x + 0.5) / made.width(), (y + 0.5) / made.height());
            const QColor& color = ramp[static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * 255)];
            const double cover = kLeastCovered + (kMostCovered - kLeastCovered) * share;
            const double grey = qGray(line[x]) * (1 - cover);
            const auto mixed = [&](int over) { return static_cast<int>(grey + over * cover); };
            line[x] = qRgb(mixed(color.red()), mixed(color.green()), mixed(color.blue()));
        }
    }
    return made;
}

} // namespace ui
