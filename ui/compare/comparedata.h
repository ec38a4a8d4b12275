#pragma once

#include "ui/live/livedata.h"

namespace ui {

// A metric that the ticked runs are drawn by.
struct CompareChart {
    QString title; // "Validation accuracy"
    ChartUnit unit = ChartUnit::Number;
};

struct CompareCurve {
    Curve curve;          // empty: the run has none
    double bestStep = -1; // marked where it is not smoothed; < 0: none
};

// One ticked run.
struct CompareRun {
    QString id;
    QString name;
    int colour = 1;
    QList<CompareCurve> curves; // one a chart
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
