#include "ui/live/rankscard.h"

#include "ui/controls/button.h"
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
      m_acts(makeActs()),
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
    words->addWidget(m_acts);
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

QWidget* RanksCard::makeActs() {
    auto* acts = new QWidget;
    auto* row = new QHBoxLayout(acts);
    row->setContentsMargins(0, 4, 0, 0);
    row->setSpacing(8);
    const auto add = [&](RankAct act, Button::Kind kind, const char* name, const QString& words, const QString& tip) {
        auto* button = new Button(words, kind);
        button->setObjectName(QLatin1String(name));
        button->setSmall();
        button->setToolTip(tip);
        connect(button, &Button::clicked, this, [this, act] { Q_EMIT actRequested(act, m_troubled); });
        row->addWidget(button);
        return button;
    };
    add(RankAct::EndNow, Button::Kind::Danger, "rankEnd", tr("End it now"),
        tr("All ranks end, and the run goes on from its last checkpoint with as many.\n"
           "Steps since then are computed again."));
    add(RankAct::KeepWaiting, Button::Kind::Secondary, "rankWait", tr("Keep waiting"),
        tr("It is not given up for another five minutes, in this run."));
    m_without = add(RankAct::GoOnWithout, Button::Kind::Secondary, "rankWithout", tr("Go on without it"),
                    tr("The run goes on from its last checkpoint with the ranks that are left.\n"
                       "Each step then has fewer pictures; the learning rate follows devices.learning_rate."));
    row->addStretch();
    return acts;
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
    m_troubled = ranks.troubled;
    m_acts->setVisible(ranks.canAct && ranks.troubled >= 0);
    m_without->setVisible(ranks.rows.size() > 1);
    m_trouble->setVisible(!ranks.trouble.isEmpty());
    m_lanes->setRows(ranks.rows);
}

} // namespace ui
