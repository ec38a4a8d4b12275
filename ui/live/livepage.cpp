#include "ui/live/livepage.h"

#include "ui/charts/chartgroup.h"
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
#include "ui/live/logview.h"
#include "ui/live/phaseprogress.h"
#include "ui/live/proofline.h"
#include "ui/live/swatch.h"
#include "ui/mistakes/scoretable.h"

#include <QComboBox>
#include <QDialog>
#include <QPlainTextEdit>
#include <QScrollArea>
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

QWidget* section(const QString& title, QWidget* body) {
    auto* made = new QWidget;
    made->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* box = new QVBoxLayout(made);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(6);
    box->addWidget(new Divider);
    box->addSpacing(2);
    box->addWidget(new Label(title, FontRole::Strong));
    box->addWidget(body);
    return made;
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

struct LivePage::Impl {
    explicit Impl(LivePage* livePage) : page(livePage) {}

    LivePage* page;
    QStackedLayout* stack = nullptr;
    Swatch* swatch = nullptr;
    Label* name = nullptr;
    StatusChip* chip = nullptr;
    InlineFacts* counts = nullptr;
    PhaseProgress* progress = nullptr;
    QComboBox* axis = nullptr;
    Label* smoothingTitle = nullptr;
    QSlider* smoothing = nullptr;
    Label* smoothingValue = nullptr;
    Label* crosshair = nullptr;
    Button* freeze = nullptr;
    IconButton* reset = nullptr;
    FailureCard* failure = nullptr;
    SegmentedControl* view = nullptr;
    QStackedLayout* views = nullptr;
    LiveCharts* charts = nullptr;
    BlocksView* blocks = nullptr;
    SegmentedControl* tabs = nullptr;
    Card* pictures = nullptr;
    ThumbnailGrid* grid = nullptr;
    Card* log = nullptr;
    LogView* logView = nullptr;
    Button* openPictures = nullptr;
    ClassesView* classes = nullptr;
    Label* never = nullptr;
    FactList* facts = nullptr;
    Label* factsTitle = nullptr;
    Button* pause = nullptr;
    Button* resume = nullptr;
    Button* stop = nullptr;
    Button* extend = nullptr;
    IconButton* report = nullptr;
    IconButton* take = nullptr;
    Button* settings = nullptr;
    QWidget* learning = nullptr;
    Label* learningUnit = nullptr;
    HeatMap* heat = nullptr;
    ProofLine* proof = nullptr;
    QWidget* actions = nullptr; // the five of them
    QBoxLayout* panelBox = nullptr;
    QBoxLayout* viewBar = nullptr;
    KnobsView* knobs = nullptr;
    IconButton* openKnobs = nullptr; // where the panel is away
    QDialog* knobsDialog = nullptr;
    bool compact = false;
    bool knobsShown = false;
    QWidget* knobsSection = nullptr;
    EventList* changes = nullptr;
    QWidget* changesSection = nullptr;
    QPlainTextEdit* note = nullptr;

    LiveHeader header;
    bool frozen = false;
    std::optional<LiveCurves> waiting; // came while the view was frozen
    bool low = false;
    int exporting = 0;

    QWidget* makeHeader();
    QWidget* makeViewBar();
    QWidget* makeBottom();
    QWidget* makePanel();
    void connectAll();
    void arrange(QSize window);
    void arrangeBottom();
    void crosshairWords(std::optional<double> step) const;
    void setFrozen(bool on);
    void showView(int index);
    void showCurves(const LiveCurves& curves);
    void moveActions(bool away);
    void showKnobs(bool shown);
};

QWidget* LivePage::Impl::makeHeader() {
    auto* made = new QWidget;
    auto* all = new QVBoxLayout(made);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    swatch = new Swatch;
    row->addWidget(swatch);
    name = new Label({}, FontRole::PageTitle);
    name->setElide(Qt::ElideRight);
    row->addWidget(name);
    chip = new StatusChip(StatusChip::Look::Filled);
    row->addWidget(chip);
    counts = new InlineFacts;
    row->addWidget(counts, 1);
    row->addStrut(26);
    all->addLayout(row);
    progress = new PhaseProgress;
    all->addWidget(progress);
    return made;
}

QWidget* LivePage::Impl::makeViewBar() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    viewBar = row;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    view = new SegmentedControl({tr("Curves"), tr("Blocks"), tr("Classes")});
    view->setObjectName(QStringLiteral("liveView"));
    view->setAccessibleName(tr("View"));
    view->setTips({tr("Loss, metrics, speed and memory"), tr("Which blocks are learning, and when they thaw"),
                   tr("Precision and recall of each class, and what is taken for what")});
    view->setCurrent(0);
    row->addWidget(view);
    axis = new QComboBox;
    axis->addItems({tr("By step"), tr("By epoch"), tr("By time")});
    axis->setAccessibleName(tr("Horizontal axis"));
    axis->setToolTip(tr("What the charts run along"));
    axis->setFixedWidth(96);
    row->addWidget(axis);
    smoothingTitle = new Label(tr("Smoothing"), FontRole::Label, Role::Muted);
    row->addWidget(smoothingTitle);
    smoothing = new QSlider(Qt::Horizontal);
    smoothing->setRange(0, 99);
    smoothing->setFixedWidth(88);
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Running mean over the steps; the values themselves stay faint behind it.\n"
                             "Usual: 0.6 to 0.95. Validation is never smoothed."));
    row->addWidget(smoothing);
    smoothingValue = new Label({}, FontRole::Head);
    smoothingValue->setFixedWidth(32);
    row->addWidget(smoothingValue);
    crosshair = new Label({}, FontRole::Label, Role::Muted);
    crosshair->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    crosshair->setElide(Qt::ElideRight);
    row->addWidget(crosshair, 1);
    freeze = new Button(QStringLiteral("pause"), tr("Freeze view"));
    freeze->setCheckable(true);
    freeze->setToolTip(tr("Data goes on, the picture stays (Ctrl Space)"));
    row->addWidget(freeze);
    reset = new IconButton(QStringLiteral("rotate-ccw"), tr("Reset range and crosshair"));
    row->addWidget(reset);
    return made;
}

QWidget* LivePage::Impl::makeBottom() {
    auto* made = new QWidget;
    auto* all = new QVBoxLayout(made);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(6);
    tabs = new SegmentedControl({tr("Pictures"), tr("Log")});
    tabs->setParent(made);
    tabs->setCurrent(0);
    tabs->hide();
    auto* row = new QHBoxLayout;
    row->setSpacing(metric::kGap);
    pictures = new Card(tr("Misclassified"), {}, Card::Style::Chart);
    grid = new ThumbnailGrid;
    grid->setTileSide(72);
    grid->setGap(12);
    grid->setRowsShown(1);
    pictures->setBody(grid);
    openPictures = new Button(tr("Open all"), Button::Kind::Ghost);
    openPictures->setObjectName(QStringLiteral("openMistakes"));
    openPictures->setToolTip(tr("All of them, large, one at a time"));
    openPictures->setSmall();
    pictures->addHeaderWidget(openPictures);
    log = new Card(tr("Log"), {}, Card::Style::Chart);
    auto* openLog = new Button(tr("Open all"), Button::Kind::Ghost);
    openLog->setSmall();
    log->addHeaderWidget(openLog);
    logView = new LogView;
    log->setBody(logView);
    row->addWidget(pictures, 55);
    row->addWidget(log, 45);
    all->addLayout(row, 1);
    made->setFixedHeight(153);
    QObject::connect(openLog, &Button::clicked, page, [this] { Q_EMIT page->logRequested(header.id); });
    return made;
}

QWidget* LivePage::Impl::makePanel() {
    auto* panel = new QWidget;
    auto* box = ui::panelBox(panel);
    panelBox = box;
    auto* head = new QHBoxLayout;
    factsTitle = new Label(tr("This run"), FontRole::SectionTitle);
    head->addWidget(factsTitle);
    head->addStretch();
    report = new IconButton(QStringLiteral("file-text"), tr("Write a report of this run…"));
    report->setObjectName(QStringLiteral("runReport"));
    take = new IconButton(QStringLiteral("package-check"), tr("Export its model…"));
    take->setObjectName(QStringLiteral("runExport"));
    head->addWidget(take);
    head->addWidget(report);
    head->addStrut(24);
    box->addLayout(head);
    facts = new FactList;
    box->addWidget(facts);
    actions = new QWidget;
    auto* buttons = new QHBoxLayout(actions);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(8);
    pause = new Button(QStringLiteral("pause"), tr("Pause"));
    resume = new Button(QStringLiteral("play"), tr("Resume"), Button::Kind::Primary);
    stop = new Button(QStringLiteral("square"), tr("Stop…"), Button::Kind::Danger);
    extend = new Button(tr("Train longer…"));
    settings = new Button(tr("Use its settings"));
    openKnobs = new IconButton(QStringLiteral("sliders-horizontal"), tr("Knobs: change the run while it trains"));
    openKnobs->setObjectName(QStringLiteral("openKnobs"));
    openKnobs->setOutlined();
    openKnobs->hide();
    buttons->addWidget(openKnobs);
    for (Button* button : {resume, pause, stop, extend, settings})
        buttons->addWidget(button);
    buttons->addStretch();
    box->addWidget(actions);
    knobs = new KnobsView;
    knobsSection = section(tr("Knobs"), knobs);
    knobsSection->hide();
    box->addWidget(knobsSection);
    knobsDialog = new QDialog(page);
    knobsDialog->setWindowTitle(tr("Knobs"));
    auto* alone = new QVBoxLayout(knobsDialog);
    alone->setContentsMargins(metric::kCardPadding, metric::kCardPadding, metric::kCardPadding, metric::kCardPadding);
    auto* blocksBody = new QWidget;
    auto* blocksBox = new QVBoxLayout(blocksBody);
    blocksBox->setContentsMargins(0, 0, 0, 0);
    blocksBox->setSpacing(4);
    learningUnit = new Label(insightName(Insight::UpdateRatio), FontRole::Small, Role::Muted);
    heat = new HeatMap(HeatMap::Size::Panel);
    heat->setObjectName(QStringLiteral("panelHeat"));
    heat->setUnit(insightName(Insight::UpdateRatio));
    blocksBox->addWidget(learningUnit);
    blocksBox->addWidget(heat);
    learning = section(tr("Which blocks are learning"), blocksBody);
    learning->hide();
    box->addWidget(learning);
    proof = new ProofLine;
    proof->setObjectName(QStringLiteral("proof"));
    box->addWidget(proof);
    never = new Label({}, FontRole::Label, Role::WarningText);
    never->setObjectName(QStringLiteral("neverRecognised"));
    never->setWordWrap(true);
    never->hide();
    box->addWidget(never);
    changes = new EventList;
    changes->setObjectName(QStringLiteral("changes"));
    changesSection = section(tr("Changes"), changes);
    box->addWidget(changesSection);
    note = new QPlainTextEdit;
    note->setPlaceholderText(tr("What did you try, and why?"));
    note->setFixedHeight(64);
    note->setTabChangesFocus(true);
    note->setAccessibleName(tr("Note"));
    note->setToolTip(tr("Kept with the run; the list shows it as the run's tooltip"));
    box->addWidget(section(tr("Note"), note));
    box->addStretch(1);
    return panel;
}

void LivePage::Impl::connectAll() {
    QObject::connect(view, &SegmentedControl::chosen, page, [this](int index) { showView(index); });
    QObject::connect(blocks, &BlocksView::thawEdited, page,
                     [this](const ThawPlan& plan, int gesture) { Q_EMIT page->thawEdited(header.id, plan, gesture); });
    QObject::connect(openKnobs, &IconButton::clicked, page, [this] { knobsDialog->show(); });
    QObject::connect(knobs, &KnobsView::applied, page,
                     [this](const QList<KnobSetting>& chosen) { Q_EMIT page->knobsApplied(header.id, chosen); });
    QObject::connect(knobs, &KnobsView::checkpointRequested, page,
                     [this] { Q_EMIT page->checkpointRequested(header.id); });
    QObject::connect(knobs, &KnobsView::stopAfterEpochRequested, page,
                     [this](bool stops) { Q_EMIT page->stopAfterEpochRequested(header.id, stops); });
    QObject::connect(changes, &EventList::acted, page, [this] { Q_EMIT page->undoRequested(header.id); });
    QObject::connect(axis, &QComboBox::activated, page,
                     [this](int index) { charts->setXAxis(static_cast<XAxis>(index)); });
    QObject::connect(smoothing, &QSlider::valueChanged, page, [this](int value) {
        smoothingValue->setText(QString::number(value / 100.0, 'f', 2));
        charts->setSmoothing(value / 100.0);
    });
    QObject::connect(reset, &IconButton::clicked, page, [this] { charts->resetView(); });
    QObject::connect(freeze, &Button::toggled, page, [this](bool on) { setFrozen(on); });
    QObject::connect(&charts->group(), &ChartGroup::crosshairMoved, page, [this](std::optional<double>) {
        const auto step = charts->crosshairStep();
        crosshairWords(step);
        Q_EMIT page->crosshairMoved(step.value_or(std::nan("")));
    });
    QObject::connect(charts, &LiveCharts::exportRequested, page, [this](int index, const QString& title) {
        exporting = index;
        Q_EMIT page->exportRequested(QStringLiteral("%1 %2").arg(header.name, title));
    });
    QObject::connect(charts, &LiveCharts::forkRequested, page,
                     [this](double step) { Q_EMIT page->forkRequested(header.id, step); });
    QObject::connect(pause, &Button::clicked, page, [this] { Q_EMIT page->pauseRequested(header.id); });
    QObject::connect(resume, &Button::clicked, page, [this] { Q_EMIT page->resumeRequested(header.id); });
    QObject::connect(stop, &Button::clicked, page, [this] { Q_EMIT page->stopRequested(header.id); });
    QObject::connect(extend, &Button::clicked, page, [this] { Q_EMIT page->extendRequested(header.id); });
    QObject::connect(settings, &Button::clicked, page, [this] { Q_EMIT page->useSettingsRequested(header.id); });
    QObject::connect(report, &IconButton::clicked, page, [this] { Q_EMIT page->reportRequested(header.id); });
    QObject::connect(take, &IconButton::clicked, page, [this] { Q_EMIT page->modelExportRequested(header.id); });
    QObject::connect(failure, &FailureCard::remedyChosen, page,
                     [this](int remedy) { Q_EMIT page->remedyChosen(header.id, remedy); });
    QObject::connect(failure, &FailureCard::logRequested, page, [this] { Q_EMIT page->logRequested(header.id); });
    QObject::connect(failure, &FailureCard::deleteRequested, page, [this] { Q_EMIT page->deleteRequested(header.id); });
    QObject::connect(grid, &ThumbnailGrid::opened, page,
                     [this](const QString& file) { Q_EMIT page->pictureOpened(header.id, file); });
    QObject::connect(openPictures, &Button::clicked, page, [this] { Q_EMIT page->pictureOpened(header.id, {}); });
    QObject::connect(classes, &ClassesView::picturesRequested, page,
                     [this](MistakeChoice choice) { Q_EMIT page->picturesRequested(header.id, choice); });
    QObject::connect(tabs, &SegmentedControl::chosen, page, [this] { arrangeBottom(); });
    QObject::connect(note, &QPlainTextEdit::textChanged, page, [this] {
        if (note->hasFocus())
            Q_EMIT page->noteChanged(header.id, note->toPlainText());
    });
}

// Without the panel what can be done with the run stands in the view bar.
void LivePage::Impl::moveActions(bool away) {
    compact = away;
    if (compact)
        viewBar->insertWidget(viewBar->count() - 2, actions);
    else
        panelBox->insertWidget(panelBox->indexOf(facts) + 1, actions);
    (compact ? knobsDialog : knobsSection)->layout()->addWidget(knobs);
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
    auto* layout = new PageLayout(content, m->makePanel(), nullptr, metric::kLivePanelWidth);
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

void LivePage::setNote(const QString& note) {
    if (!m->note->hasFocus() && m->note->toPlainText() != note)
        m->note->setPlainText(note);
}

void LivePage::setViewFrozen(bool frozen) { m->setFrozen(frozen); }
bool LivePage::viewFrozen() const { return m->frozen; }
bool LivePage::exportChart(const QString& file) { return m->charts->exportChart(m->exporting, file, m->header.name); }

} // namespace ui
