#include "ui/live/rankscard.h"

#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/legend.h"
#include "ui/live/rankparts.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {

RanksCard::RanksCard(QWidget* parent)
    : QWidget(parent),
      m_trouble(new QWidget),
      m_sentence(new Label({}, FontRole::SectionTitle)),
      m_remedy(new Label({}, FontRole::Label, Role::Muted)),
      m_card(new Card(tr("Ranks"), {}, Card::Style::Chart)),
      m_legend(new Legend),
      m_lanes(new RankLanes) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    auto* row = new QHBoxLayout(m_trouble);
    row->setContentsMargins(0, 0, 0, 4);
    row->setSpacing(10);
    row->addWidget(new IconLabel(QStringLiteral("circle-alert"), 20, Role::DangerText), 0, Qt::AlignTop);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    m_sentence->setObjectName(QStringLiteral("rankTrouble"));
    for (Label* label : {m_sentence, m_remedy}) {
        label->setWordWrap(true);
        words->addWidget(label);
    }
    row->addLayout(words, 1);
    m_legend->setMinimumWidth(400);
    m_card->addHeaderWidget(m_legend);
    m_card->bodyLayout()->addWidget(m_trouble);
    m_card->bodyLayout()->addWidget(m_lanes);
    all->addWidget(m_card);
    colourLegend();
    connect(&theme(), &Theme::changed, this, &RanksCard::colourLegend);
    connect(m_lanes, &RankLanes::opened, this, &RanksCard::logRequested);
    m_trouble->hide();
    hide();
}

void RanksCard::colourLegend() {
    const auto part = [](const QString& name, RankPart one) {
        return Meter::Part{.color = rankPartColour(one), .name = name};
    };
    m_legend->setParts({part(tr("Computing"), RankPart::Computing), part(tr("Data wait"), RankPart::Data),
                        part(tr("Other ranks"), RankPart::Communicating),
                        part(tr("Validation, saving"), RankPart::Other)});
}

void RanksCard::setRanks(const LiveRanks& ranks) {
    setVisible(!ranks.rows.isEmpty());
    if (ranks.rows.isEmpty())
        return;
    const auto answer = std::ranges::count_if(ranks.rows, [](const RankRow& row) {
        return row.state == RankRow::State::Fine || row.state == RankRow::State::Late;
    });
    const bool over =
        std::ranges::all_of(ranks.rows, [](const RankRow& row) { return row.state == RankRow::State::Ended; });
    m_card->setSummary(over ? tr("%1, all ended").arg(ranks.rows.size())
                            : tr("%1 of %2 answer").arg(answer).arg(ranks.rows.size()));
    m_sentence->setText(ranks.trouble);
    m_remedy->setText(ranks.remedy);
    m_remedy->setVisible(!ranks.remedy.isEmpty());
    m_trouble->setVisible(!ranks.trouble.isEmpty());
    m_lanes->setRows(ranks.rows);
}

} // namespace ui
