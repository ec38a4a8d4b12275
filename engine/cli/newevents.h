#pragma once

#include "engine/api/run.h"

#include <chrono>
#include <filesystem>
#include <functional>

namespace engine::cli {

// The events that a run's record gets from here on: what came of something that is asked of whoever trains it.
class NewEvents final {
public:
    explicit NewEvents(const std::filesystem::path& run) : m_reader(run), m_seen(m_reader.events().size()) {}
    // Calls `answers` for those that came since the last look, until it has said yes to one of a look. False: none
    // came in that time. Throws Error(BadInput) with `remedy` for one that says that it is refused. Blocks.
    bool await(std::chrono::seconds patience, const std::string& remedy,
               const std::function<bool(const RunEvent&)>& answers);
    [[nodiscard]] const RunReader& reader() const { return m_reader; }

private:
    RunReader m_reader;
    std::size_t m_seen;
};

} // namespace engine::cli
