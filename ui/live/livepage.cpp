#include "ui/live/livepage.h"

#include "ui/charts/chartgroup.h"
#include "ui/charts/heatmap.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/emptystate.h"
#include "ui/controls/factlist.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/controls/watched.h"
#include "ui/format.h"
#include "ui/frame/pagelayout.h"
#include "ui/live/blocksview.h"
#include "ui/live/classesview.h"
#include "ui/live/failurecard.h"
#include "ui/live/knobsview.h"
#include "ui/live/livecharts.h"
#include "ui/live/livepageparts.h"
#include "ui/live/logview.h"
#include "ui/live/phaseprogress.h"
#include "ui/live/proofline.h"
#include "ui/live/rankscard.h"
#include "ui/live/swatch.h"
#include "ui/mistakes/scoretable.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDialog>
#include <QPlainTextEdit>
#include <QSlider>
#include <QStackedLayout>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace ui {
namespace {

constexpr int kLowWindow = 820;     // lower windows show pictures and log as tabs
constexpr int kNarrowWindow = 1200; // narrower ones show the charts in one column

Tone toneOf(RunListState state) {
    switch (state) {
    case RunListState::Running:
        return Tone::Accent;
    case RunListState::Finished:
        return Tone::Success;
    case RunListState::Interrupted:
        return Tone::Warning;
    case RunListState::Failed:
        return Tone::Danger;
    case RunListState::Paused:
    case RunListState::Queued:
    case RunListState::Stopped:
    case RunListState::NotStarted:
        break;
    }
    return Tone::Muted;
}

// What was said, and below it what it is: with both on one line the end of a long name hides what was said.
Thumbnail thumbnailOf(const Misclassified& one) {
    if (!one.severalLabels()) {
        const QString sure = formatPercent(one.probability, 0);
        return {one.file, one.image, LivePage::tr("%1, %2").arg(one.predicted, sure),
                LivePage::tr("is %1").arg(one.truth),
                LivePage::tr("%1 taken for %2, %3 sure").arg(one.truth, one.predicted, sure) + QLatin1Char('\n') +
                    one.file};
    }
    QStringList words;
    if (!one.missed.isEmpty())
        words.append(LivePage::tr("missed %1").arg(one.missed.join(QStringLiteral(", "))));
    if (!one.wrong.isEmpty())
        words.append(LivePage::tr("wrongly %1").arg(one.wrong.join(QStringLiteral(", "))));
    return {one.file, one.image, words.value(0), words.value(1),
            (words + QStringList{one.file}).join(QLatin1Char('\n'))};
}

} // namespace

// Without the panel what can be done with the run stands in the view bar.
void LivePage::Impl::moveActions(bool away) {
    compact = away;
    if (compact)
        viewBar->insertWidget(viewBar->indexOf(freeze), actions);
    else
        panelBox->insertWidget(panelBox->indexOf(facts) + 1, actions);
    (compact ? knobsDialog : knobsSection)->layout()->addWidget(knobs);
    (compact ? queueCard->bodyLayout() : queueSection->layout())->addWidget(queue);
    showQueue();
    smoothingTitle->setVisible(!compact && views->currentIndex() == 0); // its slider's tip says it as well
    showKnobs(knobsShown);
}

void LivePage::Impl::showKnobs(bool shown) {
    knobsShown = shown;
    knobsSection->setVisible(shown && !compact);
    openKnobs->setVisible(shown && compact);
    if (!shown || !compact)
        knobsDialog->hide();
}

void LivePage::Impl::arrange(QSize window) {
    charts->setOneColumn(window.width() < kNarrowWindow);
    low = window.height() < kLowWindow;
    arrangeBottom();
}

void LivePage::Impl::arrangeBottom() {
    const bool hasPictures = pictures->property("filled").toBool();
    const bool tabbed = low && hasPictures;
    Card* shown = tabs->current() == 0 ? pictures : log;
    if (tabbed && tabs->parentWidget() != shown) // in the head of the card that is shown
        shown->addHeaderWidget(tabs);
    tabs->setVisible(tabbed);
    pictures->setVisible(hasPictures && (!low || tabs->current() == 0));
    log->setVisible(!low || !hasPictures || tabs->current() == 1);
}

void LivePage::Impl::crosshairWords(std::optional<double> step) const {
    if (!step) {
        crosshair->setText({});
        return;
    }
    QString words = tr("Crosshair: step %1").arg(formatExact(std::llround(*step)));
    if (const double epoch = charts->epochOf(*step); epoch > 0)
        words += tr(", epoch %1").arg(static_cast<int>(std::ceil(epoch)));
    crosshair->setText(words);
}

void LivePage::Impl::setFrozen(bool on) {
    frozen = on;
    freeze->setChecked(on);
    freeze->setIconName(on ? QStringLiteral("play") : QStringLiteral("pause"));
    freeze->setText(on ? tr("Go on") : tr("Freeze view"));
    freeze->updateGeometry();
    if (!on && waiting)
        showCurves(*std::exchange(waiting, std::nullopt));
}

// Only what is seen takes room: a view that is taller does not stretch the others.
void LivePage::Impl::showView(int index) {
    for (int i = 0; i < views->count(); ++i) {
        const auto policy = i == index ? QSizePolicy::Expanding : QSizePolicy::Ignored;
        views->widget(i)->setSizePolicy(policy, policy);
    }
    views->setCurrentIndex(index);
    for (QWidget* part : {static_cast<QWidget*>(axis), static_cast<QWidget*>(smoothing),
                          static_cast<QWidget*>(smoothingValue), static_cast<QWidget*>(reset)})
        part->setVisible(index == 0);
    smoothingTitle->setVisible(!compact && index == 0);
    crosshair->setText({});
}

void LivePage::Impl::showCurves(const LiveCurves& curves) {
    charts->setCurves(curves);
    blocks->setCurves(curves);
    HeatData data = heatOf(curves, Insight::UpdateRatio);
    data.running = header.state == RunListState::Running || header.state == RunListState::Paused;
    learning->setVisible(!data.rows.isEmpty());
    heat->setData(data);
}

void LivePage::Impl::showQueue() {
    queueSection->setVisible(queueShown && !compact);
    queueCard->setVisible(queueShown && compact);
}

LivePage::LivePage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>(this)) {
    m->stack = new QStackedLayout(this);
    auto* empty = new EmptyState(QStringLiteral("activity"), tr("Nothing is running"),
                                 tr("Open a finished run from the list, or start one in Setup."), tr("Go to Setup"));
    m->stack->addWidget(empty);
    connect(empty, &EmptyState::acted, this, &LivePage::setupRequested);

    auto* content = new Watched;
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    all->setSpacing(metric::kGap);
    all->addWidget(m->makeHeader());
    all->addWidget(m->makeViewBar());
    m->failure = new FailureCard;
    m->failure->hide();
    all->addWidget(m->failure);
    m->ranks = new RanksCard;
    all->addWidget(m->ranks);
    m->charts = new LiveCharts;
    m->blocks = new BlocksView;
    m->views = new QStackedLayout;
    m->views->addWidget(m->charts);
    m->views->addWidget(m->blocks);
    m->classes = new ClassesView;
    m->views->addWidget(m->classes);
    m->showView(0);
    all->addLayout(m->views, 1);
    all->addWidget(m->makeBottom());
    m->queueCard = new Card(tr("Queue"), {}, Card::Style::Chart);
    m->queueCard->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m->queueCard->hide();
    all->addWidget(m->queueCard);
    auto* layout = new PageLayout(content, m->makePanel(), nullptr, metric::kLivePanelWidth);
    m->openPanel = layout->panelButton(tr("This run: facts, export, proof, changes, note"));
    m->viewBar->addWidget(m->openPanel);
    connect(layout, &PageLayout::compactChanged, this, [this](bool away) { m->moveActions(away); });
    m->stack->addWidget(layout);
    m->connectAll();
    m->smoothing->setValue(90);
    // Widgets change their layouts, which must not happen while a layout is being worked out.
    content->resized = [this] { QTimer::singleShot(0, this, [this] { m->arrange(window()->size()); }); };
    showEmpty();
}

LivePage::~LivePage() = default;

void LivePage::showEmpty() {
    m->header = {};
    m->stack->setCurrentIndex(0);
}

void LivePage::setHeader(const LiveHeader& header) {
    if (header.id != m->header.id) {
        m->charts->resetView();
        m->waiting.reset();
        m->setFrozen(false);
        m->failure->hide();
        m->ranks->setRanks({});
        m->note->clear();
    }
    m->header = header;
    const bool running = header.state == RunListState::Running;
    const bool paused = header.state == RunListState::Paused;
    m->swatch->setColour(header.colour);
    m->name->setText(header.name);
    m->chip->setState(toneOf(header.state), header.stateWords);
    QList<Fact> facts;
    if (header.epochs > 0)
        facts.append({tr("Epoch"), tr("of %1").arg(header.epochs), QString::number(header.epoch)});
    if (header.steps > 0)
        facts.append({tr("Step"), tr("of %1").arg(formatExact(header.steps)), formatExact(header.step)});
    if (header.secondsLeft >= 0)
        facts.append({tr("Left"), header.ends, formatSpan(header.secondsLeft)});
    else if (!header.took.isEmpty())
        facts.append({tr("Took"), QString(), header.took});
    m->counts->setFacts(facts);
    m->progress->setProgress(header);
    m->charts->setRunning(running || paused);
    m->blocks->setRunning(running || paused);
    m->freeze->setVisible(running || paused || m->frozen);
    m->pause->setVisible(running);
    m->stop->setVisible(running || paused);
    m->resume->setVisible(paused || (header.canResume && header.state != RunListState::Failed));
    m->extend->setVisible(header.canExtend);
    m->take->setVisible(header.canExport);
    m->settings->setVisible(header.hasSettings && !running && !paused);
    m->stack->setCurrentIndex(1);
}

void LivePage::setCurves(const LiveCurves& curves) {
    if (m->frozen)
        m->waiting = curves;
    else
        m->showCurves(curves);
}

void LivePage::setProof(const LiveProof& proof) { m->proof->setProof(proof); }

void LivePage::setThaw(const ThawPlan& plan, const QList<QPointF>& schedule) { m->blocks->setThaw(plan, schedule); }

void LivePage::setFacts(const QList<LiveFact>& facts) { m->facts->setFacts(facts); }

void LivePage::setChanges(const QList<LiveChange>& changes) {
    m->changes->setEvents(changes);
    m->changesSection->setVisible(!changes.isEmpty());
}

void LivePage::setKnobs(const LiveKnobs& knobs) {
    m->knobs->setKnobs(knobs);
    m->showKnobs(knobs.shown);
}

void LivePage::setLog(const QList<LogLine>& lines) { m->logView->setLines(lines); }

void LivePage::setMistakes(const LiveMistakes& mistakes) {
    QList<Thumbnail> thumbnails;
    for (const auto& one : mistakes.pictures)
        thumbnails.append(thumbnailOf(one));
    const bool labels = !mistakes.pictures.isEmpty() && mistakes.pictures.first().severalLabels();
    m->grid->setThumbnails(thumbnails);
    m->pictures->setTitle(mistakes.best ? tr("Misclassified in epoch %1, the best").arg(mistakes.epoch)
                                        : tr("Misclassified in epoch %1").arg(mistakes.epoch));
    m->pictures->setSummary(mistakes.wrong > 0
                                ? (labels ? tr("%1 of %2, greatest loss first") : tr("%1 of %2, surest first"))
                                      .arg(formatExact(mistakes.wrong), formatExact(mistakes.validated))
                                : QString());
    m->pictures->setProperty("filled", !mistakes.pictures.isEmpty());
    m->openPictures->setText(tr("Open all %1").arg(formatExact(mistakes.wrong)));
    m->openPictures->updateGeometry();
    m->classes->setMistakes(mistakes);
    const QString never = neverRecognisedWords(mistakes.confusion.scores.neverRecognised);
    m->never->setText(never);
    m->never->setToolTip(mistakes.confusion.scores.neverRecognised.join(QLatin1Char('\n')));
    m->never->setVisible(!never.isEmpty());
    m->arrangeBottom();
}

void LivePage::setFailure(const std::optional<Failure>& failure) {
    if (failure)
        m->failure->setFailure(*failure);
    m->failure->setVisible(failure.has_value());
}

void LivePage::setQueue(const LiveQueue& queue) {
    m->queue->setQueue(queue);
    m->queueShown = !queue.lanes.isEmpty();
    m->showQueue();
}

void LivePage::setRanks(const LiveRanks& ranks) { m->ranks->setRanks(ranks); }

void LivePage::setNote(const QString& note) {
    if (!m->note->hasFocus() && m->note->toPlainText() != note)
        m->note->setPlainText(note);
}

void LivePage::setViewFrozen(bool frozen) { m->setFrozen(frozen); }
bool LivePage::viewFrozen() const { return m->frozen; }
bool LivePage::exportChart(const QString& file) { return m->charts->exportChart(m->exporting, file, m->header.name); }

} // namespace ui
