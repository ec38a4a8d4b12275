#include "src/mistakepresenter.h"

#include "engine/api/datareport.h"
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

struct Chosen {
    QString words;
    QList<ui::Misclassified> pictures;
};

QStringList classesOf(const engine::RunReader& reader) {
    QStringList classes;
    for (const auto& name : reader.classNames())
        classes.append(words(name));
    return classes;
}

Chosen readChosen(const QString& folder, int epoch, ui::MistakeChoice choice) {
    const engine::RunReader reader(toPath(folder));
    const QStringList classes = classesOf(reader);
    const auto root = dataRoot(reader.experiment().dataPath());
    const bool all = choice.truth == ui::MistakeChoice::kAnyOther && choice.predicted == ui::MistakeChoice::kAnyOther;
    Chosen made;
    made.pictures =
        all ? mistakesOf(reader.samples(epoch), classes, root) : chosenOf(reader.samples(epoch), classes, root, choice);
    made.words = choiceWords(made.pictures.size(), classes, choice, reader.summary().task);
    return made;
}

struct Loaded {
    QImage picture;
    QSize size;
};

} // namespace

MistakePresenter::MistakePresenter(QWidget& page, QObject* parent) : QObject(parent), m_page(page) {}

MistakePresenter::~MistakePresenter() { delete m_viewer; }

void MistakePresenter::show(const QString& words, const QList<ui::Misclassified>& pictures, int current) {
    if (pictures.isEmpty())
        return;
    if (!m_viewer) {
        m_viewer = new ui::PictureViewer(&m_page);
        m_viewer->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_viewer, &ui::PictureViewer::pictureWanted, this, &MistakePresenter::load);
        connect(m_viewer, &ui::PictureViewer::folderRequested, this, [](const QString& file) {
            QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(file).absolutePath()));
        });
    }
    m_viewer->setPictures(words, pictures, current);
    m_viewer->open();
}

void MistakePresenter::showChosen(const QString& runFolder, int epoch, ui::MistakeChoice choice) {
    m_background.run([runFolder, epoch, choice] { return readChosen(runFolder, epoch, choice); },
                     [this](const Outcome<Chosen>& outcome) {
                         if (const auto* chosen = std::get_if<0>(&outcome))
                             show(chosen->words, chosen->pictures, 0);
                     });
}

void MistakePresenter::showAll(const QString& runFolder, int epoch, const QString& file) {
    m_background.run([runFolder, epoch] { return readChosen(runFolder, epoch, {}); },
                     [this, file](const Outcome<Chosen>& outcome) {
                         const auto* chosen = std::get_if<0>(&outcome);
                         if (!chosen)
                             return;
                         const auto place = std::ranges::find(chosen->pictures, file, &ui::Misclassified::file);
                         const auto index = place == chosen->pictures.end() ? 0 : place - chosen->pictures.begin();
                         show(chosen->words, chosen->pictures, static_cast<int>(index));
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
