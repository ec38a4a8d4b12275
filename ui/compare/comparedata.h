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

// A column that the table can have.
struct ColumnChoice {
    QString key; // "best/accuracy", "setting/train.learning_rate"
    QString name;
    QString group; // "Results", "Settings"
    bool shown = false;
};

// What the header of the table's model gives beside texts.
enum CompareHeadRole {
    ColumnKeyRole = Qt::UserRole + 101, // QString, as in ColumnChoice
    ColumnCsvRole                       // QString: the head in a CSV file, where it says more than on the screen
};

// How often a run was right, and where the true share lies with 95 % confidence.
struct AccuracyRow {
    QString id;
    QString name;
    int colour = 1;
    qint64 right = 0;
    qint64 all = 0;
    double low = 0;
    double high = 0;
};

// A run held against the reference on the same samples.
struct DifferenceTest {
    enum class Verdict { ReferenceBetter, OtherBetter, NotShown, OtherData };
    QString id;
    QString name;
    int colour = 1;
    qint64 both = 0; // right
    qint64 onlyReference = 0;
    qint64 onlyOther = 0;
    qint64 neither = 0;
    qint64 unmatched = 0;
    double difference = 0; // of the shares, other − reference, with its 95 % interval
    double low = 0;
    double high = 0;
    double p = 1;         // McNemar, exact
    double corrected = 1; // for the number of comparisons
    Verdict verdict = Verdict::NotShown;

    [[nodiscard]] qint64 all() const { return both + onlyReference + onlyOther + neither; }
};

// Whether what the ticked runs differ by is more than chance.
struct RealityCheck {
    QString referenceId;
    QString referenceName;
    QString samples; // "pictures"
    QList<AccuracyRow> runs;
    QList<DifferenceTest> tests;
};

} // namespace ui
