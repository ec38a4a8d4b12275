#include "src/runlibrary.h"

#include "engine/api/importruns.h"
#include "src/metricwords.h"
#include "src/runcontroller.h"
#include "src/values.h"
#include "ui/format.h"

#include <QDateTime>
#include <QSettings>

#include <algorithm>
#include <array>
#include <cmath>

namespace app {
namespace {

constexpr int kRefreshMs = 1000;
constexpr int kColours = 20;

double now() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

QString tickKey(const QString& folder) {
    return QStringLiteral("ticks/%1").arg(QString::fromLatin1(folder.toUtf8().toHex()));
}

QStringList tagsOf(const engine::RunSummary& run) {
    QStringList tags;
    for (const auto& tag : run.tags)
        tags.append(words(tag));
    return tags;
}

bool sameRow(const engine::RunSummary& a, const engine::RunSummary& b) {
    return a.id == b.id && a.name == b.name && a.state == b.state && a.step == b.step && a.epoch == b.epoch &&
           a.epochs == b.epochs && a.seconds == b.seconds && a.best == b.best && a.starred == b.starred &&
           a.colour == b.colour && a.note == b.note && a.tags == b.tags && a.archived == b.archived &&
           a.lastCheckpointStep == b.lastCheckpointStep && a.failure == b.failure && a.damage == b.damage &&
           a.task == b.task && a.monitor == b.monitor;
}

engine::RunNotes notesOf(const engine::RunSummary& run) {
    return {.name = run.name,
            .tags = run.tags,
            .starred = run.starred,
            .archived = run.archived,
            .colour = run.colour,
            .note = run.note};
}

void takeNotes(engine::RunSummary& run, const engine::RunNotes& notes) {
    run.name = notes.name;
    run.tags = notes.tags;
    run.starred = notes.starred;
    run.archived = notes.archived;
    run.colour = notes.colour;
    run.note = notes.note;
}

} // namespace

RunLibrary::RunLibrary(const RunController& controller, QObject* parent)
    : QAbstractListModel(parent), m_controller(controller) {
    m_timer.setInterval(kRefreshMs);
    connect(&m_timer, &QTimer::timeout, this, &RunLibrary::refresh);
    connect(&controller, &RunController::changed, this, &RunLibrary::controllerChanged);
    connect(&controller, &RunController::created, this, &RunLibrary::refresh);
    connect(&controller, &RunController::createdAll, this, &RunLibrary::refresh);
    connect(&controller, &RunController::forked, this, &RunLibrary::refresh);
    connect(&controller, &RunController::ended, this, &RunLibrary::refresh);
}

void RunLibrary::setFolder(const QString& runsFolder) {
    if (runsFolder == m_folder)
        return;
    m_folder = runsFolder;
    ++m_generation;
    beginResetModel();
    m_runs.clear();
    endResetModel();
    loadTicks();
    forget();
    refresh();
}

void RunLibrary::setActive(bool active) {
    if (active == m_timer.isActive())
        return;
    if (active) {
        m_timer.start();
        refresh();
    } else {
        m_timer.stop();
    }
}

void RunLibrary::refresh() {
    if (m_folder.isEmpty())
        return;
    if (m_reading) {
        m_again = true;
        return;
    }
    m_reading = true;
    m_background.run(
        [folder = toPath(m_folder)] { return engine::listRuns(folder); },
        [this, generation = m_generation, notes = m_notes](Outcome<std::vector<engine::RunSummary>> outcome) {
            m_reading = false;
            const bool again = std::exchange(m_again, false) || generation != m_generation;
            if (auto* runs = std::get_if<0>(&outcome); runs && generation == m_generation) {
                if (notes != m_notes)
                    keepNotes(*runs);
                take(std::move(*runs));
            }
            if (again)
                refresh();
        });
}

// What the person changed while the folders were read is newer than what was read.
void RunLibrary::keepNotes(std::vector<engine::RunSummary>& runs) const {
    for (auto& run : runs)
        if (const auto* known = find(words(run.id)))
            takeNotes(run, notesOf(*known));
}

void RunLibrary::giveColours(std::vector<engine::RunSummary>& runs) {
    std::array<int, kColours + 1> used{};
    for (auto& run : runs)
        if (run.colour == 0)
            run.colour = m_given.value(words(run.id));
    for (const auto& run : runs)
        if (run.colour > 0)
            ++used[static_cast<std::size_t>((run.colour - 1) % kColours + 1)];
    // Oldest first, each the first of the least used colours.
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
        if (run->colour > 0)
            continue;
        const auto* free = std::min_element(used.begin() + 1, used.end());
        run->colour = static_cast<int>(free - used.begin());
        ++used[static_cast<std::size_t>(run->colour)];
        m_given.insert(words(run->id), run->colour);
        edit(
            *run, [colour = run->colour](engine::RunNotes& notes) { notes.colour = colour; },
            Failing::IsNoMatter); // a folder that only may be read
    }
}

void RunLibrary::take(std::vector<engine::RunSummary> runs) {
    giveColours(runs);
    const bool sameIds = std::equal(runs.begin(), runs.end(), m_runs.begin(), m_runs.end(),
                                    [](const auto& a, const auto& b) { return a.id == b.id; });
    if (sameIds) {
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (sameRow(runs[i], m_runs[i]))
                continue;
            m_runs[i] = std::move(runs[i]);
            Q_EMIT dataChanged(index(static_cast<int>(i)), index(static_cast<int>(i)));
        }
    } else {
        beginResetModel();
        m_runs = std::move(runs);
        endResetModel();
        Q_EMIT ticksChanged();
    }
    if (m_controller.busy())
        rowChanged(m_controller.currentId());
    Q_EMIT refreshed();
}

int RunLibrary::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

QVariant RunLibrary::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const engine::RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return words(run.name);
    case Qt::ToolTipRole:
        return !run.damage.empty() ? words(run.damage) : run.note.empty() ? words(run.folder) : words(run.note);
    case ui::RunIdRole:
        return words(run.id);
    case ui::RunStateRole:
        return static_cast<int>(stateOf(run));
    case ui::RunColourRole:
        return std::max(1, run.colour);
    case ui::RunTickedRole:
        return m_ticked.contains(words(run.id));
    case ui::RunStarredRole:
        return run.starred;
    case ui::RunBestRole:
        return bestWords(run);
    case ui::RunLineRole:
        return lineOf(run);
    case ui::RunTagsRole:
        return tagsOf(run);
    case ui::RunArchivedRole:
        return run.archived;
    case ui::RunTriedRole:
        return run.lastCheckpointStep >= 0;
    case ui::RunImportedRole:
        return run.device == engine::kImportedDevice;
    default:
        return queueData(run, role);
    }
}

QVariant RunLibrary::queueData(const engine::RunSummary& run, int role) const {
    const int place = m_controller.runQueue().placeOf(words(run.id));
    if (role == ui::RunPlaceRole)
        return place;
    if (role == ui::RunQueueStandsRole)
        return place >= 0 && m_controller.queueStands();
    return {};
}

ui::RunListState RunLibrary::stateOf(const engine::RunSummary& run) const {
    using State = ui::RunListState;
    const QString id = words(run.id);
    if (id == m_controller.currentId())
        return m_controller.paused() ? State::Paused : State::Running;
    if (m_controller.runQueue().placeOf(id) >= 0)
        return State::Queued;
    switch (run.state) {
    case engine::RunState::Running:
        return State::Running;
    case engine::RunState::Paused:
        return State::Paused;
    case engine::RunState::Finished:
        return State::Finished;
    case engine::RunState::Failed:
        return State::Failed;
    case engine::RunState::Interrupted:
        return State::Interrupted;
    case engine::RunState::Queued: // and nowhere in a queue
        return State::NotStarted;
    case engine::RunState::Stopped:
        break;
    }
    return State::Stopped;
}

QString RunLibrary::lineOf(const engine::RunSummary& run) const {
    using State = ui::RunListState;
    if (!run.damage.empty())
        return words(run.damage);
    const QString when = run.startedAt > 0 ? ui::formatWhen(run.startedAt, now()) : QString();
    const QString id = words(run.id);
    switch (stateOf(run)) {
    case State::Running:
    case State::Paused: {
        const auto progress = m_controller.progressOf(id, run.folder);
        if (m_controller.stopping() && id == m_controller.currentId())
            return tr("Stopping, saves first");
        if (progress && progress->epochs == 0)
            return tr("Loading data and weights");
        const int epochs = progress ? progress->epochs : run.epochs;
        const int epoch = progress ? progress->epoch : std::min(run.epoch + 1, run.epochs);
        const QString place = tr("Epoch %1 of %2").arg(epoch).arg(epochs);
        if (stateOf(run) == State::Paused)
            return tr("Paused · %1").arg(place);
        return progress && std::isfinite(progress->leftSeconds)
                   ? tr("%1 · %2 left").arg(place, ui::formatSpan(progress->leftSeconds))
                   : place;
    }
    case State::Queued:
        return queueLine(id);
    case State::NotStarted:
        return tr("Not started");
    case State::Stopped:
        return tr("Stopped in epoch %1 · %2").arg(std::min(run.epoch + 1, run.epochs)).arg(when);
    case State::Interrupted:
        return tr("Interrupted in epoch %1 · %2").arg(std::min(run.epoch + 1, run.epochs)).arg(when);
    case State::Failed:
        return tr("%1 · %2").arg(words(run.failure), when);
    case State::Finished:
        break;
    }
    return tr("%1 · %2").arg(when, ui::formatSpan(run.seconds));
}

QString RunLibrary::queueLine(const QString& id) const {
    const RunQueue& queue = m_controller.runQueue();
    const int place = queue.placeOf(id);
    const double notBefore = place >= 0 ? queue.waiting().at(static_cast<std::size_t>(place)).notBefore : 0;
    if (queue.held())
        return tr("Held");
    if (const auto time = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(notBefore));
        time > QDateTime::currentDateTime())
        return time.date() == QDate::currentDate()
                   ? tr("Not before %1").arg(time.toString(QStringLiteral("HH:mm")))
                   : tr("Not before %1").arg(time.toString(QStringLiteral("d MMM HH:mm")));
    if (const auto seconds = m_controller.secondsToStart(id))
        return tr("Starts in about %1").arg(ui::formatSpan(*seconds));
    if (place > 0)
        return tr("Number %1 in the queue").arg(place + 1);
    if (m_controller.queueStands())
        return tr("Begins when you press Start queue");
    return m_controller.paused() ? tr("Next, when the paused run has ended") : tr("Next");
}

engine::RunSummary* RunLibrary::listed(const QString& id) {
    const std::string name = id.toStdString();
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&](const auto& run) { return run.id == name; });
    return found == m_runs.end() ? nullptr : &*found;
}

const engine::RunSummary* RunLibrary::find(const QString& id) const {
    return const_cast<RunLibrary*>(this)->listed(id);
}

int RunLibrary::colourOf(const QString& id) const {
    const auto* run = find(id);
    return run ? std::max(1, run->colour) : 1;
}

QStringList RunLibrary::ticked() const {
    QStringList ids;
    for (const auto& run : m_runs)
        if (const QString id = words(run.id); m_ticked.contains(id))
            ids.append(id);
    return ids;
}

void RunLibrary::setTicked(const QString& id, bool ticked) {
    if (ticked == m_ticked.contains(id))
        return;
    if (ticked)
        m_ticked.insert(id);
    else
        m_ticked.remove(id);
    saveTicks();
    rowChanged(id);
    Q_EMIT ticksChanged();
}

void RunLibrary::setStarred(const QString& id, bool starred) {
    editListed(id, [starred](engine::RunNotes& notes) { notes.starred = starred; });
}

void RunLibrary::setNote(const QString& id, const QString& note) {
    editListed(id, [note = note.toStdString()](engine::RunNotes& notes) { notes.note = note; });
}

void RunLibrary::setName(const QString& id, const QString& name) {
    editListed(id, [name = name.toStdString()](engine::RunNotes& notes) { notes.name = name; });
}

void RunLibrary::setTags(const QString& id, const QStringList& tags) {
    std::vector<std::string> all;
    for (const auto& tag : tags)
        all.push_back(tag.toStdString());
    editListed(id, [all](engine::RunNotes& notes) { notes.tags = all; });
}

void RunLibrary::setArchived(const QString& id, bool archived) {
    editListed(id, [archived](engine::RunNotes& notes) { notes.archived = archived; });
}

void RunLibrary::editListed(const QString& id, const Edit& change) {
    if (auto* run = listed(id)) {
        edit(*run, change);
        rowChanged(id);
    }
}

// Here at once; in the folder as its notes stand there, which others may have changed.
void RunLibrary::edit(engine::RunSummary& run, const Edit& change, Failing failing) {
    engine::RunNotes notes = notesOf(run);
    change(notes);
    takeNotes(run, notes);
    ++m_notes;
    m_background.run(
        [folder = run.folder, change] {
            engine::editRunNotes(folder, change);
            return true;
        },
        [this, failing](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome); trouble && failing == Failing::IsTold)
                Q_EMIT failed(trouble->message, trouble->remedy);
        });
}

void RunLibrary::onFolders(const QStringList& ids, void (*act)(const std::filesystem::path& folder),
                           const std::function<void()>& done) {
    m_background.run(
        [ids, act, all = toPath(m_folder)] {
            for (const auto& id : ids)
                act(all / id.toStdString());
            return true;
        },
        [this, done](const Outcome<bool>& outcome) {
            const auto* trouble = std::get_if<Trouble>(&outcome);
            if (trouble)
                Q_EMIT failed(trouble->message, trouble->remedy);
            refresh();
            if (!trouble)
                done();
        });
}

void RunLibrary::remove(const QStringList& ids) {
    onFolders(ids, &engine::putRunAside, [this, ids] { Q_EMIT removed(ids); });
}

void RunLibrary::bringBack(const QStringList& ids) {
    onFolders(ids, &engine::bringRunBack, [] {});
}

void RunLibrary::forget() {
    if (m_folder.isEmpty())
        return;
    m_background.run(
        [folder = toPath(m_folder)] {
            engine::emptyRunsAside(folder, std::chrono::seconds(kUndoSeconds));
            return true;
        },
        [](const Outcome<bool>&) {});
}

void RunLibrary::rowChanged(const QString& id) {
    if (const auto* run = find(id)) {
        const auto row = static_cast<int>(run - m_runs.data());
        Q_EMIT dataChanged(index(row), index(row));
    }
}

void RunLibrary::controllerChanged() {
    if (!m_runs.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

void RunLibrary::loadTicks() {
    const QStringList ids = QSettings().value(tickKey(m_folder)).toStringList();
    m_ticked = QSet<QString>(ids.begin(), ids.end());
    Q_EMIT ticksChanged();
}

void RunLibrary::saveTicks() const {
    QSettings().setValue(tickKey(m_folder), QStringList(m_ticked.begin(), m_ticked.end()));
}

} // namespace app
