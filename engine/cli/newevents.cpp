#include "engine/cli/newevents.h"

#include "engine/api/error.h"

#include <condition_variable>
#include <mutex>

namespace engine::cli {

bool NewEvents::await(std::chrono::seconds patience, const std::string& remedy,
                      const std::function<bool(const RunEvent&)>& answers) {
    constexpr auto kLook = std::chrono::milliseconds(50);
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    for (const auto end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
        never.wait_for(lock, kLook);
        m_reader.refresh();
        bool answered = false;
        for (; m_seen < m_reader.events().size(); ++m_seen) {
            const RunEvent& event = m_reader.events()[m_seen];
            if (event.kind == EventKind::Refused)
                throw Error(ErrorKind::BadInput, event.text, remedy);
            answered |= answers(event);
        }
        if (answered)
            return true;
    }
    return false;
}

} // namespace engine::cli
