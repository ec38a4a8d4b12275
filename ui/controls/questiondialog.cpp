#include "ui/controls/questiondialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {

QuestionDialog::QuestionDialog(const Question& question, QWidget* parent) : QDialog(parent) {
    setWindowTitle(question.title);
    setModal(true);
    setMinimumWidth(440);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(10);
    auto* title = new Label(question.title, FontRole::SectionTitle);
    title->setWordWrap(true);
    all->addWidget(title);
    auto* text = new Label(question.text, FontRole::Body);
    text->setWordWrap(true);
    all->addWidget(text);
    if (!question.option.isEmpty()) {
        m_option = new QCheckBox(question.option);
        m_option->setChecked(question.optionTicked);
        all->addWidget(m_option);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    auto* keep = new Button(question.keep);
    auto* act = new Button(question.act, question.destructive ? Button::Kind::Danger : Button::Kind::Primary);
    row->addWidget(keep);
    row->addWidget(act);
    if (!question.other.isEmpty()) {
        act->setKind(question.destructive ? Button::Kind::Danger : Button::Kind::Secondary);
        auto* other = new Button(question.other, Button::Kind::Primary);
        other->setAutoDefault(true);
        row->addWidget(other);
        connect(other, &Button::clicked, this, [this, act = question.actOtherwise] {
            reject();
            if (act)
                act();
        });
    }
    all->addLayout(row);
    connect(keep, &Button::clicked, this, &QDialog::reject);
    connect(act, &Button::clicked, this, &QDialog::accept);
    keep->setDefault(true);
    keep->setAutoDefault(true); // Return presses the one that has the focus
    act->setAutoDefault(true);
    keep->setFocus();
}

bool QuestionDialog::optionTicked() const { return m_option && m_option->isChecked(); }

QuestionDialog* QuestionDialog::ask(QWidget* parent, const Question& question, std::function<void(bool ticked)> act) {
    auto* dialog = new QuestionDialog(question, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, dialog, [dialog, act = std::move(act)] { act(dialog->optionTicked()); });
    dialog->open();
    return dialog;
}

void QuestionDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
