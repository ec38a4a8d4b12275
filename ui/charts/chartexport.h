#pragma once

#include <QSize>
#include <QString>

#include <functional>

class QPainter;

namespace ui {

// Draws into a .svg, a .pdf or, by any other ending, a picture of twice the size. False: it could not be written.
[[nodiscard]] bool exportDrawing(const QString& file, QSize size, const std::function<void(QPainter&)>& draw);
[[nodiscard]] bool exportText(const QString& file, const QString& text);

} // namespace ui
