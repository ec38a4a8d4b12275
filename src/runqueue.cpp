#include "src/runqueue.h"

#include "engine/api/gpus.h"
#include "engine/api/liverun.h"
#include "src/values.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace app {
namespace {

constexpr int kLookAgainMs = 1000;

bool sameQueue(const std::vector<engine::QueuedRun>& a, const std::vector<engine::QueuedRun>& b) {
    return std::ranges::equal(a, b, [](const engine::QueuedRun& one, const engine::QueuedRun& other) {
        return one.folder == other.folder && one.aboutSeconds == other.aboutSeconds && one.notBefore == other.notBefore;
    });
}

} // namespace

RunQueue::RunQueue(QObject* parent) : QObject(parent) {
    m_timer.setInterval(kLookAgainMs);
    connect(&m_timer, &QTimer::timeout, this, &RunQueue::look);
}

void RunQueue::setFolder(const QString& runsFolder) {
    if (runsFolder == m_folder)
        return;
    m_folder = runsFolder;
    m_told.clear();
    take({});
    m_timer.start();
    look();
}

void RunQueue::look() {
    if (m_folder.isEmpty())
        return;
    if (m_reading) {
        m_again = true;
        return;
    }
    m_reading = true;
    m_background.run([folder = toPath(m_folder)] { return seenIn(folder); },
                     [this, folder = m_folder](Outcome<Seen> outcome) {
                         m_reading = false;
                         const bool again = std::exchange(m_again, false) || folder != m_folder;
                         if (auto* seen = std::get_if<0>(&outcome); seen && folder == m_folder) {
                             m_told.clear();
                             take(std::move(*seen));
                         } else if (const auto* trouble = std::get_if<1>(&outcome);
                                    trouble && trouble->message != m_told) {
                             m_told = trouble->message; // once, not every second
                             Q_EMIT failed(trouble->message, trouble->remedy);
                         }
                         if (again)
                             look();
                     });
}

RunQueue::Seen RunQueue::seenIn(const std::filesystem::path& folder) {
    Seen seen{engine::queueState(folder), {}, words(engine::whoRunsQueue(folder))};
    std::map<std::string, double> left;
    for (const auto& run : seen.queue.running)
        if (const auto progress = engine::readProgress(run.folder); progress && std::isfinite(progress->leftSeconds))
            left[run.id()] = progress->leftSeconds;
    seen.lanes = engine::queueLanes(seen.queue, engine::lookAtGpus(), left);
    return seen;
}

void RunQueue::take(Seen seen) {
    const bool same = sameQueue(seen.queue.waiting, m_waiting) && seen.runner == m_runner && seen.queue.held == m_held;
    m_waiting = std::move(seen.queue.waiting);
    m_held = seen.queue.held;
    m_lanes = std::move(seen.lanes);
    m_runner = std::move(seen.runner);
    m_places.clear();
    for (std::size_t i = 0; i < m_waiting.size(); ++i)
        m_places.insert(words(m_waiting[i].id()), static_cast<int>(i));
    if (!same)
        Q_EMIT changed();
    Q_EMIT looked();
}

QStringList RunQueue::ids() const {
    QStringList ids;
    for (const auto& run : m_waiting)
        ids.append(words(run.id()));
    return ids;
}

std::optional<double> RunQueue::secondsBefore(int place) const {
    double seconds = 0;
    for (std::size_t i = 0; i < std::min(m_waiting.size(), static_cast<std::size_t>(place)); ++i) {
        const double about = m_waiting[i].aboutSeconds;
        if (about <= 0)
            return std::nullopt;
        seconds += about;
    }
    return seconds;
}

void RunQueue::change(std::function<void(const std::filesystem::path& folder)> edit) {
    m_background.run(
        [folder = toPath(m_folder), edit = std::move(edit)] {
            edit(folder);
            return true;
        },
        [this](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                Q_EMIT failed(trouble->message, trouble->remedy);
            look();
        });
}

// That a run may have been started meanwhile is seen by the next look.
void RunQueue::move(const QString& id, int place) {
    change([id = id.toStdString(), to = static_cast<std::size_t>(std::max(0, place))](const auto& folder) {
        (void)engine::moveInQueue(folder, id, to);
    });
}

void RunQueue::setStartTime(const QString& id, double notBefore) {
    change(
        [id = id.toStdString(), notBefore](const auto& folder) { (void)engine::setStartTime(folder, id, notBefore); });
}

void RunQueue::hold(engine::QueuePause pause) {
    change([pause](const auto& folder) { engine::pauseQueue(folder, pause); });
}

void RunQueue::takeOut(const QStringList& ids) {
    change([ids](const auto& folder) {
        for (const auto& id : ids)
            (void)engine::takeOutOfQueue(folder, id.toStdString());
    });
}

} // namespace app
