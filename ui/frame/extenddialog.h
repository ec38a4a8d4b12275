#pragma once

#include "ui/frame/schedulesketch.h"

#include <QDialog>

class QSpinBox;

namespace ui {

class Button;
class Label;
class SegmentedControl;

// What training on to an epoch would mean.
struct ExtendOffer {
    ScheduleSketch::Curves curves;
    QString time;      // "6 epochs more, about 1 min 15 s"
    QStringList notes; // sentences: how the schedule goes on
    QString problem;   // why it cannot be done; empty: it can
};

// Train a finished run longer: to which epoch, and whether its schedule goes on or begins anew; shows what that costs
// and what becomes of the learning rate before it is accepted.
class ExtendDialog final : public QDialog {
    Q_OBJECT
public:
    // `done`: epochs that it has. `rate`: of its settings, at which a new schedule would begin.
    ExtendDialog(const QString& name, int done, const QString& rate, QWidget* parent);
    [[nodiscard]] int epochs() const;
    [[nodiscard]] bool beginsAnew() const;
    void setOffer(const ExtendOffer& offer);

Q_SIGNALS:
    void changed(); // another offer is wanted

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLayout* makeChoices(int done, const QString& rate);
    QLayout* makeButtons();
    QSpinBox* m_epochs;
    SegmentedControl* m_schedule;
    ScheduleSketch* m_sketch;
    Label* m_time;
    Label* m_notes;
    Button* m_train;
};

} // namespace ui
