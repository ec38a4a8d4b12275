#pragma once

#include "ui/live/livedata.h"

#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace ui {

class Button;
class Label;

// A failed run: what happened and when, why, what is saved, remedies as choices, one button that carries out the
// chosen.
class FailureCard final : public QWidget {
    Q_OBJECT
public:
    explicit FailureCard(QWidget* parent = nullptr);
    void setFailure(const Failure& failure);

Q_SIGNALS:
    void remedyChosen(int remedy);
    void logRequested();
    void deleteRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Label* m_title;
    Label* m_when;
    Label* m_why;
    QVBoxLayout* m_remedies;
    QButtonGroup* m_group;
    Button* m_act;
};

} // namespace ui
