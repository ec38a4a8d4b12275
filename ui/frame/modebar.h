#pragma once

#include "ui/frame/pageinfo.h"
#include "ui/theme.h"

#include <QList>
#include <QWidget>

class QVBoxLayout;

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

// A button for each page; above them, where the list of runs is hidden, one that brings it; at the foot Train, Pause,
// Stop.
class ModeBar final : public QWidget {
    Q_OBJECT
public:
    explicit ModeBar(QWidget* parent = nullptr);
    void addPage(const PageInfo& page);
    void setPage(const QString& key); // does not emit
    void setTrainButtons(const TrainButtons& buttons);
    void setRunsOffered(bool offered);

Q_SIGNALS:
    void pageChosen(const QString& key);
    void runsRequested();
    void trainRequested();
    void pauseRequested(); // or resume, as the button said
    void stopRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void makeFoot(QVBoxLayout& all);
    QVBoxLayout* m_top;
    QList<std::pair<QString, ModeButton*>> m_pages;
    ModeButton* m_runs;
    ModeButton* m_train;
    ModeButton* m_pause;
    ModeButton* m_stop;
};

} // namespace ui
