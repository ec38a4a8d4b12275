#pragma once

#include "engine/api/error.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <variant>

namespace app {

// Why a piece of background work has no result: the engine's error as values.
struct Trouble {
    engine::ErrorKind kind = engine::ErrorKind::Internal;
    QString message;
    QString remedy;
    // A change of a setting that mends it; an empty label: there is none.
    QString fixLabel;
    QString fixKey;
    QString fixValue;
};
// The exception that is being handled.
[[nodiscard]] Trouble currentTrouble();
// Lets the window's thread go first wherever this thread, or one that it starts, wants the same core.
void giveWayToTheWindow() noexcept;

template <typename Value>
using Outcome = std::variant<Value, Trouble>;

// Work that passes from one thread to another, first in, first out. The lock, not Qt's event queue, orders what the
// threads see of it: a race detector follows it through a Qt that was built without one.
class Mailbox final : public QObject {
    Q_OBJECT
public:
    void post(std::function<void()> letter);
    void postHome(std::function<void()> letter); // and has it opened in the thread where this object lives
    Q_INVOKABLE void openNext();                 // runs the oldest one, in the caller's thread
    void clear();

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_letters; // under m_mutex
};

// Threads for the engine's blocking calls of one owner. Work runs there, its outcome is handed over on the owner's
// thread, where this object is made as well. Whoever goes away waits for what runs; what has not begun is dropped.
class Background final {
public:
    explicit Background(int threads) { m_pool.setMaxThreadCount(threads); }
    ~Background() {
        clear();
        m_pool.waitForDone();
        m_work.clear(); // as the mailboxes' locks tell a race detector that their last users are done
        m_outcomes.clear();
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // `done` takes an Outcome of what `work` returns.
    template <typename Work, typename Done>
    void run(Work work, Done done) {
        using Value = std::invoke_result_t<Work&>;
        m_work.post([this, work = std::move(work), done = std::move(done)]() mutable {
            giveWayToTheWindow();
            auto outcome = std::make_shared<Outcome<Value>>(attempt<Value>(work));
            m_outcomes.postHome([outcome, done = std::move(done)]() mutable { done(std::move(*outcome)); });
        });
        m_pool.start([this] { m_work.openNext(); });
    }
    void clear() {
        m_pool.clear();
        m_work.clear();
    }
    [[nodiscard]] bool idle() { return m_pool.waitForDone(0); } // nothing runs or waits

private:
    template <typename Value, typename Work>
    static Outcome<Value> attempt(Work& work) {
        try {
            return Outcome<Value>(std::in_place_index<0>, work());
        } catch (...) {
            return Outcome<Value>(std::in_place_index<1>, currentTrouble());
        }
    }
    Mailbox m_work;
    Mailbox m_outcomes; // lives in the owner's thread
    QThreadPool m_pool;
};

} // namespace app
