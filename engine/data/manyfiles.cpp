#include "engine/data/manyfiles.h"

#include "engine/api/error.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace engine {
namespace {

// Tells how far the work is, from the thread that asked for it.
class WorkProgress final {
public:
    WorkProgress(ProgressSink* sink, std::size_t all, const std::string& message) : m_sink(sink) {
        m_progress.steps = static_cast<std::int64_t>(all);
        m_progress.message = message;
    }

    void at(std::size_t done) {
        const auto now = Clock::now();
        if (m_sink == nullptr || now - m_last < kInterval)
            return;
        m_last = now;
        m_progress.step = static_cast<std::int64_t>(done);
        m_sink->onProgress(m_progress);
    }
    void finish() {
        m_last = {};
        at(static_cast<std::size_t>(m_progress.steps));
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kInterval = std::chrono::milliseconds(50);

    ProgressSink* m_sink;
    Progress m_progress;
    Clock::time_point m_last;
};

} // namespace

void forManyFiles(std::size_t count, const std::function<void(std::size_t)>& work, std::stop_token stop,
                  ProgressSink* progress, const std::string& message, unsigned threads) {
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> done = 0;
    std::mutex mutex;
    std::exception_ptr trouble; // guarded by the mutex: the first one
    const auto run = [&](auto&& tell) {
        try {
            for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) {
                work(i);
                tell(++done);
            }
        } catch (...) {
            next = count; // the others end with what they have begun
            const std::lock_guard lock(mutex);
            if (!trouble)
                trouble = std::current_exception();
        }
    };
    WorkProgress told(progress, count, message);
    told.at(0);
    {
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < (threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency())); ++i)
            helpers.emplace_back([&] { run([](std::size_t) {}); });
        run([&told](std::size_t so) { told.at(so); });
    }
    if (trouble)
        std::rethrow_exception(trouble);
    if (stop.stop_requested())
        throw Error(ErrorKind::Stopped, "Looking at the pictures was stopped.");
    told.finish();
}

} // namespace engine
