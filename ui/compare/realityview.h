#pragma once

#include "ui/compare/comparedata.h"

#include <QWidget>

class QComboBox;

namespace ui {

class Card;
class IntervalRows;
class Label;

// "Is it real?": the accuracy of each ticked run with its interval, and each held against the reference on the same
// samples. What is not more than chance is said to be not distinguishable.
class RealityView final : public QWidget {
    Q_OBJECT
public:
    explicit RealityView(QWidget* parent = nullptr);
    // `note` stands in its place where nothing can be compared.
    void setCheck(const RealityCheck& check, const QString& note);

Q_SIGNALS:
    void referenceChosen(const QString& runId);

private:
    QWidget* makeVerdict();
    void showVerdict();
    void showRuns();
    void showTests();
    RealityCheck m_check;
    QString m_current; // the run whose verdict is told
    QComboBox* m_reference;
    Label* m_title;
    Label* m_detail;
    Label* m_note;
    Card* m_runsCard;
    Card* m_testsCard;
    IntervalRows* m_runs;
    IntervalRows* m_tests;
    Label* m_foot;
};

// The verdict in a sentence, and its numbers.
[[nodiscard]] QString verdictTitle(const DifferenceTest& test, const QString& reference);
[[nodiscard]] QString verdictDetail(const DifferenceTest& test, const QString& reference, const QString& samples);

} // namespace ui
