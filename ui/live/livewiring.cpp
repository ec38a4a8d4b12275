// What the page's widgets do.
#include "ui/charts/chartgroup.h"
#include "ui/charts/heatmap.h"
#include "ui/controls/button.h"
#include "ui/controls/factlist.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/live/blocksview.h"
#include "ui/live/classesview.h"
#include "ui/live/failurecard.h"
#include "ui/live/knobsview.h"
#include "ui/live/livecharts.h"
#include "ui/live/livepageparts.h"
#include "ui/live/queuelanes.h"
#include "ui/live/rankscard.h"

#include <QComboBox>
#include <QDialog>
#include <QPlainTextEdit>
#include <QSlider>

#include <cmath>

namespace ui {

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
    QObject::connect(ranks, &RanksCard::logRequested, page,
                     [this](int rank) { Q_EMIT page->rankLogRequested(header.id, rank); });
    QObject::connect(queue, &QueueView::opened, page, &LivePage::queueOpened);
    QObject::connect(queue, &QueueView::heldChanged, page, &LivePage::queueHeld);
    QObject::connect(ranks, &RanksCard::actRequested, page,
                     [this](RankAct act, int rank) { Q_EMIT page->rankActRequested(header.id, act, rank); });
}

} // namespace ui
