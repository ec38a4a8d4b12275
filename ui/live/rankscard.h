#pragma once

#include "ui/live/ranklanes.h"

namespace ui {

class Card;
class Label;
class Legend;

// The ranks of a run, and above them what is wrong with one of them. Not there for a run of one rank.
class RanksCard final : public QWidget {
    Q_OBJECT
public:
    explicit RanksCard(QWidget* parent = nullptr);
    void setRanks(const LiveRanks& ranks);

Q_SIGNALS:
    void logRequested(int rank);

private:
    void colourLegend();
    QWidget* m_trouble;
    Label* m_sentence;
    Label* m_remedy;
    Card* m_card;
    Legend* m_legend;
    RankLanes* m_lanes;
};

} // namespace ui
