#include "ui/controls/problemline.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QHBoxLayout>

namespace ui {

ProblemLine::ProblemLine(QWidget* parent)
    : QWidget(parent), m_icon(new IconLabel({}, 14)), m_text(new Label({}, FontRole::Label)), m_fix(new Button({})) {
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(6);
    line->addWidget(m_icon);
    m_text->setWordWrap(true);
    line->addWidget(m_text, 1);
    m_fix->setSmall();
    line->addWidget(m_fix);
    hide();
    connect(m_fix, &Button::clicked, this, &ProblemLine::fixRequested);
}

void ProblemLine::setProblem(Kind kind, const QString& sentence, const QString& fix) {
    const bool error = kind == Kind::Error;
    const Role role = error ? Role::DangerText : Role::WarningText;
    m_icon->setIconName(error ? QStringLiteral("circle-alert") : QStringLiteral("triangle-alert"), role);
    m_text->setRole(role);
    m_text->setText(sentence);
    m_fix->setText(fix);
    m_fix->setVisible(!fix.isEmpty());
    setVisible(!sentence.isEmpty());
}

} // namespace ui
