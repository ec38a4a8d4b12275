#pragma once

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QObject>

namespace app {

// Measures how long the event loop of its thread was away: the largest time between two turns of a 5 ms timer, by the
// clock and in computing time of the thread. Where others want the same cores only the second is the program's own
// doing.
class Watchdog final : public QObject {
    Q_OBJECT
public:
    explicit Watchdog(QObject* parent = nullptr);
    void reset();
    void skip(); // what has happened since the last turn does not count
    [[nodiscard]] double largestGapMs() const { return static_cast<double>(m_largestNs) / 1e6; }
    [[nodiscard]] double largestBusyMs() const { return static_cast<double>(m_largestBusyNs) / 1e6; }

protected:
    void timerEvent(QTimerEvent* event) override;

private:
    QBasicTimer m_timer;
    QElapsedTimer m_since;
    qint64 m_largestNs = 0;
    qint64 m_busySince = 0;
    qint64 m_largestBusyNs = 0;
};

} // namespace app
