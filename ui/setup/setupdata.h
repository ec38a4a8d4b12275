#pragma once

#include "ui/controls/factlist.h"
#include "ui/controls/meter.h"
#include "ui/controls/statuschip.h"
#include "ui/controls/thumbnailgrid.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <limits>
#include <optional>

// What the Setup page shows: plain values that src makes from the experiment, its data, its weights and the devices.
namespace ui {

enum class FieldType { Text, Path, Integer, Real, Choice, List };

// One setting as the engine describes it. Values travel as text, under the key of the experiment file.
struct FieldSpec {
    QString key; // "train.learning_rate"
    QString label;
    FieldType type = FieldType::Text;
    QString unit;
    QString defaultValue;
    std::optional<double> minimum;
    std::optional<double> maximum;
    QStringList choices;      // values as in the file
    QStringList choiceLabels; // the same for people
    QString help;             // what it means
    QString usual;            // usual range
    QString cost;             // in time or memory
};

enum class FindingSeverity { Warning, Problem }; // a problem stops Train

struct FieldFinding {
    QString key; // of the field, or a section: "data"
    FindingSeverity severity = FindingSeverity::Problem;
    QString message;
    QString detail;
    QString fixLabel; // empty: no automatic remedy

    bool operator==(const FieldFinding&) const = default;
};

// The line under the experiment's name.
struct TitleState {
    QString tag;          // "Draft"; empty: no tag
    QString differences;  // "Differs from gradual thaw in 1 setting: seed 7 → 8"
    bool changed = false; // there is something to save
};

struct ClassRow {
    QString name;
    qint64 train = 0;
    qint64 validation = 0;
    QString note;        // what was passed over: "8 .tif, 1 text"
    bool isClass = true; // false: a folder beside the classes whose pictures are not used
    QString weight = {}; // how much each of its pictures counts in the loss: "3.2×"; empty: all the same
};

struct DataState {
    bool hasFolder = false; // false: the page is the drop field of the first start
    bool checking = false;
    double checkFraction = std::numeric_limits<double>::quiet_NaN(); // NaN: amount not known
    QString checkWords;                                              // "120 of 397 pictures"
    QString summary;                                                 // "Image folder · 2 classes · 397 pictures"
    QList<ClassRow> classes;
    bool table = false;               // the pictures stand in one; else they lie in folders
    qint64 train = 0, validation = 0; // pictures; of several classes each counts once
    QStringList notes;                // sentences: what of the folder is not used, what was taken for what
    QString validationFolder;         // the part of the data set that validates: "val"; empty: a share is held back
    QString sampleName;               // "Open the sample, …": what the sample shows; empty: no sample here
    QString sampleWords;              // "The sample trains in about 1 minute on this computer."
};

struct BackboneRow {
    QString name;
    QString family;
    qint64 parameters = 0;
    double flops = 0;             // of one picture forward
    int imageSize = 0;            // pixels
    double imagenetTop1 = 0;      // per cent; 0: not known
    QString top1Source;           // where the accuracy is quoted from
    double picturesPerSecond = 0; // trained here; 0: not known
    bool speedMeasured = false;   // by an earlier training; else about
    QString weights;              // "Bundled", "Local file", "Not here"
    bool weightsHere = false;
    QString licence;
    bool suggested = false; // one of the rows of the card
    QString reason;         // why it is suggested for the data at hand, in a word or two
    QString reasonTip;      // the same as a sentence
};

struct TensorRow {
    QString name;
    QString shape;
    QString dtype;
    QString match; // "matched", "renamed", "new" …
    Tone tone = Tone::None;
    QString target;
    QString rule;
};

struct WeightsState {
    Tone tone = Tone::Muted;
    QString words;   // "294 of 296 tensors match"; empty: nothing to say
    QString heading; // of the report: "mobilenet.safetensors, safetensors, 3.4 M parameters"
    QList<TensorRow> tensors;
    double pretrainedShare = 0; // of the backbone's parameters without its head; 0 to 1
    QString summary;            // the share in a sentence, where it was found, what becomes of the file's head
    QString absent;             // "Not here: about 47 MB, from …"; empty: they are here, or are not asked for
    QString download;           // label of the button that fetches them, or stops it; empty: none
};

// A layer of a backbone with what it makes of one picture; children are its parts.
struct LayerRow {
    QString name; // module path
    QString type;
    QString output; // "112 × 14 × 14"
    qint64 parameters = 0;
    double flops = 0;           // forward
    double activationBytes = 0; // outputs that a backward pass keeps
    QList<LayerRow> children;
};

// What the dialog of all backbones shows beside its table.
struct BackboneDetails {
    QString name;
    QString facts; // a line: licence, names, source of the accuracy
    QList<LayerRow> layers;
    QString problem;       // sentence where the layers cannot be shown
    WeightsState weights;  // how the weights at hand would load
    QString weightsAbsent; // sentence where there are none
};

// A block of the backbone, in forward order; children are its parts.
struct BlockRow {
    QString name; // module path: "blocks.4.0"
    QString type;
    QString output;
    qint64 parameters = 0;
    double flops = 0;
    bool head = false;
    bool trained = false; // of leaves; a parent's state is made from its children
    bool partly = false;  // of leaves: some of its parameters are trained
    int fromEpoch = 1;    // where it is trained: since when
    int untilEpoch = 0;   // and until when; 0: to the end
    double factor = 1;    // of the learning rate
    QList<BlockRow> children;
};

struct FreezeState {
    QString summary;  // "3 phases over 60 epochs · 5 of 10 blocks thaw"
    QString sentence; // "Head first; later stages thaw at epochs 11 and 31. 5 of 10 blocks stay frozen."
    QString passed;   // "Trains something in every phase"; empty: not known
    int stages = 0;   // how many stages the backbone has before its head
    QString cache;    // "Cache the frozen part in epochs 1–10: 11 MB, saves 5 s"; empty: there is none to be had
    QString cacheWhy; // why there is a cache, or why not
};

struct DeviceRow {
    QString id;     // "cuda:0"
    QString name;   // "GTX 1650"
    QString detail; // "cuda:0 · 3.7 of 4.0 GB free · 191 img/s"
    bool used = false;
    int ranks = 1;     // that train on it together
    int mostRanks = 1; // that can
    // Of a GPU, as it is just now.
    bool gpu = false;
    double usedShare = std::numeric_limits<double>::quiet_NaN(); // of its memory
    QString freeWords;                                           // "140.1 GB free"
    QString temperature;                                         // "31 °C"; empty: not told
    QString user;                                                // "Free", "python of anna, 61.4 GB"
    bool taken = false;                                          // somebody computes there
    QString lacks; // why this run cannot be trained there now: a sentence; empty: it can
};

// What joins GPUs.
struct DeviceLinks {
    struct Link {
        QString first, second; // ids
        QString words;         // "NVLink, 450 GB/s"
    };
    QList<Link> links;
    QString rest;  // what joins all others: "PCIe, 64 GB/s"; empty: nothing is known
    QString words; // all of it in one line
};

// Which GPUs a run takes.
struct DeviceChoice {
    int gpus = 0;     // of this machine
    int nextFree = 0; // so many that nobody uses when it starts; 0: those that are ticked
};

// One phase of the freeze plan, in the right panel.
struct PhaseRow {
    QString epochs;     // "Epochs 11–30"
    double trained = 0; // share of the parameters
    QString parameters; // "1.02 M"
    double seconds = 0; // 0: not known
    QString time;       // "21 s"
};

// The right panel.
struct SummaryState {
    QList<Thumbnail> batch; // as the model sees it; caption is shown as the tooltip
    QList<Fact> facts;      // Pictures, Parameters trained, Effective batch, Steps, Time, Disk
    // While Freeze is open, in place of the batch and the facts:
    QList<PhaseRow> phases;
    QString parameters;      // "of 3.37 M"
    QList<Fact> freezeFacts; // Never trained, Optimizer state, Step time
    QString time;            // "about 1 min 15 s"
    QList<Fact> diskFacts;
    QString memoryName;  // "GPU memory at the peak"; empty: nothing known
    QString memoryWords; // "1.84 of 4.0 GB"
    QList<Meter::Part> memoryParts;
    double memoryTotal = 0;
    QStringList passed; // checks that hold: "Weights match the backbone"
    bool canTrain = false;
    QString trainLabel; // empty: Train; "Queue" while a run is on
    QString readiness;  // "Ready. The 2 warnings don't stop training."
};

} // namespace ui
