#pragma once

#include <QImage>
#include <QList>
#include <QString>

// What the Try page shows: plain values that src makes from predictions.
namespace ui {

struct TryModel {
    QString id;     // the run's
    QString name;   // "gradual thaw, best (epoch 52)"
    QString detail; // "96.1 % on validation"
};

struct TryClass {
    QString label;
    double probability = 0; // 0 to 1
};

// What another run says about the same picture.
struct TryOther {
    QString run;
    int colour = 1;
    QString answer;
    double probability = 0;
};

// Where in the picture lies what speaks for its answer, over what the model is given of it.
struct TryHeat {
    int width = 0, height = 0; // of the network's own map
    QList<float> values;       // rows top down, 0 to 1
    QString words;             // "speaks for bee, layer4"; or why there is none
    [[nodiscard]] bool isEmpty() const { return values.isEmpty(); }
};

struct TryResult {
    QString file;              // path; names the result
    QImage thumbnail;          // for the list; shown large until TryPage::setPicture()
    int width = 0, height = 0; // of the picture in the file
    QList<TryClass> top;       // most probable first
    bool exclusive = true;     // one of the classes is right, and the probabilities of all add up to one
    double decodeMs = 0, prepareMs = 0, modelMs = 0;
    QString problem; // why there is no answer
    QList<TryOther> others;
};

} // namespace ui
