#include "src/background.h"

#include "src/values.h"

#include <QDir>

#include <sys/resource.h>
#include <unistd.h>

namespace app {

Trouble currentTrouble() {
    try {
        throw;
    } catch (const engine::Error& error) {
        const engine::Fix& fix = error.fix();
        return {error.kind(),     words(error.what()), words(error.remedy()),
                words(fix.label), words(fix.key),      words(fix.value)};
    } catch (const std::exception& error) {
        return {engine::ErrorKind::Internal,
                QObject::tr("Something unexpected happened: %1.").arg(words(error.what())),
                QObject::tr("Try again; if it stays, report it with the run's log."),
                {},
                {},
                {}};
    }
}

void giveWayToTheWindow() noexcept {
    constexpr int kNice = 10;
    // On Linux this is the calling thread's alone, and inherited by the threads it starts: decoding, arithmetic.
    thread_local const bool done = setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice) == 0;
    static_cast<void>(done);
}

void Mailbox::post(std::function<void()> letter) {
    const std::scoped_lock lock(m_mutex);
    m_letters.push_back(std::move(letter));
}

void Mailbox::postHome(std::function<void()> letter) {
    const std::scoped_lock lock(m_mutex); // until Qt knows of it: who clears this mailbox comes after
    m_letters.push_back(std::move(letter));
    QMetaObject::invokeMethod(this, "openNext", Qt::QueuedConnection);
}

void Mailbox::openNext() {
    std::function<void()> letter;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_letters.empty())
            return;
        letter = std::move(m_letters.front());
        m_letters.pop_front();
    }
    letter(); // may be the end of this object
}

void Mailbox::clear() {
    std::deque<std::function<void()>> dropped; // what they hold goes without the lock
    const std::scoped_lock lock(m_mutex);
    dropped.swap(m_letters);
}

QString shortPath(const QString& path) {
    const QString home = QDir::homePath();
    if (path == home || path.startsWith(home + QLatin1Char('/')))
        return QLatin1Char('~') + path.mid(home.size());
    return path;
}

} // namespace app
