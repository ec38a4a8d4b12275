#include "src/projectactions.h"

#include "engine/api/run.h"
#include "engine/api/sample.h"
#include "src/experimentdocument.h"
#include "src/pagekeys.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/frame/mainframe.h"

#include <QAction>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QSettings>
#include <QStandardPaths>
#include <QUrl>

namespace app {
namespace {

constexpr qsizetype kMostRecent = 8;

QString dataFolder() { return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation); }
QString untitledFolder() { return dataFolder() + QStringLiteral("/untitled"); }
const QString& lastKey() {
    static const QString key = QStringLiteral("project/last");
    return key;
}
const QString& recentKey() {
    static const QString key = QStringLiteral("project/recent");
    return key;
}

QStringList recentFiles() {
    QStringList files = QSettings().value(recentKey()).toStringList();
    files.removeIf([](const QString& file) { return !QFileInfo::exists(file); });
    return files;
}

// The experiment of a project's folder: experiment.toml, else the first file that there is.
QString experimentIn(const QDir& folder) {
    if (folder.exists(QStringLiteral("experiment.toml")))
        return folder.filePath(QStringLiteral("experiment.toml"));
    const QStringList files = folder.entryList({QStringLiteral("*.toml")}, QDir::Files, QDir::Name);
    return files.isEmpty() ? QString() : folder.filePath(files.first());
}

} // namespace

ProjectActions::ProjectActions(ui::MainFrame& frame, ExperimentDocument& document, QObject* parent)
    : QObject(parent), m_frame(frame), m_document(document), m_draft(document) {
    connect(&document, &ExperimentDocument::fileChanged, this, &ProjectActions::fileChanged);
    connect(&document, &ExperimentDocument::changedChanged, &frame, &QWidget::setWindowModified);
    fillMenus();
}

QString ProjectActions::runsFolder() const {
    return m_runsFolder.isEmpty() ? m_document.projectFolder() + QStringLiteral("/runs") : m_runsFolder;
}

QAction* ProjectActions::add(QMenu& menu, const char* iconName, const QString& text, const QKeySequence& keys,
                             const std::function<void()>& act) {
    auto* action = new QAction(*iconName ? ui::icon(QLatin1String(iconName)) : QIcon(), text, this);
    action->setShortcut(keys);
    connect(action, &QAction::triggered, this, act);
    menu.addAction(action);
    return action;
}

void ProjectActions::fillMenus() {
    QMenu& menu = *m_frame.topBar().mainMenu();
    menu.addSeparator();
    const auto file = [&](const char* iconName, const QString& text, const QKeySequence& keys, auto act) {
        m_actions.append(add(menu, iconName, text, keys, [this, act] { (this->*act)(); }));
    };
    file("plus", tr("New experiment"), QKeySequence(Qt::CTRL | Qt::Key_N), &ProjectActions::newExperiment);
    file("folder-open", tr("Open experiment…"), QKeySequence(Qt::CTRL | Qt::Key_O), &ProjectActions::chooseFile);
    file("save", tr("Save experiment"), QKeySequence(Qt::CTRL | Qt::Key_S), &ProjectActions::save);
    file("", tr("Save experiment as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), &ProjectActions::saveAs);
    file("images", tr("Open the sample"), {}, &ProjectActions::openSample);
    file("download", tr("Import runs…"), {}, &ProjectActions::importRequested);
    menu.addSeparator();
    m_actions.append(
        add(menu, "x", tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { Q_EMIT quitRequested(); }));
    m_frame.addActions(m_actions);
    QMenu* project = m_frame.topBar().projectMenu();
    connect(project, &QMenu::aboutToShow, this, [this, project] { fillProjectMenu(*project); });
}

void ProjectActions::fillProjectMenu(QMenu& menu) {
    menu.clear();
    for (const auto& file : recentFiles()) {
        QAction* action = menu.addAction(ui::icon(QStringLiteral("file-text")), shortPath(file));
        connect(action, &QAction::triggered, this, [this, file] { ifMayLeave([this, file] { openFile(file); }); });
    }
    menu.addSeparator();
    menu.addActions(m_actions.mid(0, 2));
    menu.addSeparator();
    QAction* folder = menu.addAction(ui::icon(QStringLiteral("folder-open")), tr("Open the project's folder"));
    connect(folder, &QAction::triggered, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_document.projectFolder())); });
}

void ProjectActions::fileChanged() {
    const QString file = m_document.file();
    const QString folder = m_document.projectFolder();
    m_frame.topBar().setProjectName(file.isEmpty() ? tr("Untitled") : QFileInfo(folder).fileName());
    m_frame.setWindowTitle(file.isEmpty() ? tr("Untitled[*], runs in %1").arg(shortPath(runsFolder()))
                                          : tr("%1[*], %2").arg(QFileInfo(file).fileName(), shortPath(folder)));
    m_frame.setWindowModified(m_document.changed());
    if (!file.isEmpty()) {
        QSettings settings;
        QStringList recent = recentFiles();
        recent.removeAll(file);
        recent.prepend(file);
        settings.setValue(recentKey(), recent.mid(0, kMostRecent));
        settings.setValue(lastKey(), file);
    }
    Q_EMIT projectChanged();
}

void ProjectActions::showFailure(const Trouble& trouble) const {
    m_frame.toasts().show({ui::Tone::Danger, trouble.message, trouble.remedy, {}, {}, {}});
}

// Work would end only where edits have no file to go back to.
void ProjectActions::ifMayLeave(const std::function<void()>& then) {
    if (!m_document.changed() || m_document.experiment().data.path.empty()) {
        then();
        return;
    }
    ui::QuestionDialog::ask(
        &m_frame,
        {.title = tr("Save %1 before you leave it?").arg(words(m_document.experiment().name)),
         .text = tr("Without saving, the changes since it was last saved are lost. Runs keep their own settings."),
         .keep = tr("Stay"),
         .act = tr("Leave without saving"),
         .destructive = true,
         .other = m_document.file().isEmpty() ? tr("Save…") : tr("Save"),
         .actOtherwise = [this, then] { saveThen(then); }},
        [this, then](bool) {
            m_draft.drop(m_document.file());
            then();
        });
}

void ProjectActions::openFile(const QString& file) {
    try {
        m_document.open(file);
        m_frame.showPage(pages::setup());
        takeUpDraft();
    } catch (const engine::Error&) {
        showFailure(currentTrouble());
    }
}

// Edits that were not saved the last time come back as one step that can be undone.
void ProjectActions::takeUpDraft() {
    const QString draft = Draft::file(m_document.file());
    if (!QFileInfo::exists(draft))
        return;
    m_document.apply(engine::readExperiment(toPath(draft)), tr("Edits of the last time"));
    if (m_document.changed())
        m_frame.toasts().show(
            {ui::Tone::Muted,
             tr("Edits of the last time are back"),
             tr("They were not saved in %1. Undo takes them away.").arg(QFileInfo(m_document.file()).fileName()),
             {},
             {},
             QStringLiteral("history")});
}

void ProjectActions::openTarget(const QString& path) {
    const QFileInfo info(path);
    const QDir folder(info.absoluteFilePath());
    static const QStringList tables{QStringLiteral("csv"), QStringLiteral("tsv"), QStringLiteral("jsonl"),
                                    QStringLiteral("ndjson")};
    if (info.isFile() && tables.contains(info.suffix().toLower())) {
        engine::Experiment experiment;
        experiment.name = info.completeBaseName().toStdString();
        experiment.data.path = toPath(info.absoluteFilePath());
        m_document.startNew(std::move(experiment), untitledFolder());
        return;
    }
    if (!info.isDir()) {
        openFile(info.absoluteFilePath());
        if (m_document.projectFolder().isEmpty())
            newExperiment();
        return;
    }
    const bool isRun = folder.exists(QStringLiteral("summary.json"));
    if (isRun) {
        try {
            engine::Experiment experiment =
                engine::readExperiment(toPath(folder.filePath(QStringLiteral("experiment.toml"))));
            m_runsFolder = QFileInfo(folder.path()).absolutePath();
            m_document.startNew(std::move(experiment), QFileInfo(m_runsFolder).absolutePath());
            Q_EMIT runRequested(folder.dirName());
        } catch (const engine::Error&) {
            showFailure(currentTrouble());
            newExperiment();
        }
        return;
    }
    if (const QString file = experimentIn(folder); !file.isEmpty()) {
        openFile(file);
        return;
    }
    engine::Experiment experiment;
    experiment.name = folder.dirName().toStdString();
    if (folder.exists(QStringLiteral("runs"))) {
        m_document.startNew(std::move(experiment), folder.path());
        return;
    }
    experiment.data.path = toPath(folder.path());
    m_document.startNew(std::move(experiment), untitledFolder());
}

void ProjectActions::openLast() {
    QSettings settings;
    const QString last = settings.value(lastKey()).toString();
    if (const auto of = Draft::last()) {
        if (!of->isEmpty() && QFileInfo::exists(*of)) {
            openFile(*of);
            return;
        }
        try {
            m_document.startNew(engine::readExperiment(toPath(Draft::file(*of))), untitledFolder());
            m_document.markChanged();
            return;
        } catch (const engine::Error&) {
            showFailure(currentTrouble());
        }
    }
    if (!last.isEmpty() && QFileInfo::exists(last)) {
        openFile(last);
        if (!m_document.file().isEmpty())
            return;
    }
    newExperiment();
    if (last.isEmpty())
        drawSample([](const Outcome<QString>&) {}); // so that it is there when it is asked for
}

// Its experiment's file, once the pictures are there.
void ProjectActions::drawSample(const std::function<void(Outcome<QString>)>& then) {
    m_background.run(
        [] {
            engine::createSampleProject(engine::sampleFolder());
            return words(engine::sampleFolder() / "pretrained.toml");
        },
        then);
}

void ProjectActions::openSample() {
    ifMayLeave([this] {
        m_opening = true;
        const bool leaves = m_document.changed(); // agreed to
        if (!m_background.idle())                 // it is still being drawn
            m_frame.toasts().show({.tone = ui::Tone::Muted,
                                   .title = tr("The sample's pictures are being drawn"),
                                   .detail = tr("It opens in some seconds."),
                                   .iconName = QStringLiteral("hourglass")});
        drawSample([this, leaves](const Outcome<QString>& outcome) {
            m_opening = false;
            if (m_document.changed() && !leaves) // something else was begun meanwhile
                return;
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                showFailure(*trouble);
            else
                openFile(std::get<QString>(outcome));
        });
    });
}

void ProjectActions::newExperiment() {
    ifMayLeave([this] {
        m_document.startNew({}, untitledFolder());
        m_frame.showPage(pages::setup());
    });
}

void ProjectActions::chooseFile() {
    auto* dialog =
        new QFileDialog(&m_frame, tr("Open experiment"), m_document.projectFolder(), tr("Experiments (*.toml)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& file) { ifMayLeave([this, file] { openFile(file); }); });
    dialog->open();
}

void ProjectActions::saveThen(const std::function<void()>& then) {
    if (m_document.file().isEmpty()) {
        saveAsThen(then);
        return;
    }
    if (!m_document.changedOnDisk()) {
        saveTo(m_document.file(), then);
        return;
    }
    ui::QuestionDialog::ask(
        &m_frame,
        {.title = tr("Replace %1?").arg(QFileInfo(m_document.file()).fileName()),
         .text = tr("Another program changed it since it was opened here. Saving replaces what it wrote."),
         .keep = tr("Keep it"),
         .act = tr("Replace"),
         .destructive = true},
        [this, then](bool) { saveTo(m_document.file(), then); });
}

void ProjectActions::saveTo(const QString& file, const std::function<void()>& then) {
    const QString before = m_document.file();
    try {
        m_document.save(file);
        m_draft.drop(before);
        if (then)
            then();
    } catch (const engine::Error&) {
        showFailure(currentTrouble());
    }
}

void ProjectActions::saveAsThen(const std::function<void()>& then) {
    auto* dialog = new QFileDialog(&m_frame, tr("Save experiment"), QDir::homePath(), tr("Experiments (*.toml)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("toml"));
    dialog->selectFile(words(m_document.experiment().name) + QStringLiteral(".toml"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, then](const QString& file) { saveTo(file, then); });
    dialog->open();
}

} // namespace app
