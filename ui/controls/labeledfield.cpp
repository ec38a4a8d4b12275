#include "ui/controls/labeledfield.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace ui {

LabeledField::LabeledField(const QString& label, QWidget* field, QWidget* parent)
    : QWidget(parent),
      m_field(field),
      m_label(new Label(label, FontRole::Label, Role::Muted)),
      m_hint(new Label({}, FontRole::Label, Role::Muted)),
      m_row(new QHBoxLayout),
      m_problemLine(new QWidget),
      m_problemIcon(new IconLabel({}, 14)),
      m_problemText(new Label({}, FontRole::Label)),
      m_fix(new Button(QString())) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    m_label->setBuddy(field);
    head->addWidget(m_label);
    head->addStretch();
    head->addWidget(m_hint);
    all->addLayout(head);
    m_row->setSpacing(8);
    m_row->addWidget(field, 1);
    m_row->addWidget(m_fix);
    all->addLayout(m_row);
    auto* line = new QHBoxLayout(m_problemLine);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(6);
    line->addWidget(m_problemIcon, 0, Qt::AlignTop);
    m_problemText->setWordWrap(true);
    line->addWidget(m_problemText, 1);
    all->addWidget(m_problemLine);
    all->addStretch(1); // beside a higher neighbour the field stays at the top
    m_problemLine->hide();
    m_fix->hide();
    m_hint->hide();
    field->setAccessibleName(label);
    connect(m_fix, &Button::clicked, this, &LabeledField::fixRequested);
}

void LabeledField::setPlain() {
    m_label->hide();
    layout()->setSpacing(0);
}

void LabeledField::setHelp(const QString& title, const QString& text) {
    const QString tip =
        QStringLiteral("<b>%1</b><br>%2")
            .arg(title.toHtmlEscaped(), text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
    m_label->setToolTip(tip);
    m_field->setToolTip(tip);
    m_field->setAccessibleDescription(text);
}

void LabeledField::setProblem(Problem problem, const QString& sentence, const QString& fix) {
    m_problem = problem;
    const bool error = problem == Problem::Error;
    const Role role = error ? Role::DangerText : Role::WarningText;
    m_field->setProperty("problem", problem == Problem::None ? QString()
                                    : error                  ? QStringLiteral("error")
                                                             : QStringLiteral("warning"));
    m_field->update();
    m_problemIcon->setIconName(error ? QStringLiteral("circle-alert") : QStringLiteral("triangle-alert"), role);
    m_problemText->setRole(role);
    m_problemText->setText(sentence);
    m_problemLine->setVisible(problem != Problem::None && !sentence.isEmpty());
    m_fix->setText(fix);
    m_fix->setVisible(problem != Problem::None && !fix.isEmpty());
}

void LabeledField::addBeside(QWidget* widget) { m_row->insertWidget(1, widget); }

void LabeledField::setHint(const QString& words) {
    m_hint->setText(words);
    m_hint->setVisible(!words.isEmpty());
}

} // namespace ui
