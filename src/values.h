#pragma once

#include "engine/api/datareport.h"

#include <QImage>
#include <QString>

#include <concepts>
#include <filesystem>
#include <string>
#include <string_view>

// From the engine's plain values to Qt's and back, converted once at the border.
namespace app {

[[nodiscard]] inline QString words(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}
// A template, so that strings do not turn into paths on their way here.
template <std::same_as<std::filesystem::path> Path>
[[nodiscard]] QString words(const Path& path) {
    return words(std::string_view(path.native()));
}
[[nodiscard]] inline std::filesystem::path toPath(const QString& path) {
    return std::filesystem::path(path.toStdString());
}

// A deep copy: the engine's pixels may go away.
[[nodiscard]] inline QImage toImage(const engine::RgbImage& picture) {
    if (picture.pixels.empty())
        return {};
    return QImage(picture.pixels.data(), picture.width, picture.height, 3 * picture.width, QImage::Format_RGB888)
        .convertToFormat(QImage::Format_RGB32);
}

// "~/pictures/ants" for what lies under the home folder.
[[nodiscard]] QString shortPath(const QString& path);

} // namespace app
