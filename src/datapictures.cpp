#include "src/datapictures.h"

#include "engine/api/datakinds.h"
#include "engine/api/datareport.h"
#include "engine/api/pictures.h"
#include "engine/api/tasks.h"
#include "src/experimentdocument.h"
#include "src/labellist.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/mistakes/changesdialog.h"
#include "ui/setup/setuppage.h"

#include <QDateTime>

namespace app {
namespace {

QStringList namesOf(const engine::DataReport& report) {
    QStringList names;
    for (const engine::ClassCount& one : report.classes)
        names.append(words(one.name));
    return names;
}

ShownPictures readClass(const engine::Experiment& experiment, int label) {
    const QStringList classes = namesOf(engine::listData(experiment));
    ShownPictures made;
    made.root = engine::dataRoot(experiment.dataPath());
    int training = 0;
    for (const engine::ListedPicture& picture : engine::picturesOf(experiment, label)) {
        training += picture.training ? 1 : 0;
        ui::Misclassified one;
        one.file = words(made.root / picture.file);
        one.truth = classes.value(label);
        made.pictures.append(one);
    }
    made.words = DataPictures::tr("%1 to train on, %2 to validate")
                     .arg(ui::formatExact(training), ui::formatExact(made.pictures.size() - training));
    if (engine::findTask(experiment.data.task).exclusive)
        made.classes = classes;
    return made;
}

} // namespace

DataPictures::DataPictures(ui::SetupPage& page, ExperimentDocument& document, LabelList& labels, QObject* parent)
    : QObject(parent), m_page(page), m_document(document), m_labels(labels), m_viewer(page) {
    m_viewer.setLabels(&labels);
    connect(&page, &ui::SetupPage::classOpened, this, &DataPictures::showClass);
    connect(&page, &ui::SetupPage::changesRequested, this, &DataPictures::review);
    connect(&labels, &LabelList::changed, this, &DataPictures::showChanges);
    connect(&document, &ExperimentDocument::valuesChanged, this, &DataPictures::showChanges);
}

DataPictures::~DataPictures() = default;

std::filesystem::path DataPictures::root() const { return engine::dataRoot(m_document.experiment().dataPath()); }

void DataPictures::showClass(int label) {
    m_background.run([experiment = m_document.experiment(), label] { return readClass(experiment, label); },
                     [this](const Outcome<ShownPictures>& outcome) {
                         if (const auto* shown = std::get_if<0>(&outcome))
                             m_viewer.show(*shown, 0);
                     });
}

void DataPictures::leaveOut(const QStringList& files) {
    std::vector<engine::LabelChange> changes;
    for (const QString& file : files)
        changes.push_back({root(), file.toStdString(), {}, {}, 0});
    m_labels.say(changes);
    Q_EMIT leftOut(files);
}

void DataPictures::takeBack(const QStringList& files) { m_labels.takeBack(root(), files); }

void DataPictures::review() {
    if (!m_dialog) {
        m_dialog = new ui::ChangesDialog(&m_page);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_dialog, &ui::ChangesDialog::takeBackRequested, this, &DataPictures::takeBack);
        connect(m_dialog, &ui::ChangesDialog::pictureOpened, this, &DataPictures::openChanged);
    }
    showChanges();
    m_dialog->open();
}

void DataPictures::showChanges() {
    const auto changes = m_labels.changesOf(root());
    m_page.setChangedLabels(static_cast<int>(changes.size()));
    if (!m_dialog)
        return;
    const auto now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    QList<ui::ChangedPicture> shown;
    for (const engine::LabelChange& change : changes)
        shown.append({words(change.file), words(change.file), change.was.empty() ? ui::missing() : words(change.was),
                      change.leavesOut() ? tr("left out") : words(change.label),
                      change.time > 0 ? ui::formatWhen(change.time, now) : ui::missing()});
    m_dialog->setChanges(shown);
}

void DataPictures::openChanged(int index) {
    ShownPictures shown{
        .words = tr("What was said of pictures against their data"), .pictures = {}, .root = root(), .classes = {}};
    for (const engine::LabelChange& change : m_labels.changesOf(shown.root)) {
        ui::Misclassified one;
        one.file = words(shown.root / change.file);
        one.truth = change.was.empty() ? tr("Left out") : words(change.was);
        shown.pictures.append(one);
    }
    m_viewer.show(shown, index);
}

} // namespace app
