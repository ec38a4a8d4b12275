#include "ui/setup/settingcard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/problemline.h"
#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"

#include <QVBoxLayout>

#include <algorithm>

namespace ui {

SettingCard::SettingCard(FieldSet* fields, const QStringList& sections, const QString& title, const QString& iconName,
                         QWidget* parent)
    : QWidget(parent),
      m_fields(fields),
      m_sections(sections),
      m_card(new Card(title, iconName)),
      m_moreButton(new Button(tr("More settings"), Button::Kind::Ghost)),
      m_more(new FieldGrid(4)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_card);
    m_moreButton->setSmall();
    m_moreButton->setCheckable(true);
    m_moreButton->setFocusPolicy(Qt::TabFocus);
    m_moreButton->setObjectName(QStringLiteral("more:") + sections.first());
    m_card->setAccessibleName(title);
    connect(m_moreButton, &Button::toggled, this, &SettingCard::showMore);
    connect(m_card, &Card::stateClicked, this, &SettingCard::stateClicked);
    connect(fields, &FieldSet::findingsChanged, this, &SettingCard::showFindings);
}

bool SettingCard::owns(const QString& key) const { return m_sections.contains(key.section(QLatin1Char('.'), 0, 0)); }

QBoxLayout* SettingCard::body() const { return m_card->bodyLayout(); }

void SettingCard::setSummary(const QString& words) { m_card->setSummary(words); }

void SettingCard::setState(Tone tone, const QString& words) {
    m_tone = tone;
    m_words = words;
    showFindings();
}

void SettingCard::addMore(const QStringList& placed) {
    for (const auto& section : m_sections)
        for (const auto& key : m_fields->keysOf(section)) {
            const FieldSpec* spec = m_fields->spec(key);
            const bool nothingToChoose = spec->type == FieldType::Choice && spec->choices.size() < 2;
            if (placed.contains(key) || nothingToChoose)
                continue;
            m_more->add(m_fields->field(key), spec->type == FieldType::List ? 4 : 1);
            m_moreKeys.append(key);
        }
    body()->addWidget(m_more);
    m_more->hide();
    m_moreButton->setVisible(!m_moreKeys.isEmpty());
    m_card->addHeaderWidget(m_moreButton);
    m_card->setFoldable();
}

void SettingCard::addProblemLine(const QString& key) {
    auto* line = new ProblemLine;
    body()->addWidget(line);
    m_problems.append({key, line});
    connect(line, &ProblemLine::fixRequested, this,
            [this, key] { Q_EMIT m_fields->fixRequested(m_fields->findingOf(key)); });
}

void SettingCard::reveal(const QString& key) {
    m_card->setFolded(false);
    if (m_moreKeys.contains(key))
        m_moreButton->setChecked(true);
}

void SettingCard::showMore(bool shown) {
    m_more->setVisible(shown);
    m_moreButton->setText(shown ? tr("Fewer settings") : tr("More settings"));
    m_moreButton->updateGeometry();
}

void SettingCard::showFindings() {
    const auto& findings = m_fields->findings();
    QList<const FieldFinding*> own;
    for (const auto& finding : findings)
        if (owns(finding.key))
            own.append(&finding);
    for (const auto& [key, line] : m_problems) {
        const int place = m_fields->findingOf(key);
        if (place < 0) {
            line->clear();
            continue;
        }
        const FieldFinding& finding = findings.at(place);
        line->setProblem(finding.severity == FindingSeverity::Problem ? ProblemLine::Kind::Error
                                                                      : ProblemLine::Kind::Warning,
                         sentenceOf(finding), finding.fixLabel);
    }
    // A finding is never hidden.
    if (std::any_of(own.begin(), own.end(),
                    [this](const FieldFinding* finding) { return m_moreKeys.contains(finding->key); }))
        m_moreButton->setChecked(true);
    if (own.isEmpty()) {
        m_card->setState(m_tone, m_words);
        return;
    }
    const auto gravest = std::find_if(own.begin(), own.end(), [](const FieldFinding* finding) {
        return finding->severity == FindingSeverity::Problem;
    });
    const FieldFinding* told = gravest == own.end() ? own.first() : *gravest;
    QString words = own.size() == 1 ? told->message : tr("%1 things to look at").arg(own.size());
    if (words.endsWith(QLatin1Char('.')))
        words.chop(1);
    m_card->setState(told->severity == FindingSeverity::Problem ? Tone::Danger : Tone::Warning, words);
}

} // namespace ui
