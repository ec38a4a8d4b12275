#pragma once

#include <QDialog>

#include <functional>

class QCheckBox;

namespace ui {

// A question asked only where work would end: a sentence as title, what is kept and lost, a safe and a consequent
// answer.
struct Question {
    QString title = {};
    QString text = {};
    QString option = {}; // a tick box; empty: none
    bool optionTicked = false;
    QString keep = {};        // the safe choice; it has the focus
    QString act = {};         // the consequent choice
    bool destructive = false; // act is drawn as danger
    // A third way, between the two; empty: none. It is the one that is suggested.
    QString other = {};
    std::function<void()> actOtherwise = {};
};

class QuestionDialog final : public QDialog {
    Q_OBJECT
public:
    explicit QuestionDialog(const Question& question, QWidget* parent = nullptr);
    [[nodiscard]] bool optionTicked() const;

    // Opens without blocking; `act` is called with the tick's state when the consequent choice was made. The dialog,
    // which deletes itself when it is answered, can be rejected where the question settles itself.
    static QuestionDialog* ask(QWidget* parent, const Question& question, std::function<void(bool ticked)> act);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QCheckBox* m_option = nullptr;
};

} // namespace ui
