#pragma once

#include <QString>
#include <QStringList>

// What can be changed of a run while it is trained.
namespace ui {

// As it counts now.
struct LiveKnobs {
    bool shown = false; // the run is trained
    double learningRate = 0;
    double weightDecay = 0;
    QString augmentation;
    QStringList augmentations; // to choose from; what counts need not be among them
    int epoch = 0;             // that is being trained
    bool stopsAfterEpoch = false;
    QString problem; // why the last wish was refused

    bool operator==(const LiveKnobs&) const = default;
};

// A setting by its key, as text.
struct KnobSetting {
    QString key;
    QString value;

    bool operator==(const KnobSetting&) const = default;
};

} // namespace ui
