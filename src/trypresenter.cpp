#include "src/trypresenter.h"

#include "engine/api/datareport.h"
#include "engine/api/devices.h"
#include "engine/api/predict.h"
#include "src/metricwords.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/try/trypage.h"

#include <QDir>
#include <QDirIterator>
#include <QEvent>
#include <QFileInfo>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <list>
#include <utility>

namespace app {
namespace {

constexpr int kTriedSide = 128;
constexpr int kPictureSide = 720; // of the current one, shown large
constexpr int kTopClasses = 5;
constexpr int kPushMs = 60;
constexpr qsizetype kMostFiles = 2000;
constexpr std::size_t kMostModels = 4; // held in memory

QStringList pictureNames() {
    QStringList names;
    for (const std::string& ending : engine::pictureEndings())
        names.append(QLatin1Char('*') + QString::fromStdString(ending));
    return names;
}

QStringList picturesOf(const QStringList& paths) {
    QStringList files;
    for (const auto& path : paths) {
        if (!QFileInfo(path).isDir()) {
            files.append(path);
            continue;
        }
        QStringList inside;
        QDirIterator it(path, pictureNames(), QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext() && inside.size() < kMostFiles)
            inside.append(it.next());
        inside.sort();
        files.append(inside);
    }
    return files.mid(0, kMostFiles);
}

} // namespace

// The models in memory, most recently used first.
struct Predictors {
    struct Entry {
        QString folder;
        engine::Predictor predictor;
    };
    std::list<Entry> entries;

    engine::Predictor& of(const QString& folder) {
        for (auto it = entries.begin(); it != entries.end(); ++it)
            if (it->folder == folder) {
                entries.splice(entries.begin(), entries, it);
                return it->predictor;
            }
        entries.push_front({folder, engine::Predictor::fromRun(toPath(folder))});
        if (entries.size() > kMostModels)
            entries.pop_back();
        return entries.front().predictor;
    }
    void forget(const QString& folder) {
        entries.remove_if([&](const Entry& entry) { return entry.folder == folder; });
    }
};

namespace {

enum class Answers { OneClass, AnyLabels };

ui::TryResult lookAt(engine::Predictor& predictor, const QString& file, std::stop_token stop, Answers answers) {
    ui::TryResult result;
    result.file = file;
    result.exclusive = answers == Answers::OneClass;
    const std::filesystem::path path = toPath(file);
    const auto predictions = predictor.predict(std::span(&path, 1), kTopClasses, stop);
    if (predictions.empty())
        return result;
    const engine::Prediction& one = predictions.front();
    result.problem = words(one.problem);
    result.width = one.width;
    result.height = one.height;
    result.decodeMs = one.decodeMs;
    result.prepareMs = one.prepareMs;
    result.modelMs = one.modelMs;
    for (const auto& top : one.top)
        result.top.append({words(top.label), static_cast<double>(top.probability)});
    if (result.problem.isEmpty())
        result.thumbnail = toImage(engine::loadThumbnail(path, kTriedSide));
    return result;
}

ui::TryHeat heatOf(const engine::HeatMap& map, const QString& label, engine::HeatMethod method) {
    if (!map.problem.empty())
        return {.words = words(map.problem)};
    if (method == engine::HeatMethod::AttentionRollout)
        return {.width = map.width,
                .height = map.height,
                .values = {map.values.begin(), map.values.end()},
                .words = TryPresenter::tr("what it looked at, through %1").arg(words(map.block))};
    return {.width = map.width,
            .height = map.height,
            .values = {map.values.begin(), map.values.end()},
            .words = TryPresenter::tr("what speaks for %1, at %2").arg(label, words(map.block))};
}

} // namespace

TryPresenter::TryPresenter(ui::TryPage& page, RunLibrary& library, QObject* parent)
    : QObject(parent), m_page(page), m_library(library), m_predictors(std::make_shared<Predictors>()) {
    m_push.setSingleShot(true);
    m_push.setInterval(kPushMs);
    connect(&m_push, &QTimer::timeout, this, [this] {
        m_page.setResults(m_results);
        if (const bool there = std::ranges::find(m_results, m_wanted, &ui::TryResult::file) != m_results.end(); there)
            m_page.setCurrentFile(std::exchange(m_wanted, QString()));
    });
    connect(&library, &RunLibrary::refreshed, this, &TryPresenter::updateModels);
    connect(&page, &ui::TryPage::modelChosen, this, &TryPresenter::setModel);
    connect(&page, &ui::TryPage::filesChosen, this, &TryPresenter::look);
    connect(&page, &ui::TryPage::imagePasted, this, &TryPresenter::paste);
    connect(&page, &ui::TryPage::currentChanged, this, &TryPresenter::showCurrent);
    connect(&page, &ui::TryPage::heatWanted, this, &TryPresenter::showHeat);
    connect(&page, &ui::TryPage::setupRequested, this, &TryPresenter::setupRequested);
    connect(&page, &ui::TryPage::cleared, this, [this] {
        m_results.clear();
        restart();
    });
    // The first look at the devices may load CUDA's libraries, which takes longer than a window may.
    m_background.run([] { return engine::devices(); },
                     [this](const Outcome<std::vector<engine::DeviceInfo>>& outcome) {
                         const auto* devices = std::get_if<0>(&outcome);
                         if (devices != nullptr && !devices->empty()) // a GPU where there is one
                             m_page.setDevice(words(devices->at(devices->size() > 1 ? 1 : 0).name));
                     });
    page.installEventFilter(this);
    page.setModels({});
}

TryPresenter::~TryPresenter() { m_stop.request_stop(); }

bool TryPresenter::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_page && event->type() == QEvent::Show)
        updateModels();
    return QObject::eventFilter(watched, event);
}

QString TryPresenter::folderOf(const QString& id) const {
    const auto* run = m_library.find(id);
    return run ? words(run->folder) : QString();
}

void TryPresenter::updateModels() {
    if (!m_page.isVisible())
        return;
    QList<ui::TryModel> models;
    for (const auto& run : m_library.runs()) {
        if (run.bestEpoch <= 0 || run.lastCheckpointStep < 0)
            continue;
        models.append(
            {words(run.id), tr("%1, best (epoch %2)").arg(words(run.name)).arg(run.bestEpoch),
             std::isfinite(engine::bestMonitored(run)) ? tr("%1 on validation").arg(namedBest(run)) : QString()});
    }
    const bool same =
        std::equal(models.begin(), models.end(), m_models.begin(), m_models.end(), [](const auto& a, const auto& b) {
            return a.id == b.id && a.name == b.name && a.detail == b.detail;
        });
    if (same)
        return;
    // A better checkpoint is another model.
    for (const auto& old : m_models)
        for (const auto& now : models)
            if (old.id == now.id && old.name != now.name)
                m_background.run(
                    [predictors = m_predictors, folder = folderOf(now.id)] {
                        predictors->forget(folder);
                        return 0;
                    },
                    [](const Outcome<int>&) {});
    m_models = models;
    m_page.setModels(models);
    const bool there = std::any_of(models.begin(), models.end(), [this](const auto& one) { return one.id == m_model; });
    if (!there)
        setModel(models.isEmpty() ? QString() : models.first().id);
    else
        m_page.setModel(m_model);
}

void TryPresenter::setModel(const QString& id) {
    m_page.setModel(id);
    if (id == m_model)
        return;
    m_model = id;
    updateCommand();
    restart();
}

void TryPresenter::restart() {
    m_stop.request_stop();
    m_stop = std::stop_source();
    ++m_generation;
    m_waiting = 0;
    m_page.setBusy({});
    QStringList files;
    for (const auto& result : m_results)
        files.append(result.file);
    if (m_model.isEmpty())
        m_results.clear();
    m_page.setResults(m_results);
    if (!files.isEmpty() && !m_model.isEmpty())
        predict(files);
}

void TryPresenter::look(const QStringList& paths) {
    if (m_model.isEmpty())
        return;
    m_background.run([paths] { return picturesOf(paths); },
                     [this, generation = m_generation](Outcome<QStringList> outcome) {
                         const auto* files = std::get_if<QStringList>(&outcome);
                         if (!files || generation != m_generation)
                             return;
                         if (files->isEmpty())
                             Q_EMIT failed(
                                 tr("There is no picture in it."),
                                 tr("%1 files are pictures.").arg(QString::fromStdString(engine::formatNames())));
                         else {
                             m_wanted = files->first(); // what was brought is what one wants to see
                             predict(*files);
                         }
                     });
}

void TryPresenter::predict(const QStringList& files) {
    m_waiting += static_cast<int>(files.size());
    m_page.setBusy(m_waiting == 1 ? tr("Looking at 1 picture") : tr("Looking at %1 pictures").arg(m_waiting));
    const auto* run = m_library.find(m_model);
    const Answers answers = run && !isExclusive(run->task) ? Answers::AnyLabels : Answers::OneClass;
    for (const auto& file : files)
        m_background.run(
            [predictors = m_predictors, folder = folderOf(m_model), file, stop = m_stop.get_token(), answers] {
                if (stop.stop_requested())
                    throw engine::Error(engine::ErrorKind::Stopped, "Another model was chosen.");
                return lookAt(predictors->of(folder), file, stop, answers);
            },
            [this, generation = m_generation, file](Outcome<ui::TryResult> outcome) {
                if (generation != m_generation)
                    return;
                if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                    m_waiting = 0;
                    ++m_generation;
                    m_stop.request_stop();
                    m_stop = std::stop_source();
                    m_page.setBusy({});
                    Q_EMIT failed(trouble->message, trouble->remedy);
                    return;
                }
                const auto& result = std::get<ui::TryResult>(outcome);
                const auto place =
                    std::find_if(m_results.begin(), m_results.end(), [&](const auto& one) { return one.file == file; });
                if (place != m_results.end())
                    *place = result;
                else
                    m_results.append(result);
                if (--m_waiting == 0)
                    m_page.setBusy({});
                if (!m_push.isActive())
                    m_push.start();
                if (m_page.currentFile() == file)
                    showCurrent(file);
            });
}

void TryPresenter::showCurrent(const QString& file) {
    updateCommand();
    if (file.isEmpty() || m_model.isEmpty())
        return;
    if (m_page.showsHeat())
        showHeat(file);
    struct Other {
        QString folder, name;
        int colour = 1;
    };
    QList<Other> others;
    for (const auto& id : m_library.ticked())
        if (const auto* run = m_library.find(id); run && id != m_model && run->bestEpoch > 0)
            others.append({words(run->folder), words(run->name), std::max(1, run->colour)});
    struct Seen {
        QImage picture;
        QImage image;
        QList<ui::TryOther> others;
    };
    m_background.run(
        [predictors = m_predictors, folder = folderOf(m_model), file, others, stop = m_stop.get_token()] {
            Seen seen;
            if (stop.stop_requested())
                return seen;
            seen.image = toImage(predictors->of(folder).asModelSees(toPath(file)));
            const std::filesystem::path path = toPath(file);
            seen.picture = toImage(engine::loadThumbnail(path, kPictureSide));
            for (const auto& other : others) {
                if (stop.stop_requested())
                    break;
                const auto answers = predictors->of(other.folder).predict(std::span(&path, 1), 1, stop);
                if (!answers.empty() && !answers.front().top.empty())
                    seen.others.append({other.name, other.colour, words(answers.front().top.front().label),
                                        static_cast<double>(answers.front().top.front().probability)});
            }
            return seen;
        },
        [this, file, generation = m_generation](Outcome<Seen> outcome) {
            const auto* seen = std::get_if<0>(&outcome);
            if (!seen || generation != m_generation)
                return; // the list says of this picture that it cannot be read
            m_page.setPicture(file, seen->picture);
            m_page.setSeen(file, seen->image, tr("%1 × %2, centre").arg(seen->image.width()).arg(seen->image.height()));
            for (auto& result : m_results)
                if (result.file == file) {
                    result.others = seen->others;
                    m_page.setResults(m_results);
                    break;
                }
        });
}

void TryPresenter::showHeat(const QString& file) {
    if (file.isEmpty() || m_model.isEmpty())
        return;
    m_page.setHeat(file, {}); // of another model
    m_background.run(
        [predictors = m_predictors, folder = folderOf(m_model), file,
         method = m_page.showsAttention() ? engine::HeatMethod::AttentionRollout : engine::HeatMethod::GradCam] {
            engine::Predictor& predictor = predictors->of(folder);
            const std::filesystem::path path = toPath(file);
            const auto answers = predictor.predict(std::span(&path, 1), 1);
            if (answers.empty() || answers.front().top.empty())
                return ui::TryHeat();
            const engine::ClassProbability& answer = answers.front().top.front();
            return heatOf(predictor.heatMap(path, answer.index, method), words(answer.label), method);
        },
        [this, file, generation = m_generation](const Outcome<ui::TryHeat>& outcome) {
            if (generation != m_generation)
                return;
            if (const auto* heat = std::get_if<0>(&outcome))
                m_page.setHeat(file, *heat);
            else
                Q_EMIT failed(std::get<Trouble>(outcome).message, std::get<Trouble>(outcome).remedy);
        });
}

void TryPresenter::paste(const QImage& image) {
    if (!m_pasted)
        m_pasted = std::make_unique<QTemporaryDir>();
    const QString file = m_pasted->filePath(tr("pasted-%1.png").arg(++m_pastedCount));
    m_background.run([image, file] { return image.save(file) ? file : QString(); },
                     [this](Outcome<QString> outcome) {
                         if (const auto* saved = std::get_if<QString>(&outcome); saved && !saved->isEmpty())
                             look({*saved});
                     });
}

void TryPresenter::updateCommand() {
    if (m_model.isEmpty()) {
        m_page.setCommand({});
        return;
    }
    const QString file = m_page.currentFile();
    const auto quoted = [](const QString& text) {
        return text.contains(QLatin1Char(' ')) ? QStringLiteral("'%1'").arg(text) : text;
    };
    m_page.setCommand(QStringLiteral("thaw predict %1 %2")
                          .arg(quoted(shortPath(folderOf(m_model))),
                               file.isEmpty() ? QStringLiteral("photo.jpg") : quoted(shortPath(file))));
}

} // namespace app
