#pragma once

#include "ui/live/livedata.h"

#include <QWidget>

class QListWidget;

namespace ui {

class Card;
class ConfusionView;
class Label;
class ScoreTable;

// Live's view of the classes: precision, recall and F1 of each after the last validation, or after the best one of a
// run that is over, and what is taken for what.
class ClassesView final : public QWidget {
    Q_OBJECT
public:
    explicit ClassesView(QWidget* parent = nullptr);
    void setMistakes(const LiveMistakes& mistakes);

Q_SIGNALS:
    void picturesRequested(ui::MistakeChoice choice);

private:
    void showConfusion(const ConfusionMatrix& matrix);
    Card* m_scoresCard;
    ScoreTable* m_scores;
    Card* m_confusionCard;
    ConfusionView* m_confusion;
    QListWidget* m_list;
    Label* m_nothing;
};

} // namespace ui
