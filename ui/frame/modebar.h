#pragma once

#include "ui/frame/mode.h"
#include "ui/theme.h"

#include <QList>
#include <QWidget>

namespace ui {

class ModeButton;

// What the three buttons at the foot of the mode bar offer. The words are tooltips: why a button is off.
struct TrainButtons {
    bool trainEnabled = false;
    bool queues = false; // a run is running: the button says Queue
    QString trainTip;
    bool pauseEnabled = false;
    bool paused = false; // the button says Resume
    QString pauseTip;
    bool stopEnabled = false;
    QString stopTip;
};

// Setup, Live, Compare, Try; at its foot Train, Pause, Stop.
class ModeBar final : public QWidget {
    Q_OBJECT
public:
    explicit ModeBar(QWidget* parent = nullptr);
    void setMode(Mode mode); // does not emit
    [[nodiscard]] Mode mode() const { return m_mode; }
    void setTrainButtons(const TrainButtons& buttons);

Q_SIGNALS:
    void modeChosen(ui::Mode mode);
    void trainRequested();
    void pauseRequested(); // or resume, as the button said
    void stopRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Mode m_mode = Mode::Setup;
    QList<ModeButton*> m_modes;
    ModeButton* m_train;
    ModeButton* m_pause;
    ModeButton* m_stop;
};

} // namespace ui
