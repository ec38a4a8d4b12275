#pragma once

#include "ui/live/ranklanes.h"

namespace ui {

class Button;
class Card;
class Label;
class Legend;

// The ranks of a run, and above them what is wrong with one of them and what can be done. Not there for a run of one
// rank.
class RanksCard final : public QWidget {
    Q_OBJECT
public:
    explicit RanksCard(QWidget* parent = nullptr);
    void setRanks(const LiveRanks& ranks);

Q_SIGNALS:
    void logRequested(int rank);
    void actRequested(ui::RankAct act, int rank);

private:
    [[nodiscard]] QWidget* makeActs();
    void colourLegend();
    QWidget* m_trouble;
    Label* m_sentence;
    Label* m_remedy;
    Button* m_without = nullptr;
    QWidget* m_acts; // buttons, m_without among them
    int m_troubled = -1;
    Card* m_card;
    Legend* m_legend;
    RankLanes* m_lanes;
};

} // namespace ui
