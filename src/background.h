#pragma once

#include "engine/api/error.h"

#include <QObject>
#include <QString>
#include <QThreadPool>

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace app {

// Why a piece of background work has no result: the engine's error as values.
struct Trouble {
    engine::ErrorKind kind = engine::ErrorKind::Internal;
    QString message;
    QString remedy;
};
// The exception that is being handled.
[[nodiscard]] Trouble currentTrouble();
// Lets the window's thread go first wherever this thread, or one that it starts, wants the same core.
void giveWayToTheWindow() noexcept;

template <typename Value>
using Outcome = std::variant<Value, Trouble>;

// Threads for the engine's blocking calls of one owner. Work runs there, its outcome is handed over on the owner's
// thread. Whoever goes away waits for what runs; what has not begun is dropped.
class Background final {
public:
    explicit Background(int threads) { m_pool.setMaxThreadCount(threads); }
    ~Background() {
        m_pool.clear();
        m_pool.waitForDone();
    }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // `owner` holds this object, so it outlives the work. `done` takes an Outcome of what `work` returns.
    template <typename Work, typename Done>
    void run(QObject* owner, Work work, Done done) {
        using Value = std::invoke_result_t<Work&>;
        m_pool.start([owner, work = std::move(work), done = std::move(done)]() mutable {
            giveWayToTheWindow();
            auto outcome = std::make_shared<Outcome<Value>>(attempt<Value>(work));
            QMetaObject::invokeMethod(
                owner, [outcome, done = std::move(done)]() mutable { done(std::move(*outcome)); },
                Qt::QueuedConnection);
        });
    }
    void clear() { m_pool.clear(); }
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
    QThreadPool m_pool;
};

} // namespace app
