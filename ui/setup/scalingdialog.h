#pragma once

#include <QDialog>
#include <QList>
#include <QString>

namespace ui {

class Button;
class Label;
class ScalingChart;

// What so many ranks reached together.
struct ScalingPoint {
    int ranks = 1;
    double rate = 0;       // samples a second
    double efficiency = 1; // of one rank's rate times the ranks
};

struct ScalingState {
    QString what;  // "resnet50, 32 pictures a rank, bf16"
    QString offer; // what measuring does and takes; while it is measured what is going on
    QString unit;  // "pictures/s"
    bool measuring = false;
    QList<ScalingPoint> points; // empty: not measured
    QString advice;             // a sentence
    bool warns = false;         // the advice is to use fewer
    QString problem;            // why it could not be measured
};

// The scaling probe: measures steps with 1, 2, 4 … ranks of this machine and says how many are worth it.
class ScalingDialog final : public QDialog {
    Q_OBJECT
public:
    explicit ScalingDialog(QWidget* parent);
    void setState(const ScalingState& state);

Q_SIGNALS:
    void measureRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Label* m_what;
    ScalingChart* m_chart;
    Label* m_advice;
    Button* m_measure;
};

} // namespace ui
