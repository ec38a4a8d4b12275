#include "ui/live/failurecard.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QButtonGroup>
#include <QPainter>
#include <QRadioButton>
#include <QVBoxLayout>

namespace ui {

FailureCard::FailureCard(QWidget* parent)
    : QWidget(parent),
      m_title(new Label({}, FontRole::SectionTitle)),
      m_when(new Label({}, FontRole::Label, Role::Muted)),
      m_why(new Label),
      m_remedies(new QVBoxLayout),
      m_group(new QButtonGroup(this)),
      m_act(new Button(QStringLiteral("play"), QString(), Button::Kind::Primary)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 14, 16, 14);
    all->setSpacing(10);
    auto* head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(new IconLabel(QStringLiteral("circle-alert"), 20, Role::DangerText), 0, Qt::AlignTop);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    m_title->setWordWrap(true);
    words->addWidget(m_title);
    words->addWidget(m_when);
    head->addLayout(words, 1);
    all->addLayout(head);
    m_why->setWordWrap(true);
    all->addWidget(m_why);
    m_act->hide();
    m_remedies->setSpacing(6);
    all->addLayout(m_remedies);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_act);
    auto* log = new Button(tr("Show log"));
    row->addWidget(log);
    row->addStretch();
    auto* remove = new Button(tr("Delete run…"), Button::Kind::Danger);
    row->addWidget(remove);
    all->addLayout(row);
    connect(m_act, &Button::clicked, this, [this] { Q_EMIT remedyChosen(std::max(0, m_group->checkedId())); });
    connect(log, &Button::clicked, this, &FailureCard::logRequested);
    connect(remove, &Button::clicked, this, &FailureCard::deleteRequested);
}

void FailureCard::setFailure(const Failure& failure) {
    m_title->setText(failure.title);
    m_when->setText(failure.when);
    m_when->setVisible(!failure.when.isEmpty());
    m_why->setText(failure.why);
    m_act->setText(failure.action);
    m_act->setVisible(!failure.action.isEmpty());
    while (QLayoutItem* item = m_remedies->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (int i = 0; i < failure.remedies.size(); ++i) {
        const Remedy& remedy = failure.remedies.at(i);
        auto* choice = new QWidget;
        auto* box = new QVBoxLayout(choice);
        box->setContentsMargins(0, 0, 0, 0);
        box->setSpacing(0);
        auto* radio = new QRadioButton(remedy.title);
        radio->setFont(ui::font(FontRole::Value));
        box->addWidget(radio);
        if (!remedy.detail.isEmpty()) {
            auto* detail = new Label(remedy.detail, FontRole::Label, Role::Muted);
            detail->setIndent(24);
            detail->setWordWrap(true);
            box->addWidget(detail);
        }
        m_group->addButton(radio, i);
        radio->setChecked(i == 0);
        m_remedies->addWidget(choice);
    }
}

void FailureCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawOutline(painter, rect(), color(Role::Border), 1, metric::kCardRadius, color(Role::Surface));
}

} // namespace ui
