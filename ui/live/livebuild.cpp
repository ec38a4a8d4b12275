// Makes the widgets of the page.
#include "ui/charts/heatmap.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/factlist.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/frame/pagelayout.h"
#include "ui/live/blocksview.h"
#include "ui/live/knobsview.h"
#include "ui/live/livepageparts.h"
#include "ui/live/logview.h"
#include "ui/live/phaseprogress.h"
#include "ui/live/proofline.h"
#include "ui/live/queuelanes.h"
#include "ui/live/swatch.h"

#include <QComboBox>
#include <QDialog>
#include <QPlainTextEdit>
#include <QSlider>
#include <QVBoxLayout>

namespace ui {
namespace {

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

} // namespace

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
    queue = new QueueView;
    queueSection = section(tr("Queue"), queue);
    queueSection->hide();
    box->addWidget(queueSection);
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

} // namespace ui
