#pragma once

#include <string_view>

namespace engine {

// A schedule as settings name it: "cosine", "constant", "one-cycle", or "one-cycle:RISE,START,END" with the share of
// the steps that it rises and the divisors of the learning rate where it starts and ends (fastai's fine_tune uses
// one-cycle:0.99,25,100000 and one-cycle:0.3,5,100000).
struct ScheduleText {
    std::string_view name;
    bool shaped = false;  // the three numbers were given
    double rise = 0.3;    // 0..1
    double start = 25;    // ≥ 1
    double end = 250'000; // ≥ 1
};

// Throws Error(BadInput) whose remedy says what is legal. The result looks into `text`.
[[nodiscard]] ScheduleText parseSchedule(std::string_view text);
void requireSchedule(std::string_view text);

} // namespace engine
