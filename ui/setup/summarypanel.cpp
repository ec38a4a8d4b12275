#include "ui/setup/summarypanel.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/legend.h"
#include "ui/frame/pagelayout.h"
#include "ui/setup/checklist.h"
#include "ui/setup/phasebars.h"

#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kCompactTrain = 200;

} // namespace

SummaryPanel::SummaryPanel(QWidget* parent)
    : QWidget(parent),
      m_batch(new QWidget),
      m_grid(new ThumbnailGrid),
      m_facts(new FactList),
      m_freeze(makeFreeze()),
      m_memory(new QWidget),
      m_memoryName(new Label({}, FontRole::Label, Role::Muted)),
      m_memoryWords(new Label({}, FontRole::Value)),
      m_meter(new Meter),
      m_legend(new Legend),
      m_checks(new CheckList),
      m_train(new Button(QStringLiteral("play"), tr("Train"), Button::Kind::Primary)),
      m_readiness(new Label({}, FontRole::Label, Role::Muted)),
      m_foot(makeFoot()) {
    auto* box = panelBox(this);
    auto* head = new QHBoxLayout;
    head->addWidget(new Label(tr("This run"), FontRole::SectionTitle));
    head->addStretch();
    head->addWidget(new Label(tr("Always up to date"), FontRole::Label, Role::Muted));
    head->addStrut(24);
    box->addLayout(head);

    auto* batch = new QVBoxLayout(m_batch);
    batch->setContentsMargins(0, 0, 0, 0);
    batch->setSpacing(4);
    m_grid->setObjectName(QStringLiteral("batch"));
    m_grid->setColumns(4);
    m_grid->setRowsShown(2);
    batch->addWidget(m_grid);
    auto* caption = new QHBoxLayout;
    auto* words = new Label(tr("A batch as the model sees it"), FontRole::Label, Role::Muted);
    words->setElide(Qt::ElideRight);
    caption->setSpacing(4);
    caption->addWidget(words, 1);
    auto* another = new Button(QStringLiteral("refresh-cw"), tr("Another"), Button::Kind::Ghost);
    another->setObjectName(QStringLiteral("anotherBatch"));
    another->setSmall();
    caption->addWidget(another);
    batch->addLayout(caption);
    batch->addWidget(new Divider);
    box->addWidget(m_batch);

    m_facts->setObjectName(QStringLiteral("facts"));
    box->addWidget(m_facts);
    box->addWidget(m_freeze);
    auto* memory = new QVBoxLayout(m_memory);
    memory->setContentsMargins(0, 0, 0, 0);
    memory->setSpacing(4);
    auto* line = new QHBoxLayout;
    m_memoryName->setElide(Qt::ElideRight);
    line->addWidget(m_memoryName, 1);
    line->addWidget(m_memoryWords);
    memory->addLayout(line);
    memory->addWidget(m_meter);
    memory->addWidget(m_legend);
    box->addWidget(m_memory);
    box->addWidget(new Divider);
    box->addWidget(m_checks);
    box->addStretch(1);

    connect(another, &Button::clicked, this, &SummaryPanel::anotherBatchRequested);
    connect(m_checks, &CheckList::fixRequested, this, &SummaryPanel::fixRequested);
    connect(m_checks, &CheckList::findingClicked, this, &SummaryPanel::findingClicked);
    setSummary({});
}

QWidget* SummaryPanel::makeFreeze() {
    auto* made = new QWidget;
    auto* box = new QVBoxLayout(made);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(0);
    const auto line = [](const QString& name, Label* value) {
        auto* row = new QHBoxLayout;
        row->addWidget(new Label(name, FontRole::Label, Role::Muted));
        row->addStretch();
        row->addWidget(value);
        row->addStrut(24);
        return row;
    };
    m_parameters = new Label({}, FontRole::Label, Role::Muted);
    box->addLayout(line(tr("Parameters trained"), m_parameters));
    m_phases = new PhaseBars;
    m_phases->setObjectName(QStringLiteral("phaseBars"));
    box->addWidget(m_phases);
    box->addSpacing(12);
    box->addWidget(new Divider);
    box->addSpacing(8);
    m_freezeFacts = new FactList;
    m_freezeFacts->setObjectName(QStringLiteral("freezeFacts"));
    box->addWidget(m_freezeFacts);
    m_time = new Label({}, FontRole::Value);
    m_timeRow = new QWidget;
    auto* time = new QVBoxLayout(m_timeRow);
    time->setContentsMargins(0, 0, 0, 0);
    time->setSpacing(4);
    time->addLayout(line(tr("Time"), m_time));
    m_times = new PhaseTimes;
    m_times->setObjectName(QStringLiteral("phaseTimes"));
    time->addWidget(m_times);
    box->addWidget(m_timeRow);
    m_disk = new FactList;
    box->addWidget(m_disk);
    return made;
}

QWidget* SummaryPanel::makeFoot() {
    auto* made = new QWidget;
    auto* box = new QVBoxLayout(made);
    box->setContentsMargins(metric::kPageMargin, 12, metric::kPageMargin, 12);
    box->setSpacing(6);
    m_train->setObjectName(QStringLiteral("trainButton"));
    m_train->setLarge();
    m_train->setHint(tr("Ctrl ↵"));
    m_train->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    box->addWidget(m_train);
    m_readiness->setAlignment(Qt::AlignHCenter);
    m_readiness->setWordWrap(true);
    box->addWidget(m_readiness);
    connect(m_train, &Button::clicked, this, &SummaryPanel::trainRequested);
    return made;
}

void SummaryPanel::setSummary(const SummaryState& summary) {
    m_summary = summary;
    QList<Thumbnail> batch = summary.batch;
    for (auto& thumbnail : batch) { // the tiles are too small for words
        thumbnail.tip = thumbnail.tip.isEmpty() ? thumbnail.caption : thumbnail.tip;
        thumbnail.caption.clear();
        thumbnail.detail.clear();
    }
    m_grid->setThumbnails(batch);
    m_facts->setFacts(summary.facts);
    m_parameters->setText(summary.parameters);
    m_phases->setPhases(summary.phases);
    m_freezeFacts->setFacts(summary.freezeFacts);
    m_time->setText(summary.time);
    m_timeRow->setVisible(!summary.time.isEmpty());
    m_times->setPhases(summary.phases);
    m_disk->setFacts(summary.diskFacts);
    showParts();
    m_memory->setVisible(!summary.memoryName.isEmpty());
    m_memoryName->setText(summary.memoryName);
    m_memoryWords->setText(summary.memoryWords);
    m_meter->setParts(summary.memoryParts, summary.memoryTotal);
    m_legend->setParts(summary.memoryParts);
    m_train->setEnabled(summary.canTrain);
    m_train->setText(summary.trainLabel.isEmpty() ? tr("Train") : summary.trainLabel);
    m_readiness->setText(summary.readiness);
    m_readiness->setVisible(!summary.readiness.isEmpty());
    showChecks();
}

void SummaryPanel::setFindings(const QList<FieldFinding>& findings) {
    m_findings = findings;
    showChecks();
}

void SummaryPanel::showChecks() {
    m_checks->setChecks(m_findings, m_summary.passed);
    m_checks->setVisible(!m_findings.isEmpty() || !m_summary.passed.isEmpty());
}

void SummaryPanel::setFreezeShown(bool shown) {
    m_freezeShown = shown;
    showParts();
}

void SummaryPanel::showParts() {
    const bool freeze = m_freezeShown && !m_summary.phases.isEmpty();
    m_batch->setVisible(!freeze && !m_summary.batch.isEmpty());
    m_facts->setVisible(!freeze);
    m_freeze->setVisible(freeze);
}

void SummaryPanel::setCompact(bool compact) {
    auto* box = static_cast<QBoxLayout*>(m_foot->layout());
    box->setDirection(compact ? QBoxLayout::RightToLeft : QBoxLayout::TopToBottom);
    box->setContentsMargins(compact ? QMargins(0, 0, 0, 0)
                                    : QMargins(metric::kPageMargin, 12, metric::kPageMargin, 12));
    m_train->setMinimumWidth(compact ? kCompactTrain : 0);
    m_train->setSizePolicy(compact ? QSizePolicy::Fixed : QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_readiness->setAlignment(compact ? Qt::AlignVCenter | Qt::AlignLeft : Qt::AlignHCenter);
    m_readiness->setSizePolicy(compact ? QSizePolicy::Expanding : QSizePolicy::Preferred, QSizePolicy::Preferred);
}

void SummaryPanel::addToFoot(QWidget* widget) {
    static_cast<QBoxLayout*>(m_foot->layout())->insertWidget(0, widget); // the right end of the line
}

void SummaryPanel::setLow(bool low) { m_grid->setRowsShown(low ? 1 : 2); }

} // namespace ui
