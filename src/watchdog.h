#pragma once

#include <QBasicTimer>
#include <QElapsedTimer>
#include <QObject>

namespace app {

// Measures how long the event loop of its thread was away: the largest time between two turns of a 5 ms timer.
class Watchdog final : public QObject {
    Q_OBJECT
public:
    explicit Watchdog(QObject* parent = nullptr);
    void reset();
    [[nodiscard]] double largestGapMs() const { return static_cast<double>(m_largestNs) / 1e6; }

protected:
    void timerEvent(QTimerEvent* event) override;

private:
    QBasicTimer m_timer;
    QElapsedTimer m_since;
    qint64 m_largestNs = 0;
};

} // namespace app
