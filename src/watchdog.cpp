#include "src/watchdog.h"

#include <algorithm>

namespace app {

constexpr int kIntervalMs = 5;

Watchdog::Watchdog(QObject* parent) : QObject(parent) {
    reset();
    m_timer.start(kIntervalMs, Qt::PreciseTimer, this);
}

void Watchdog::reset() {
    m_largestNs = 0;
    m_since.start();
}

void Watchdog::timerEvent(QTimerEvent*) {
    m_largestNs = std::max(m_largestNs, m_since.nsecsElapsed());
    m_since.start();
}

} // namespace app
