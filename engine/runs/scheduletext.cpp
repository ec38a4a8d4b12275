#include "engine/runs/scheduletext.h"

#include "engine/api/catalog.h"
#include "engine/api/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

[[noreturn]] void refuse(std::string_view text) {
    std::string names;
    for (const NamedChoice& schedule : schedules())
        names += (names.empty() ? "" : ", ") + schedule.name;
    throw Error(ErrorKind::BadInput, fmt::format("There is no schedule called “{}”.", text),
                fmt::format("Choose {}, or one-cycle with its shape: one-cycle:0.3,25,250000.", names));
}

double number(std::string_view part, std::string_view text) {
    double value = 0;
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (code != std::errc{} || end != part.data() + part.size() || !std::isfinite(value))
        refuse(text);
    return value;
}

} // namespace

ScheduleText parseSchedule(std::string_view text) {
    constexpr std::string_view kShaped = "one-cycle:";
    if (!text.starts_with(kShaped)) {
        if (std::ranges::none_of(schedules(), [text](const NamedChoice& schedule) { return schedule.name == text; }))
            refuse(text);
        return {.name = text};
    }
    std::array<double, 3> numbers{};
    std::string_view rest = text.substr(kShaped.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::size_t comma = i + 1 < numbers.size() ? rest.find(',') : rest.size();
        if (comma == std::string_view::npos)
            refuse(text);
        numbers[i] = number(rest.substr(0, comma), text);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    const auto [rise, start, end] = numbers;
    if (rise <= 0 || rise >= 1 || start < 1 || end < 1)
        refuse(text);
    return {.name = text.substr(0, kShaped.size() - 1), .shaped = true, .rise = rise, .start = start, .end = end};
}

void requireSchedule(std::string_view text) { (void)parseSchedule(text); }

} // namespace engine
