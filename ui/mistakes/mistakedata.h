#pragma once

#include <QImage>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>

namespace ui {

// A sample that a model got wrong, or one to be looked at before there is a model.
struct Misclassified {
    QString file;
    QImage image; // small; null: not loaded
    QString truth;
    QString predicted;      // empty: no model was asked
    double probability = 0; // of `predicted`
    // Where a picture has several labels instead of one class: those that are right but were not given, and those that
    // were given but are not right.
    QStringList missed;
    QStringList wrong;

    [[nodiscard]] bool severalLabels() const { return !missed.isEmpty() || !wrong.isEmpty(); }
    [[nodiscard]] bool right() const { return !severalLabels() && truth == predicted; }
};

// What a person said of a picture against its data set.
struct PictureChange {
    enum class Kind { Relabelled, LeftOut } kind = Kind::Relabelled;
    QString label; // the class from now on

    bool operator==(const PictureChange&) const = default;
};

// How a model fares on one class. NaN: nothing to divide by.
struct ClassScore {
    QString name;
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    qint64 support = 0; // samples of the class
};

struct ClassScores {
    QList<ClassScore> classes;
    double macroF1 = 0;
    QStringList neverRecognised;
};

// Which samples are to be seen: those of a cell of the confusion, or all of a class that were taken for another.
struct MistakeChoice {
    static constexpr int kAnyOther = -1;
    int truth = kAnyOther;
    int predicted = kAnyOther;
};

struct ConfusionMatrix {
    QString id; // of the run
    QString name;
    int colour = 1;
    QStringList classes;
    QList<int> counts; // row major: true class × predicted class
    ClassScores scores;
};

} // namespace ui

Q_DECLARE_METATYPE(ui::MistakeChoice)
