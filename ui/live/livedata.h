#pragma once

#include "ui/charts/chartdata.h"
#include "ui/controls/factlist.h"
#include "ui/controls/statuschip.h"
#include "ui/frame/runrole.h"
#include "ui/mistakes/mistakedata.h"

#include <QDateTime>
#include <QList>
#include <QString>

#include <limits>
#include <utility>

// What the Live page shows: plain values that src makes from the run's folder.
namespace ui {

// One measured series by step. `seconds` counts from the run's start; same length as step and value. Of a series too
// long for the window each point stands for a stretch of steps: then value is its mean.
struct Curve {
    QList<double> step;
    QList<double> value; // NaN is kept: drawn as a gap and a flag
    QList<double> seconds;
    QList<double> least, most; // of the stretches; empty: each point is a step
    [[nodiscard]] bool isEmpty() const { return step.isEmpty(); }
};

// `part` at the steps of `whole`: interpolated between its points, 0 before and behind them.
[[nodiscard]] Curve atStepsOf(const Curve& whole, const Curve& part);

struct NamedCurve {
    QString name;
    Curve curve;
};

// How a block learns: measured where it is trained.
struct BlockCurves {
    QString name;
    Curve updateRatio; // of update to weight
    Curve gradientNorm;
    Curve distance;                           // from the pretrained weights
    QList<std::pair<double, double>> trained; // from step to step
};

// What one metric of a run did, and how it is named and written.
struct MetricCurves {
    QString name;                         // "accuracy": tells it from others
    QString label;                        // "Accuracy"
    QString unit;                         // of a number: "px"
    ChartUnit format = ChartUnit::Number; // a share is Percent, 0 to 1
    Curve train, validation;
    double bestStep = -1; // of the validation; < 0: none is marked

    [[nodiscard]] bool isEmpty() const { return train.isEmpty() && validation.isEmpty(); }
};

[[nodiscard]] QString titleOf(const MetricCurves& metric); // "Accuracy", "Mean error, px"

// The charts of a run. Empty curves are simply not drawn.
struct LiveCurves {
    QList<MetricCurves> metrics;                         // a chart each: the loss, what is monitored, then the others
    Curve throughput;                                    // pictures a second
    Curve memoryAllocated, memoryReserved, memoryOthers; // bytes
    double memoryLimitBytes = 0;                         // 0: no line
    Curve learningRate;
    QList<NamedCurve> blockRates; // blocks with their own factor
    // Parts of a step; graph: all of what a GPU does where it is one CUDA graph.
    Curve waitMs, forwardMs, backwardMs, optimizerMs, otherMs;
    QList<BlockCurves> blocks; // in forward order
    double stepsPerEpoch = 0;  // to draw by epoch
    QList<ChartPhase> phases;  // in steps
    QList<ChartFlag> flags;    // in steps
    double steps = 0;          // planned
    double step = 0;           // now

    // A curve that says which step was when: the training's, else the validation's.
    [[nodiscard]] const Curve& clock() const;
};

struct LivePhase {
    QString words;     // "Head, 5 s", "+ last 2 stages, 21 s"
    double epochs = 0; // length
};

struct LiveHeader {
    QString id;
    QString name;
    int colour = 1;
    RunListState state = RunListState::Finished;
    QString stateWords; // "Running", "Stopped at step 656"
    int epoch = 0;      // 1-based, of `epochs`
    int epochs = 0;
    qint64 step = 0;
    qint64 steps = 0;
    double secondsLeft = -1; // < 0: not known or not running
    QString ends;            // "ends 14:23:15"
    QString took;            // "1:13", where it ended
    QList<LivePhase> phases;
    bool canResume = false;  // stopped, interrupted or failed with a checkpoint
    bool canExtend = false;  // finished: "Train longer…"
    bool canExport = false;  // it has a checkpoint
    bool hasSettings = true; // that another run could use
};

using LiveFact = Fact;        // name, muted detail before the value, value
using LiveChange = EventLine; // icon, tone, title, "Step 480 · 14:22:26"

// Whether the frozen blocks are as they were.
struct LiveProof {
    Tone tone = Tone::None; // Success: proved; Danger: a tensor changed; None: nothing to say
    QString title;          // "5 blocks proved frozen"
    QString detail;         // "219 tensors unchanged at step 656", or which tensor changed and when

    bool operator==(const LiveProof&) const = default;
};

struct LogLine {
    QString time;           // 14:22:44
    QString kind;           // epoch, freeze, saved …
    Tone tone = Tone::None; // of the kind's word
    QString text;
};

// What the validation of one epoch said about each class and each mistake.
struct LiveMistakes {
    int epoch = 0;
    bool best = false; // of all epochs: the model that the run leaves
    int wrong = 0;
    int validated = 0;
    QString samples;               // "pictures"
    QList<Misclassified> pictures; // the worst of them, with their pictures
    ConfusionMatrix confusion;     // without counts where a sample has no one class
};

struct Remedy {
    QString title;
    QString detail; // what it costs
};

struct Failure {
    QString title; // "resnet50, batch 64 ran out of GPU memory"
    QString when;  // "Step 1 of epoch 31, when blocks thawed. Today 13:40."
    QString why;   // with the numbers, and what is saved
    QList<Remedy> remedies;
    QString action; // "Resume from epoch 30"; empty: nothing to resume
};

} // namespace ui
