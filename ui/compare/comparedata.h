#pragma once

#include "ui/live/livedata.h"

namespace ui {

// Curves of one ticked run.
struct CompareRun {
    QString id;
    QString name;
    int colour = 1;
    Curve accuracy; // validation, 0 to 1
    Curve loss;     // validation
    double bestAccuracyStep = -1;
    double stepsPerEpoch = 0;
};

// One setting in which the ticked runs differ; values in the order of the runs. `stands` out: differs from the
// reference.
struct DifferenceRow {
    QString setting;
    QStringList values;
    QList<bool> stands;
};

struct Differences {
    QStringList names; // of the runs, in order
    QList<int> colours;
    QList<DifferenceRow> rows;
    int settings = 0; // compared in all
};

struct ConfusionMatrix {
    QString name;
    int colour = 1;
    QStringList classes;
    QList<int> counts; // row major: true class × predicted class
};

} // namespace ui
