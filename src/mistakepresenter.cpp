#include "src/mistakepresenter.h"

#include "engine/api/datakinds.h"
#include "engine/api/datareport.h"
#include "src/labellist.h"
#include "src/samplewords.h"
#include "src/values.h"
#include "ui/mistakes/pictureviewer.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QUrl>

#include <algorithm>

namespace app {
namespace {

constexpr int kLargeSide = 1200; // pixels of the short side that is enough for any screen

QStringList classesOf(const engine::RunReader& reader) {
    QStringList classes;
    for (const auto& name : reader.classNames())
        classes.append(words(name));
    return classes;
}

ShownPictures readChosen(const QString& folder, int epoch, ui::MistakeChoice choice) {
    const engine::RunReader reader(toPath(folder));
    const QStringList classes = classesOf(reader);
    const auto samples = reader.samples(epoch);
    const bool all = choice.truth == ui::MistakeChoice::kAnyOther && choice.predicted == ui::MistakeChoice::kAnyOther;
    ShownPictures made;
    made.root = engine::dataRoot(reader.experiment().dataPath());
    made.pictures = all ? mistakesOf(samples, classes, made.root) : chosenOf(samples, classes, made.root, choice);
    made.words = choiceWords(made.pictures.size(), classes, choice, reader.summary().task);
    if (!giveSeveralLabels(samples))
        made.classes = classes;
    return made;
}

struct Loaded {
    QImage picture;
    QSize size;
};

} // namespace

MistakePresenter::MistakePresenter(QWidget& page, QObject* parent) : QObject(parent), m_page(page) {}

MistakePresenter::~MistakePresenter() { delete m_viewer; }

void MistakePresenter::setLabels(LabelList* labels) {
    m_labels = labels;
    if (labels)
        connect(labels, &LabelList::changed, this, &MistakePresenter::showChanges);
}

void MistakePresenter::makeViewer() {
    m_viewer = new ui::PictureViewer(&m_page);
    m_viewer->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_viewer, &ui::PictureViewer::pictureWanted, this, &MistakePresenter::load);
    connect(m_viewer, &ui::PictureViewer::folderRequested, this, [](const QString& file) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(file).absolutePath()));
    });
    connect(m_viewer, &ui::PictureViewer::changeRequested, this, &MistakePresenter::change);
}

void MistakePresenter::show(const ShownPictures& shown, int current) {
    if (shown.pictures.isEmpty())
        return;
    m_shown = shown;
    if (!m_viewer)
        makeViewer();
    m_viewer->setClasses(shown.classes);
    m_viewer->setPictures(shown.words, shown.pictures, current);
    showChanges();
    m_viewer->open();
}

void MistakePresenter::showChanges() {
    if (!m_viewer || !m_labels)
        return;
    using Kind = ui::PictureChange::Kind;
    QHash<QString, ui::PictureChange> changes;
    for (const engine::LabelChange& one : m_labels->changesOf(m_shown.root))
        changes.insert(words(m_shown.root / one.file),
                       {one.leavesOut() ? Kind::LeftOut : Kind::Relabelled, words(one.label)});
    m_viewer->setChanges(changes);
}

void MistakePresenter::change(const QString& file, const std::optional<ui::PictureChange>& change) {
    if (!m_labels)
        return;
    const auto relative = toPath(file).lexically_relative(m_shown.root).generic_string();
    if (!change) {
        m_labels->takeBack(m_shown.root, {words(relative)});
        return;
    }
    const auto picture = std::ranges::find(m_shown.pictures, file, &ui::Misclassified::file);
    const QString was = picture == m_shown.pictures.end() ? QString() : picture->truth;
    m_labels->say({{m_shown.root, relative, change->label.toStdString(), was.toStdString(), 0}});
}

void MistakePresenter::showChosen(const QString& runFolder, int epoch, ui::MistakeChoice choice) {
    m_background.run([runFolder, epoch, choice] { return readChosen(runFolder, epoch, choice); },
                     [this](const Outcome<ShownPictures>& outcome) {
                         if (const auto* chosen = std::get_if<0>(&outcome))
                             show(*chosen, 0);
                     });
}

void MistakePresenter::showAll(const QString& runFolder, int epoch, const QString& file) {
    m_background.run([runFolder, epoch] { return readChosen(runFolder, epoch, {}); },
                     [this, file](const Outcome<ShownPictures>& outcome) {
                         const auto* chosen = std::get_if<0>(&outcome);
                         if (!chosen)
                             return;
                         const auto place = std::ranges::find(chosen->pictures, file, &ui::Misclassified::file);
                         const auto index = place == chosen->pictures.end() ? 0 : place - chosen->pictures.begin();
                         show(*chosen, static_cast<int>(index));
                     });
}

void MistakePresenter::load(const QString& file) {
    m_pictures.clear(); // what is not in sight any more
    m_pictures.run(
        [file] {
            const QImage picture = toImage(engine::loadThumbnail(toPath(file), kLargeSide));
            const bool whole = std::min(picture.width(), picture.height()) < kLargeSide;
            return Loaded{picture, whole ? picture.size() : QSize()}; // a larger one is made smaller
        },
        [this, file](const Outcome<Loaded>& outcome) {
            const auto* loaded = std::get_if<0>(&outcome);
            if (m_viewer)
                m_viewer->setPicture(file, loaded ? loaded->picture : QImage(), loaded ? loaded->size : QSize());
        });
}

} // namespace app
