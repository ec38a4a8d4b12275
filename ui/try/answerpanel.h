#pragma once

#include "ui/controls/meter.h"
#include "ui/try/trydata.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace ui {

class BarRow;
class Label;
class Legend;
class OtherAnswers;
class StatusChip;

// The right panel of Try: the answer as a sentence, bars of the top classes, time by part, other runs, the command.
class AnswerPanel final : public QWidget {
    Q_OBJECT
public:
    explicit AnswerPanel(QWidget* parent = nullptr);
    void setResult(const TryResult* result); // null: none
    void setDevice(const QString& name);
    void setCommand(const QString& command);

private:
    void showBars(const QList<TryClass>& top);
    void showTime(const TryResult& result);
    QString m_device;
    QString m_command;
    QWidget* m_answer;
    Label* m_sentence;
    StatusChip* m_chip;
    Label* m_next;
    QVBoxLayout* m_bars;
    QList<BarRow*> m_rows;
    QWidget* m_time;
    Label* m_timeWords;
    Meter* m_meter;
    Legend* m_legend;
    QWidget* m_othersSection;
    OtherAnswers* m_others;
    QWidget* m_commandSection;
    QLabel* m_commandText;
};

// "The model says bees", or why there is no answer; null: there is no picture.
[[nodiscard]] QString answerWords(const TryResult* result);

} // namespace ui
