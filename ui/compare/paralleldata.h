#pragma once

#include "ui/charts/chartdata.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace ui {

// A quantity of the ticked runs: a setting in which they differ, or a result.
struct ParallelAxis {
    QString name;
    QList<double> values; // one a run; NaN: it has none. Of words the place in `steps`
    QStringList steps;    // words, evenly apart; empty: the values are numbers
    bool logarithmic = false;
    ChartUnit unit = ChartUnit::Number;
};

struct ParallelRuns {
    QStringList ids;
    QStringList names;
    QList<int> colours;
    QList<ParallelAxis> axes; // settings first, results last
};

} // namespace ui
