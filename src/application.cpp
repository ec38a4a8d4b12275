#include "src/application.h"

#include "src/commands.h"
#include "src/comparepresenter.h"
#include "src/devicepresenter.h"
#include "src/experimentdocument.h"
#include "src/livepresenter.h"
#include "src/projectactions.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/setuppresenter.h"
#include "src/trypresenter.h"
#include "src/values.h"
#include "ui/compare/comparepage.h"
#include "ui/controls/questiondialog.h"
#include "ui/format.h"
#include "ui/frame/mainframe.h"
#include "ui/live/livepage.h"
#include "ui/setup/setuppage.h"
#include "ui/try/trypage.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QSettings>
#include <QTimer>

namespace app {
namespace {

const QString& layoutKey() {
    static const QString key = QStringLiteral("window/layout");
    return key;
}

} // namespace

// Owned by the frame.
struct Application::Pages {
    ui::SetupPage* setup = new ui::SetupPage;
    ui::LivePage* live = new ui::LivePage;
    ui::ComparePage* compare = new ui::ComparePage;
    ui::TryPage* tryPage = new ui::TryPage;
};

Application::Application(const StartOptions& options, QObject* parent)
    : QObject(parent),
      m_frame(std::make_unique<ui::MainFrame>()),
      m_pages(std::make_unique<Pages>()),
      m_document(std::make_unique<ExperimentDocument>()),
      m_controller(std::make_unique<RunController>()),
      m_library(std::make_unique<RunLibrary>(*m_controller)) {
    makePages();
    m_setup = std::make_unique<SetupPresenter>(*m_pages->setup, *m_document);
    m_live = std::make_unique<LivePresenter>(*m_pages->live, *m_controller, *m_library);
    m_compare = std::make_unique<ComparePresenter>(*m_pages->compare, *m_library);
    m_try = std::make_unique<TryPresenter>(*m_pages->tryPage, *m_library);
    m_devices = std::make_unique<DevicePresenter>(m_frame->strip(), *m_controller);
    m_project = std::make_unique<ProjectActions>(*m_frame, *m_pages->setup, *m_document);
    m_runs = std::make_unique<RunActions>(*m_frame, *m_controller, *m_library, *m_live, *m_document);
    m_commands = std::make_unique<Commands>(*m_frame, *m_pages->setup, *m_library, *m_runs, *m_project);
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
    const ExperimentAnalysis& setup = m_setup->analysis();
    return !m_project->opening() && setup.upToDate() && !setup.batch().waiting() && !setup.speeds().waiting() &&
           m_live->atRest() && m_compare->atRest() && m_try->atRest();
}

void Application::makePages() {
    m_frame->setPage(ui::Mode::Setup, m_pages->setup);
    m_frame->setPage(ui::Mode::Live, m_pages->live);
    m_frame->setPage(ui::Mode::Compare, m_pages->compare);
    m_frame->setPage(ui::Mode::Try, m_pages->tryPage);
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
    connect(m_frame.get(), &ui::MainFrame::trainRequested, this,
            [this] { m_setup->lookAgain([this] { trainIfReady(); }); });
    connect(m_pages->setup, &ui::SetupPage::trainRequested, m_frame.get(), &ui::MainFrame::trainRequested);
    connect(m_frame.get(), &ui::MainFrame::pauseRequested, m_runs.get(), qOverload<>(&RunActions::pauseOrResume));
    connect(m_frame.get(), &ui::MainFrame::stopRequested, m_runs.get(), qOverload<>(&RunActions::stop));
    connect(m_frame.get(), &ui::MainFrame::freezeViewRequested, this,
            [this] { m_pages->live->setViewFrozen(!m_pages->live->viewFrozen()); });
    connect(m_frame.get(), &ui::MainFrame::closing, this, &Application::closing);
    connect(m_project.get(), &ProjectActions::projectChanged, this, &Application::projectChanged);
    connect(m_project.get(), &ProjectActions::runRequested, this, [this](const QString& id) {
        // The list is read in the background; the run is opened when it is there.
        connect(
            m_library.get(), &RunLibrary::refreshed, this, [this, id] { m_runs->open(id); }, Qt::SingleShotConnection);
    });
    connect(m_project.get(), &ProjectActions::quitRequested, m_frame.get(), &QWidget::close);
    connect(m_setup.get(), &SetupPresenter::readyChanged, this, &Application::updateButtons);
    connect(m_controller.get(), &RunController::changed, this, &Application::updateButtons);
    connect(qApp, &QGuiApplication::applicationStateChanged, m_library.get(),
            [this](Qt::ApplicationState state) { m_library->setActive(state != Qt::ApplicationSuspended); });
    connect(qApp, &QGuiApplication::applicationStateChanged, m_setup.get(), [this](Qt::ApplicationState state) {
        if (state == Qt::ApplicationActive)
            m_setup->lookAgain();
    });
    m_library->setActive(true);
}

void Application::trainIfReady() {
    if (m_setup->canTrain()) {
        train();
        return;
    }
    m_frame->setMode(ui::Mode::Setup);
    m_frame->toasts().show({ui::Tone::Warning, tr("Not ready to train"), m_setup->whyNot(), {}, {}, {}});
}

void Application::train() {
    const auto question = m_setup->beforeTraining();
    if (!question) {
        m_runs->train();
        return;
    }
    ui::QuestionDialog::ask(m_frame.get(),
                            {question->title, question->text, {}, false, tr("Check the weights"), tr("Train anyway")},
                            [this](bool) { m_runs->train(); });
}

void Application::wireRuns() {
    const auto showFailure = [this](const QString& title, const QString& detail) {
        m_frame->toasts().show({ui::Tone::Danger, title, detail, {}, {}, {}});
    };
    connect(m_controller.get(), &RunController::failed, this, showFailure);
    connect(m_library.get(), &RunLibrary::failed, this, showFailure);
    connect(m_try.get(), &TryPresenter::failed, this, showFailure);
    connect(m_compare.get(), &ComparePresenter::failed, this, showFailure);
    connect(m_controller.get(), &RunController::idle, this, [this] {
        if (m_leaving)
            QTimer::singleShot(0, m_frame.get(), &QWidget::close);
    });

    const ui::RunListView& list = m_frame->runList();
    connect(&list, &ui::RunListView::tickRequested, m_library.get(), &RunLibrary::setTicked);
    connect(&list, &ui::RunListView::starRequested, m_library.get(), &RunLibrary::setStarred);
    connect(&list, &ui::RunListView::newRunRequested, this, [this] { m_frame->setMode(ui::Mode::Setup); });
    connect(&list, &ui::RunListView::currentChanged, this, [this](const QString& id) {
        if (const auto* run = m_library->find(id))
            m_live->show(id, words(run->folder));
        if (m_frame->mode() == ui::Mode::Try)
            m_try->setModel(id);
    });

    const ui::LivePage* live = m_pages->live;
    connect(live, &ui::LivePage::pauseRequested, m_runs.get(), qOverload<const QString&>(&RunActions::pauseOrResume));
    connect(live, &ui::LivePage::resumeRequested, m_runs.get(), &RunActions::resume);
    connect(live, &ui::LivePage::stopRequested, m_runs.get(), qOverload<const QString&>(&RunActions::stop));
    connect(live, &ui::LivePage::extendRequested, m_runs.get(), &RunActions::extend);
    connect(live, &ui::LivePage::deleteRequested, this, [this](const QString& id) { m_runs->remove({id}); });
    connect(live, &ui::LivePage::logRequested, m_runs.get(), &RunActions::openLog);
    connect(live, &ui::LivePage::useSettingsRequested, m_runs.get(), &RunActions::useSettings);
    connect(live, &ui::LivePage::openFolderRequested, m_runs.get(), &RunActions::openFolder);
    connect(live, &ui::LivePage::exportRequested, this, [this](const QString& name) {
        exportOn(*m_pages->live, name, [this](const QString& file) { return m_pages->live->exportChart(file); });
    });
    const ui::ComparePage* compare = m_pages->compare;
    connect(compare, &ui::ComparePage::activated, m_runs.get(), &RunActions::open);
    connect(compare, &ui::ComparePage::deleteRequested, m_runs.get(), &RunActions::remove);
    connect(compare, &ui::ComparePage::useSettingsRequested, m_runs.get(), &RunActions::useSettings);
    connect(compare, &ui::ComparePage::openFolderRequested, m_runs.get(), &RunActions::openFolder);
    connect(compare, &ui::ComparePage::exportRequested, this, [this](const QString& name) {
        exportOn(*m_pages->compare, name, [this](const QString& file) { return m_pages->compare->exportChart(file); });
    });
    const auto toSetup = [this] { m_frame->setMode(ui::Mode::Setup); };
    connect(m_live.get(), &LivePresenter::setupRequested, this, toSetup);
    connect(m_try.get(), &TryPresenter::setupRequested, this, toSetup);
}

void Application::exportOn(QWidget& page, const QString& suggestedName,
                           const std::function<bool(const QString&)>& write) {
    const QString ending = suggestedName.section(QLatin1Char('.'), -1);
    auto* dialog = new QFileDialog(&page, tr("Export chart"), m_document->projectFolder(),
                                   tr("Pictures and tables (*.png *.svg *.pdf *.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(ending);
    dialog->selectFile(suggestedName);
    connect(dialog, &QFileDialog::fileSelected, this, [this, write](const QString& file) {
        if (!write(file))
            m_frame->toasts().show(
                {ui::Tone::Danger, tr("The chart is not saved"), tr("%1 cannot be written.").arg(file), {}, {}, {}});
    });
    dialog->open();
}

void Application::projectChanged() {
    m_library->setFolder(m_project->runsFolder());
    m_devices->setFolder(m_document->projectFolder());
}

void Application::updateButtons() {
    const bool busy = m_controller->busy();
    const bool stopping = m_controller->stopping();
    ui::TrainButtons buttons;
    buttons.trainEnabled = m_setup->canTrain();
    buttons.queues = busy;
    buttons.trainTip = m_setup->whyNot();
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
    m_setup->setQueues(busy);
}

void Application::closing(QCloseEvent* event) {
    if (!m_controller->busy()) {
        keepSettings();
        return;
    }
    event->ignore();
    if (m_leaving || m_frame->findChild<ui::QuestionDialog*>())
        return;
    const auto* run = m_library->find(m_controller->currentId());
    const QString name = run ? words(run->name) : m_controller->currentId();
    const auto waiting = m_controller->queue().size();
    QString text = tr("It is saved first and can be resumed from there.");
    if (waiting > 0)
        text += QLatin1Char(' ') + (waiting == 1 ? tr("1 run that waits stays in the list.")
                                                 : tr("%1 runs that wait stay in the list.").arg(waiting));
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
    QSettings().setValue(layoutKey(), m_frame->saveLayout());
    m_project->keepForNextStart();
}

} // namespace app
