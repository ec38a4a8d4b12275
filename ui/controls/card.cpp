#include "ui/controls/card.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {

Card::Card(const QString& title, const QString& iconName, Style style, QWidget* parent)
    : QWidget(parent),
      m_title(new Label(title, style == Style::Section ? FontRole::SectionTitle : FontRole::ChartTitle)),
      m_summary(new Label({}, FontRole::Label, Role::Muted)),
      m_chip(new StatusChip),
      m_header(new QHBoxLayout),
      m_body(new QWidget),
      m_bodyLayout(new QVBoxLayout(m_body)) {
    const int padding =
        (style == Style::Section ? metric::kCardPadding : metric::kChartPadding) + 1; // and the line around it
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(padding, style == Style::Section ? 8 : 7, padding, 0);
    all->setSpacing(style == Style::Section ? 4 : 3);
    m_header->setSpacing(8);
    m_header->setContentsMargins(0, 0, 0, 0);
    if (!iconName.isEmpty())
        m_header->addWidget(new IconLabel(iconName, 16, Role::Muted));
    m_header->addWidget(m_title);
    m_summary->setElide(Qt::ElideRight);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // the first to give way
    m_header->addWidget(m_summary, 1);
    m_header->addWidget(m_chip);
    m_header->addStrut(metric::kControlHeight);
    m_chip->setElides();
    m_chip->installEventFilter(this);
    all->addLayout(m_header);
    m_bodyLayout->setContentsMargins(0, 0, 0, style == Style::Section ? 12 : padding);
    m_bodyLayout->setSpacing(8);
    all->addWidget(m_body, 1);
}

void Card::setTitle(const QString& title) {
    m_title->setText(title);
    setAccessibleName(title);
}

void Card::setSummary(const QString& summary) { m_summary->setText(summary); }

void Card::setState(Tone tone, const QString& words) {
    m_chip->setState(tone, words);
    m_chip->setCursor(tone == Tone::Danger || tone == Tone::Warning ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void Card::addHeaderWidget(QWidget* widget) {
    m_header->insertWidget(m_header->count() - (m_fold ? 1 : 0), widget);
    orderFocus();
}

// Tab goes through the header before it goes through the body, whichever was filled first.
void Card::orderFocus() {
    QWidget* before = m_title;
    for (int i = 0; i < m_header->count(); ++i)
        if (QWidget* widget = m_header->itemAt(i)->widget(); widget && widget != m_title) {
            setTabOrder(before, widget);
            before = widget;
        }
}

void Card::setBody(QWidget* body) { m_bodyLayout->addWidget(body, 1); }

void Card::setFoldable() {
    m_fold = new IconButton(QStringLiteral("chevron-down"), tr("Fold"));
    m_header->addWidget(m_fold);
    orderFocus();
    connect(m_fold, &IconButton::clicked, this, [this] { setFolded(!m_folded); });
    setFolded(m_folded);
}

void Card::setFolded(bool folded) {
    const bool changed = folded != m_folded;
    m_folded = folded;
    m_body->setVisible(!folded);
    layout()->setContentsMargins(layout()->contentsMargins().left(), 8, layout()->contentsMargins().right(),
                                 folded ? 8 : 0);
    if (m_fold) {
        const QString words = folded ? tr("Unfold %1").arg(m_title->text()) : tr("Fold %1").arg(m_title->text());
        m_fold->setIconName(folded ? QStringLiteral("chevron-right") : QStringLiteral("chevron-down"));
        m_fold->setToolTip(words);
        m_fold->setAccessibleName(words);
    }
    if (changed)
        Q_EMIT foldedChanged(folded);
}

void Card::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawOutline(painter, rect(), color(Role::Border), 1, metric::kCardRadius, color(Role::Surface));
}

bool Card::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_chip && event->type() == QEvent::MouseButtonRelease)
        Q_EMIT stateClicked();
    return QWidget::eventFilter(watched, event);
}

} // namespace ui
