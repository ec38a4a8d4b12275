#include "engine/api/run.h"

#include <algorithm>
#include <array>
#include <utility>

namespace engine {
namespace {

constexpr std::array kNames{std::pair{EventKind::Started, "started"},   std::pair{EventKind::Phase, "phase"},
                            std::pair{EventKind::Epoch, "epoch"},       std::pair{EventKind::Knob, "knob"},
                            std::pair{EventKind::Refused, "refused"},   std::pair{EventKind::Verified, "verified"},
                            std::pair{EventKind::Alarm, "alarm"},       std::pair{EventKind::Warning, "warning"},
                            std::pair{EventKind::Failure, "failure"},   std::pair{EventKind::Paused, "paused"},
                            std::pair{EventKind::Resumed, "resumed"},   std::pair{EventKind::Stopped, "stopped"},
                            std::pair{EventKind::Finished, "finished"}, std::pair{EventKind::Note, "note"}};

} // namespace

std::string_view eventKindName(EventKind kind) noexcept {
    const auto* found = std::ranges::find(kNames, kind, &decltype(kNames)::value_type::first);
    return found != kNames.end() ? found->second : "note";
}

EventKind eventKindOf(std::string_view name) noexcept {
    const auto* found = std::ranges::find(kNames, name, [](const auto& row) { return std::string_view(row.second); });
    return found != kNames.end() ? found->first : EventKind::Note;
}

} // namespace engine
