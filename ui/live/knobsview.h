#pragma once

#include "ui/live/liveknobs.h"

#include <QWidget>

class QComboBox;

namespace ui {

class Button;
class LabeledField;
class NumberField;
class ProblemLine;

// What a person can change of a run while it is trained. Fields count with Apply, buttons at once.
class KnobsView final : public QWidget {
    Q_OBJECT
public:
    explicit KnobsView(QWidget* parent = nullptr);
    void setKnobs(const LiveKnobs& knobs); // a field that counts as before keeps what was typed

Q_SIGNALS:
    void applied(const QList<ui::KnobSetting>& settings);
    void checkpointRequested();
    void stopAfterEpochRequested(bool stops);

private:
    [[nodiscard]] QList<KnobSetting> changed() const;
    void apply();
    void offer();
    NumberField* m_rate;
    NumberField* m_decay;
    QComboBox* m_augmentation;
    Button* m_apply;
    Button* m_checkpoint;
    Button* m_stop;
    ProblemLine* m_problem;
    LiveKnobs m_knobs;
};

} // namespace ui
