#pragma once

#include "engine/api/queue.h"
#include "src/background.h"

#include <QHash>
#include <QStringList>
#include <QTimer>

#include <optional>
#include <vector>

namespace app {

// The queue of the project as its file has it, which other windows and command lines change as well: looks at it every
// second, reads and writes in the background.
class RunQueue final : public QObject {
    Q_OBJECT
public:
    explicit RunQueue(QObject* parent = nullptr);

    void setFolder(const QString& runsFolder);
    [[nodiscard]] QString folder() const { return m_folder; }
    void look(); // now

    [[nodiscard]] const std::vector<engine::QueuedRun>& waiting() const { return m_waiting; }
    [[nodiscard]] QStringList ids() const;
    [[nodiscard]] int placeOf(const QString& id) const { return m_places.value(id, -1); } // −1: it does not wait
    // What those before this place will take together; none where it is not known of each.
    [[nodiscard]] std::optional<double> secondsBefore(int place) const;
    [[nodiscard]] QString runner() const { return m_runner; } // who trains what waits; empty: nobody

    [[nodiscard]] const engine::QueueLanes& lanes() const { return m_lanes; } // as of the last look
    [[nodiscard]] bool held() const { return m_held; }

    void move(const QString& id, int place); // 0: the next to start
    void setStartTime(const QString& id, double notBefore);
    void hold(engine::QueuePause pause);
    void takeOut(const QStringList& ids);

Q_SIGNALS:
    void changed();
    void looked(); // the lanes may have moved
    void failed(const QString& title, const QString& detail);

private:
    struct Seen {
        engine::QueueState queue;
        engine::QueueLanes lanes;
        QString runner;
    };
    static Seen seenIn(const std::filesystem::path& folder);
    void change(std::function<void(const std::filesystem::path& folder)> edit);
    void take(Seen seen);
    QString m_folder;
    std::vector<engine::QueuedRun> m_waiting;
    engine::QueueLanes m_lanes;
    bool m_held = false;
    QHash<QString, int> m_places;
    QString m_runner;
    QString m_told; // the failure to read that was told last
    QTimer m_timer;
    bool m_reading = false;
    bool m_again = false;
    Background m_background{1};
};

} // namespace app
