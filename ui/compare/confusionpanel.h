#pragma once

#include "ui/mistakes/mistakedata.h"

#include <QWidget>

class QComboBox;
class QListWidget;

namespace ui {

class ConfusionView;
class Label;
class ScoreTable;
class SegmentedControl;

// What the ticked runs take for what: the confusion of any one or two of them, or what the second has more than the
// first; the commonest confusions where the classes are many; precision and recall of each class.
class ConfusionPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ConfusionPanel(QWidget* parent = nullptr);
    // Of all ticked runs, in their order. `note` stands in their place where there are none.
    void setMatrices(const QList<ConfusionMatrix>& matrices, const QString& note, const QString& samples);

Q_SIGNALS:
    void picturesRequested(const QString& runId, ui::MistakeChoice choice);

private:
    QWidget* makeConfusion();
    QWidget* makeScores();
    void fillChoices();
    void showChosen();
    void showScores();
    void showList(const QList<ConfusionMatrix>& shown);
    [[nodiscard]] QList<ConfusionMatrix> chosen() const; // one or two
    QList<ConfusionMatrix> m_matrices;
    QString m_samples;
    QString m_firstId; // what the person chose, while it is ticked
    QString m_secondId;
    QComboBox* m_first;
    QComboBox* m_second;
    SegmentedControl* m_mode;
    ConfusionView* m_view;
    QListWidget* m_list;
    Label* m_note;
    QWidget* m_body;
    QWidget* m_scoresCard;
    SegmentedControl* m_of; // whose scores
    ScoreTable* m_scores;
    Label* m_macro;
    Label* m_never;
};

} // namespace ui
