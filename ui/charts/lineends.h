#pragma once

#include <QColor>
#include <QList>
#include <QRect>
#include <QString>

namespace ui {

// The name of a line beside its end.
struct LineEnd {
    QString key;
    QString name;
    QColor ink;
    double y = 0;     // where the line ends
    double nameY = 0; // where its name stands; placeLineEnds() says it
};

inline constexpr double kLineEndPitch = 15; // from name to name

// Moves the names apart, in the order of the lines' ends, and keeps them between top and bottom. There must be room.
void placeLineEnds(QList<LineEnd>& ends, double top, double bottom);

// How many of so many names are shown in this height: all that fit; of very many the best ten.
[[nodiscard]] qsizetype namesThatFit(qsizetype names, double height);

} // namespace ui
