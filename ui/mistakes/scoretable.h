#pragma once

#include "ui/mistakes/mistakedata.h"

#include <QTableView>

namespace ui {

// Precision, recall, F1 and number of samples of each class, the weakest first.
class ScoreTable final : public QTableView {
    Q_OBJECT
public:
    explicit ScoreTable(QWidget* parent = nullptr);
    void setScores(const ClassScores& scores, const QString& samples); // "Pictures"

Q_SIGNALS:
    void classActivated(int label); // its samples that were not recognised are wanted

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    class Model;
    Model* m_model;
};

[[nodiscard]] QString f1Words(double f1); // "0.946"; "–" where there is none
// "bent and good are never recognised."; empty where each class is.
[[nodiscard]] QString neverRecognisedWords(const QStringList& classes);

} // namespace ui
