#pragma once

#include "engine/api/rankremedy.h"
#include "engine/api/rankwatch.h"
#include "src/background.h"
#include "ui/live/ranklanes.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <optional>
#include <vector>

namespace app {

// Looks at what the ranks of one run tell, as long as it is trained, and says how they are. Their files are read in the
// background: a network's disk may take its time.
class RunRanks final : public QObject {
    Q_OBJECT
public:
    explicit RunRanks(QObject* parent = nullptr);
    void show(const QString& folder); // another run; empty: none
    void watch(bool live);            // whether it is trained, and seen
    [[nodiscard]] const ui::LiveRanks& ranks() const { return m_ranks; }
    [[nodiscard]] QString log(int rank) const; // the file
    void ask(ui::RankAct act, int rank);       // of whoever started them
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed();
    void failed(const QString& title, const QString& detail); // what was asked for

private:
    struct Seen {
        std::vector<engine::RankState> states;
        std::optional<engine::RankGuard> guard;
    };
    void look();
    void adopt(const Seen& seen);
    QString m_folder;
    quint64 m_generation = 0;
    bool m_reading = false;
    engine::RankWatch m_watch;
    ui::LiveRanks m_ranks;
    QTimer m_timer;
    Background m_background{1};
};

} // namespace app
