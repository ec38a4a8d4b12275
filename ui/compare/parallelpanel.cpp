#include "ui/compare/parallelpanel.h"

#include "ui/compare/parallelview.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"

#include <QVBoxLayout>

namespace ui {

ParallelPanel::ParallelPanel(QWidget* parent)
    : QWidget(parent),
      m_view(new ParallelView),
      m_words(new Label({}, FontRole::Label, Role::Muted)),
      m_tickOnly(new Button(QString())),
      m_clear(new Button(tr("Clear"), Button::Kind::Ghost)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    auto* card = new Card(tr("Parallel coordinates"), {}, Card::Style::Chart);
    m_view->setObjectName(QStringLiteral("parallel"));
    m_words->setObjectName(QStringLiteral("parallelWords"));
    m_tickOnly->setObjectName(QStringLiteral("tickOnly"));
    m_tickOnly->setToolTip(tr("The others are no longer drawn; they stay in the table"));
    m_tickOnly->setSmall();
    m_clear->setObjectName(QStringLiteral("clearBrushes"));
    m_clear->setSmall();
    card->addHeaderWidget(m_words);
    card->addHeaderWidget(m_tickOnly);
    card->addHeaderWidget(m_clear);
    card->setBody(m_view);
    all->addWidget(card);
    connect(m_view, &ParallelView::insideChanged, this, &ParallelPanel::showInside);
    connect(m_view, &ParallelView::runActivated, this, &ParallelPanel::runActivated);
    connect(m_clear, &Button::clicked, m_view, &ParallelView::clearBrushes);
    connect(m_tickOnly, &Button::clicked, this, [this] { Q_EMIT tickOnlyRequested(m_view->inside()); });
    showInside();
}

void ParallelPanel::setRuns(const ParallelRuns& runs) {
    m_all = static_cast<int>(runs.ids.size());
    m_view->setRuns(runs);
}

void ParallelPanel::showInside() {
    const int inside = static_cast<int>(m_view->inside().size());
    const bool some = m_view->brushed() && inside > 0 && inside < m_all;
    m_words->setText(m_view->brushed() ? tr("%1 of %2 runs").arg(inside).arg(m_all)
                                       : tr("Drag on an axis to keep the runs that pass there"));
    m_tickOnly->setText(inside == 1 ? tr("Tick only this one") : tr("Tick only these %1").arg(inside));
    m_tickOnly->setVisible(some);
    m_clear->setVisible(m_view->brushed());
}

} // namespace ui
