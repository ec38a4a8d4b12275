#pragma once

#include "engine/api/rankwatch.h"
#include "src/background.h"
#include "ui/live/ranklanes.h"

#include <QObject>
#include <QString>
#include <QTimer>

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
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed();

private:
    void look();
    void adopt(const std::vector<engine::RankState>& states);
    QString m_folder;
    quint64 m_generation = 0;
    bool m_reading = false;
    engine::RankWatch m_watch;
    ui::LiveRanks m_ranks;
    QTimer m_timer;
    Background m_background{1};
};

} // namespace app
