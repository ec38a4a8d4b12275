#include "src/watchdog.h"

#include <algorithm>
#include <ctime>

namespace app {

namespace {

constexpr int kWatchMs = 5;

qint64 threadBusyNs() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return qint64{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace

Watchdog::Watchdog(QObject* parent) : QObject(parent) {
    reset();
    m_timer.start(kWatchMs, Qt::PreciseTimer, this);
}

void Watchdog::reset() {
    m_largestNs = 0;
    m_largestBusyNs = 0;
    skip();
}

void Watchdog::skip() {
    m_busySince = threadBusyNs();
    m_since.start();
}

void Watchdog::timerEvent(QTimerEvent*) {
    m_largestNs = std::max(m_largestNs, m_since.nsecsElapsed());
    m_largestBusyNs = std::max(m_largestBusyNs, threadBusyNs() - m_busySince);
    skip();
}

} // namespace app
