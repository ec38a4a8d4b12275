#include "ui/controls/emptystate.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QVBoxLayout>

namespace ui {

EmptyState::EmptyState(const QString& iconName, const QString& sentence, const QString& detail, const QString& action,
                       QWidget* parent)
    : QWidget(parent) {
    auto* all = new QVBoxLayout(this);
    all->setSpacing(6);
    all->setContentsMargins(24, 16, 24, 16);
    all->addStretch();
    all->addWidget(new IconLabel(iconName, 20), 0, Qt::AlignHCenter);
    all->addSpacing(4);
    auto* title = new Label(sentence, FontRole::Strong);
    title->setAlignment(Qt::AlignHCenter);
    all->addWidget(title);
    auto* words = new Label(detail, FontRole::Label, Role::Muted);
    words->setAlignment(Qt::AlignHCenter);
    words->setWordWrap(true);
    all->addWidget(words);
    if (!action.isEmpty()) {
        m_button = new Button(action);
        all->addSpacing(2);
        all->addWidget(m_button, 0, Qt::AlignHCenter);
        connect(m_button, &Button::clicked, this, &EmptyState::acted);
    }
    all->addStretch();
}

} // namespace ui
