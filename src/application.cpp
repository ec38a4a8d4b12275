#include "src/application.h"

#include "src/commands.h"
#include "src/comparepresenter.h"
#include "src/devicepresenter.h"
#include "src/experimentdocument.h"
#include "src/labellist.h"
#include "src/livepresenter.h"
#include "src/pages.h"
#include "src/projectactions.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runimport.h"
#include "src/runlibrary.h"
#include "src/setuppresenter.h"
#include "src/trypresenter.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/frame/mainframe.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QSettings>
#include <QTimer>

#include <algorithm>

namespace app {
namespace {

const QString& layoutKey() {
    static const QString key = QStringLiteral("window/layout");
    return key;
}

// What feeds a page: made by the page, asked for by tests and pictures.
template <typename Presenter>
Presenter& presenterOf(const std::vector<std::unique_ptr<Page>>& pages) {
    Presenter* found = nullptr;
    for (const auto& page : pages)
        if (!found)
            found = page->template findChild<Presenter*>();
    Q_ASSERT(found);
    return *found;
}

} // namespace

LivePresenter& Application::live() { return presenterOf<LivePresenter>(m_pages); }
ComparePresenter& Application::compare() { return presenterOf<ComparePresenter>(m_pages); }
SetupPresenter& Application::setup() { return presenterOf<SetupPresenter>(m_pages); }
TryPresenter& Application::tryOut() { return presenterOf<TryPresenter>(m_pages); }

Application::Application(const StartOptions& options, QObject* parent)
    : QObject(parent),
      m_frame(std::make_unique<ui::MainFrame>()),
      m_document(std::make_unique<ExperimentDocument>()),
      m_controller(std::make_unique<RunController>()),
      m_library(std::make_unique<RunLibrary>(*m_controller)),
      m_devices(std::make_unique<DevicePresenter>(m_frame->strip(), *m_controller)),
      m_project(std::make_unique<ProjectActions>(*m_frame, *m_document)),
      m_runs(std::make_unique<RunActions>(*m_frame, *m_controller, *m_library, *m_document)),
      m_labels(std::make_unique<LabelList>()),
      m_import(std::make_unique<RunImport>(*m_frame, *m_library)) {
    makePages();
    m_commands = std::make_unique<Commands>(*m_frame, m_pages, *m_library, *m_runs, *m_project);
    wireFrame();
    wireRuns();
    m_project->setRunsFolder(options.runsFolder);
    if (options.restoreLayout)
        m_frame->restoreLayout(QSettings().value(layoutKey()).toByteArray());
    if (options.target.isEmpty())
        m_project->openLast();
    else
        m_project->openTarget(options.target);
    updateButtons();
}

Application::~Application() = default;

bool Application::atRest() const {
    return !m_project->opening() &&
           std::all_of(m_pages.begin(), m_pages.end(), [](const auto& page) { return page->atRest(); });
}

void Application::makePages() {
    const PageContext context{*m_frame, *m_document, *m_project, *m_controller, *m_library, *m_runs, *m_labels};
    for (const PageRow& row : pageRows()) {
        m_pages.push_back(row.make(context));
        m_frame->addPage(row.info(), &m_pages.back()->widget());
    }
    m_frame->runList().setModel(m_library.get());
    m_frame->runList().setFoot(tr("Ticked runs are drawn"), {});
}

void Application::wireFrame() {
    QAction* undo = m_document->undoStack().createUndoAction(this, tr("Undo"));
    QAction* redo = m_document->undoStack().createRedoAction(this, tr("Redo"));
    undo->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z));
    redo->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z));
    m_frame->topBar().setUndoActions(undo, redo);
    m_frame->setMoreShortcuts({{tr("Experiment"), tr("Ctrl N"), tr("New experiment")},
                               {tr("Experiment"), tr("Ctrl O"), tr("Open experiment")},
                               {tr("Experiment"), tr("Ctrl S"), tr("Save experiment")},
                               {tr("Experiment"), tr("Ctrl Z"), tr("Undo")},
                               {tr("Experiment"), tr("Ctrl Shift Z"), tr("Redo")}});
    connect(&m_frame->topBar(), &ui::TopBar::appearanceChosen, this, [](ui::Appearance appearance) {
        QSettings().setValue(QStringLiteral("window/appearance"),
                             appearance == ui::Appearance::Dark ? QStringLiteral("dark") : QStringLiteral("light"));
    });
    connect(m_frame.get(), &ui::MainFrame::pauseRequested, m_runs.get(), qOverload<>(&RunActions::pauseOrResume));
    connect(m_frame.get(), &ui::MainFrame::stopRequested, m_runs.get(), qOverload<>(&RunActions::stop));
    connect(m_frame.get(), &ui::MainFrame::closing, this, &Application::closing);
    connect(&m_frame->strip(), &ui::DeviceStrip::queueClicked, m_runs.get(), &RunActions::startQueue);
    connect(m_project.get(), &ProjectActions::projectChanged, this, &Application::projectChanged);
    connect(m_project.get(), &ProjectActions::runRequested, this, [this](const QString& id) {
        // The list is read in the background; the run is opened when it is there.
        connect(
            m_library.get(), &RunLibrary::refreshed, this, [this, id] { m_runs->open(id); }, Qt::SingleShotConnection);
    });
    connect(m_project.get(), &ProjectActions::importRequested, m_import.get(), &RunImport::ask);
    connect(m_project.get(), &ProjectActions::quitRequested, m_frame.get(), &QWidget::close);
    connect(&setup(), &SetupPresenter::readyChanged, this, &Application::updateButtons);
    connect(m_controller.get(), &RunController::changed, this, &Application::updateButtons);
    connect(qApp, &QGuiApplication::applicationStateChanged, m_library.get(),
            [this](Qt::ApplicationState state) { m_library->setActive(state != Qt::ApplicationSuspended); });
    m_library->setActive(true);
}

void Application::wireRuns() {
    const auto showFailure = [this](const QString& title, const QString& detail) {
        m_frame->toasts().show({.tone = ui::Tone::Danger, .title = title, .detail = detail});
    };
    connect(m_controller.get(), &RunController::failed, this, showFailure);
    connect(m_library.get(), &RunLibrary::failed, this, showFailure);
    connect(m_labels.get(), &LabelList::failed, this, showFailure);
    connect(m_controller.get(), &RunController::idle, this, [this] {
        if (m_leaving)
            QTimer::singleShot(0, m_frame.get(), &QWidget::close);
    });
    const ui::RunListView& list = m_frame->runList();
    connect(&list, &ui::RunListView::tickRequested, m_library.get(), &RunLibrary::setTicked);
    connect(&list, &ui::RunListView::starRequested, m_library.get(), &RunLibrary::setStarred);
    connect(&list, &ui::RunListView::currentChanged, this, [this](const QString& id) {
        for (const auto& page : m_pages)
            page->choose(id);
    });
}

void Application::projectChanged() {
    const QString folder = m_project->runsFolder();
    if (folder != m_library->folder()) // once the queue of this project is known
        connect(&m_controller->runQueue(), &RunQueue::changed, this, &Application::tellWaiting,
                Qt::SingleShotConnection);
    m_library->setFolder(folder);
    m_controller->setFolder(folder);
    m_devices->setFolder(m_document->projectFolder());
    m_labels->setFolder(m_document->projectFolder());
}

// What waited when the project was closed goes on waiting until somebody starts it.
void Application::tellWaiting() {
    const auto waiting = m_controller->runQueue().waiting().size();
    if (!m_controller->queueStands())
        return;
    m_frame->toasts().show(
        {.tone = ui::Tone::Muted,
         .title = waiting == 1 ? tr("1 run waits in the queue") : tr("%1 runs wait in the queue").arg(waiting),
         .detail = tr("Training goes on when you press Start queue."),
         .action = tr("Start queue"),
         .act = [this] { m_runs->startQueue(); },
         .iconName = QStringLiteral("list-ordered")});
}

void Application::updateButtons() {
    const bool busy = m_controller->busy();
    const bool stopping = m_controller->stopping();
    ui::TrainButtons buttons;
    buttons.trainEnabled = setup().canTrain();
    buttons.queues = busy;
    buttons.trainTip = setup().whyNot();
    buttons.pauseEnabled = busy && !stopping;
    buttons.paused = m_controller->paused();
    buttons.pauseTip = !busy            ? tr("Nothing is running")
                       : buttons.paused ? tr("Go on with the run that waits")
                                        : tr("Saves, then waits");
    buttons.stopEnabled = busy && !stopping;
    buttons.stopTip = !busy      ? tr("Nothing is running")
                      : stopping ? tr("It is being saved")
                                 : tr("Saves, then ends the run");
    m_frame->modeBar().setTrainButtons(buttons);
    setup().setQueues(busy);
}

void Application::closing(QCloseEvent* event) {
    if (!m_controller->active()) {
        keepSettings();
        return;
    }
    event->ignore();
    if (m_leaving || m_frame->findChild<ui::QuestionDialog*>())
        return;
    if (!m_controller->busy()) { // between two runs: the next one goes on waiting
        m_leaving = true;
        m_controller->stopAll();
        return;
    }
    const auto* run = m_library->find(m_controller->currentId());
    const QString name = run ? words(run->name) : m_controller->currentId();
    const auto waiting = m_controller->queue().size();
    QString text = tr("It is saved first and can be resumed from there.");
    if (waiting > 0)
        text += QLatin1Char(' ') + (waiting == 1 ? tr("1 run goes on waiting in the queue.")
                                                 : tr("%1 runs go on waiting in the queue.").arg(waiting));
    auto* question = ui::QuestionDialog::ask(
        m_frame.get(), {tr("Stop %1 and close?").arg(name), text, {}, false, tr("Keep training"), tr("Stop and close")},
        [this](bool) {
            m_leaving = true;
            m_frame->toasts().show({ui::Tone::Muted,
                                    tr("Stopping"),
                                    tr("The window closes when the run is saved."),
                                    {},
                                    {},
                                    QStringLiteral("hourglass")});
            m_controller->stopAll();
        });
    connect(m_controller.get(), &RunController::idle, question, &QDialog::reject); // there is nothing left to stop
}

void Application::keepSettings() const {
    m_library->forget();
    QSettings().setValue(layoutKey(), m_frame->saveLayout());
    m_project->keepForNextStart();
}

} // namespace app
