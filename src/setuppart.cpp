#include "src/setuppart.h"

#include "engine/api/parameter.h"
#include "src/datapictures.h"
#include "src/experimentdocument.h"
#include "src/labellist.h"
#include "src/pagekeys.h"
#include "src/projectactions.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/scalingpresenter.h"
#include "src/setuppresenter.h"
#include "src/sweeppresenter.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/frame/mainframe.h"
#include "ui/setup/setuppage.h"

#include <QGuiApplication>

namespace app {
namespace {

QString sectionWords(const QString& key) {
    const QString section = key.section(QLatin1Char('.'), 0, 0);
    if (section == QLatin1String("data"))
        return QObject::tr("Setting · Data");
    if (section == QLatin1String("model"))
        return QObject::tr("Setting · Backbone");
    if (section == QLatin1String("freeze"))
        return QObject::tr("Setting · Freeze");
    if (section == QLatin1String("devices"))
        return QObject::tr("Setting · Devices");
    if (section == QLatin1String("experiment"))
        return QObject::tr("Setting");
    return QObject::tr("Setting · Recipe");
}

// Setup: the form of the experiment, and Train.
class SetupPart final : public Page {
public:
    SetupPart(ui::SetupPage& page, const PageContext& context)
        : Page(page),
          m_page(page),
          m_context(context),
          m_presenter(new SetupPresenter(page, context.document, this)),
          m_pictures(new DataPictures(page, context.document, context.labels, this)) {
        m_presenter->measureSpeeds();
        const ProjectActions* project = &context.project;
        connect(&page, &ui::SetupPage::openRequested, project, &ProjectActions::chooseFile);
        connect(&page, &ui::SetupPage::saveRequested, project, &ProjectActions::save);
        connect(&page, &ui::SetupPage::sampleRequested, project, &ProjectActions::openSample);
        connect(&page, &ui::SetupPage::sweepRequested, this, &SetupPart::sweep);
        connect(&page, &ui::SetupPage::scalingRequested, this, [this] {
            const auto* machine = m_presenter->analysis().machine().value();
            ScalingPresenter::open(m_context.frame, m_context.document.experiment(),
                                   machine ? machine->devices.size() - 1 : 0);
        });
        wirePictures();
        connect(&page, &ui::SetupPage::trainRequested, &context.frame, &ui::MainFrame::trainRequested);
        connect(&context.frame, &ui::MainFrame::trainRequested, this,
                [this] { m_presenter->lookAgain([this] { trainIfReady(); }); });
        connect(&context.frame.runList(), &ui::RunListView::newRunRequested, this,
                [this] { m_context.frame.showPage(pages::setup()); });
        connect(project, &ProjectActions::projectChanged, this,
                [this] { m_presenter->setRunsFolder(m_context.project.runsFolder()); });
        connect(qApp, &QGuiApplication::applicationStateChanged, this, [this](Qt::ApplicationState state) {
            if (state != Qt::ApplicationActive)
                return;
            m_context.labels.refresh();
            m_presenter->lookAgain();
        });
    }
    [[nodiscard]] bool atRest() const override {
        const ExperimentAnalysis& looked = m_presenter->analysis();
        return m_pictures->atRest() && looked.upToDate() && !looked.batch().waiting() && !looked.speeds().waiting();
    }
    [[nodiscard]] QList<ui::Command> commands() const override {
        QList<ui::Command> made;
        for (const auto& parameter : engine::experimentParameters()) {
            const QString key = words(parameter.key);
            made.append(
                {key, words(parameter.label), sectionWords(key), {}, QStringLiteral("sliders-horizontal"), true});
        }
        return made;
    }
    void carryOut(const QString& key) override {
        m_context.frame.showPage(pages::setup());
        m_page.showField(key);
    }

private:
    void wirePictures() {
        connect(&m_context.labels, &LabelList::changed, this, [this] { m_presenter->lookAgain(); });
        connect(m_presenter, &SetupPresenter::leaveOutRequested, m_pictures, &DataPictures::leaveOut);
        connect(m_pictures, &DataPictures::leftOut, this, [this](const QStringList& files) {
            m_context.frame.toasts().show({.tone = ui::Tone::Muted,
                                           .title = files.size() == 1
                                                        ? tr("1 picture is left out")
                                                        : tr("%1 pictures are left out").arg(files.size()),
                                           .detail = tr("Files stay as they are; the next run uses the new list."),
                                           .action = tr("Undo"),
                                           .act = [this, files] { m_pictures->takeBack(files); },
                                           .iconName = QStringLiteral("eye-off")});
        });
    }
    void trainIfReady() {
        if (m_presenter->canTrain()) {
            askAndTrain();
            return;
        }
        m_context.frame.showPage(pages::setup());
        m_context.frame.toasts().show(
            {.tone = ui::Tone::Warning, .title = tr("Not ready to train"), .detail = m_presenter->whyNot()});
    }
    // Asks first where the weights are not what they seem.
    void askAndTrain() {
        const auto train = [this] { m_context.runs.train(m_presenter->aboutSeconds()); };
        const auto question = m_presenter->beforeTraining();
        if (question)
            ui::QuestionDialog::ask(&m_context.frame,
                                    {.title = question->title,
                                     .text = question->text,
                                     .keep = tr("Check the weights"),
                                     .act = tr("Train anyway")},
                                    [train](bool) { train(); });
        else
            train();
    }
    void sweep() {
        const auto* presenter = SweepPresenter::open(m_context.frame, m_context.document.experiment(),
                                                     m_presenter->analysis().data().value());
        connect(presenter, &SweepPresenter::accepted, &m_context.runs, &RunActions::trainAll);
    }
    ui::SetupPage& m_page;
    PageContext m_context;
    SetupPresenter* m_presenter;
    DataPictures* m_pictures;
};

} // namespace

std::unique_ptr<Page> makeSetupPart(const PageContext& context) {
    return std::make_unique<SetupPart>(*new ui::SetupPage, context);
}

} // namespace app
