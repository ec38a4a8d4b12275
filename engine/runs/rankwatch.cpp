#include "engine/api/rankwatch.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace engine {

namespace {

constexpr double kLateShare = 0.2;    // of a step, from which on a rank counts as slower than the others
constexpr double kLateAtLeast = 0.02; // seconds a step

double in(const RankState& state, RankActivity activity) {
    return state.seconds.at(static_cast<std::size_t>(activity));
}

double secondsOf(RankWatch::Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double median(std::vector<double> values) {
    if (values.empty())
        return std::numeric_limits<double>::quiet_NaN();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

// What passed between two states of one process.
RankWatch::Slice sliceOf(const RankState& before, const RankState& after) {
    const auto passed = [&](RankActivity activity) {
        return std::max(0.0, in(after, activity) - in(before, activity));
    };
    RankWatch::Slice slice{.computing = passed(RankActivity::Computing),
                           .data = passed(RankActivity::WaitingForData),
                           .communicating = passed(RankActivity::Communicating),
                           .other = passed(RankActivity::Starting) + passed(RankActivity::Validating) +
                                    passed(RankActivity::Saving) + passed(RankActivity::Paused)};
    const double all = slice.computing + slice.data + slice.communicating + slice.other;
    if (all > 0)
        for (double* part : {&slice.computing, &slice.data, &slice.communicating, &slice.other})
            *part /= all;
    return slice;
}

bool waits(const RankWatch::Lane& lane) { return lane.state.activity == RankActivity::Communicating; }
bool ended(const RankWatch::Lane& lane) { return lane.state.activity == RankActivity::Ended; }

std::string named(const RankState& state) {
    return state.device.empty() ? fmt::format("Rank {}", state.rank)
                                : fmt::format("Rank {} ({})", state.rank, state.device);
}

} // namespace

void RankWatch::look(const std::vector<RankState>& states, Clock::time_point now) {
    const bool same =
        std::ranges::equal(states, m_lanes, {}, &RankState::rank, [](const Lane& lane) { return lane.state.rank; });
    if (!same) {
        m_lanes.clear();
        m_seen.clear();
        for (const RankState& state : states) {
            m_lanes.push_back({.state = state});
            m_seen.push_back({.last = state, .states = {}, .beaten = now, .changed = now});
        }
        m_looked = now;
    }
    for (std::size_t i = 0; i < states.size(); ++i)
        lookAt(i, states[i], now);
    m_looked = now;
    compare();
}

void RankWatch::lookAt(std::size_t index, const RankState& state, Clock::time_point now) {
    Lane& lane = m_lanes[index];
    Seen& seen = m_seen[index];
    const double passed = secondsOf(now - m_looked);
    if (state.beat < seen.last.beat) { // another process, from the beginning
        lane = {.state = state};
        seen = {.last = state, .states = {}, .beaten = now, .changed = now};
    }
    const bool beaten = state.beat != seen.last.beat;
    if (beaten || state.activity == RankActivity::Ended)
        seen.beaten = now;
    if (state.step != seen.last.step || state.activity != seen.last.activity)
        seen.changed = now;
    for (Slice& slice : lane.slices)
        slice.at += passed;
    lane.silentSeconds = secondsOf(now - seen.beaten);
    lane.activitySeconds = secondsOf(now - seen.changed);
    if (beaten)
        lane.slices.push_back(sliceOf(seen.last, state));
    else if (lane.silentSeconds >= 1 && !ended(lane))
        lane.slices.push_back({.silent = 1});
    while (!lane.slices.empty() && lane.slices.front().at > kKept)
        lane.slices.pop_front();
    if (beaten)
        seen.states.emplace_back(now, state);
    while (seen.states.size() > 2 && secondsOf(now - seen.states.front().first) > kKept)
        seen.states.pop_front();
    seen.last = state;
    lane.state = state;
}

void RankWatch::compare() {
    std::vector<double> all;
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        Lane& lane = m_lanes[i];
        const auto& states = m_seen[i].states;
        lane.secondsPerStep = lane.lateSeconds = std::numeric_limits<double>::quiet_NaN();
        lane.dataShare = lane.communicationShare = 0;
        if (states.size() < 2)
            continue;
        const RankState &from = states.front().second, &to = states.back().second;
        const Slice shares = sliceOf(from, to);
        lane.dataShare = shares.data;
        lane.communicationShare = shares.communicating;
        if (to.step <= from.step)
            continue;
        const double own = in(to, RankActivity::Computing) - in(from, RankActivity::Computing) +
                           in(to, RankActivity::WaitingForData) - in(from, RankActivity::WaitingForData);
        lane.secondsPerStep = own / static_cast<double>(to.step - from.step);
        all.push_back(lane.secondsPerStep);
    }
    if (all.size() < 2)
        return;
    const double usual = median(all);
    for (Lane& lane : m_lanes)
        if (const double late = lane.secondsPerStep - usual; late > kLateAtLeast && late > kLateShare * usual)
            lane.lateSeconds = late;
}

std::optional<RankTrouble> RankWatch::trouble() const {
    const auto answers = [](const Lane& lane) { return lane.silentSeconds < kSilentFrom; };
    const auto living = [&](const Lane& lane) { return !ended(lane) && answers(lane); };
    for (const Lane& lane : m_lanes)
        if (!ended(lane) && !answers(lane) && std::ranges::any_of(m_lanes, living))
            return RankTrouble{RankTrouble::Kind::Silent, lane.state.rank, lane.silentSeconds,
                               fmt::format("{} has not answered for {:.0f} s; it was {} at step {}.", named(lane.state),
                                           lane.silentSeconds, rankActivityWords(lane.state.activity),
                                           lane.state.step)};
    // One that all others have been waiting for.
    const Lane* late = nullptr;
    double waited = std::numeric_limits<double>::infinity();
    for (const Lane& lane : m_lanes) {
        if (waits(lane)) {
            waited = std::min(waited, lane.activitySeconds);
            continue;
        }
        if (late != nullptr)
            return {};
        late = &lane;
    }
    const bool works = late != nullptr && (late->state.activity == RankActivity::Computing ||
                                           late->state.activity == RankActivity::WaitingForData);
    if (!works || m_lanes.size() < 2 || waited < kLateFrom)
        return {};
    return RankTrouble{RankTrouble::Kind::Late, late->state.rank, waited,
                       fmt::format("{} has been {} at step {} for {:.0f} s; the others wait for it.",
                                   named(late->state), rankActivityWords(late->state.activity), late->state.step,
                                   late->activitySeconds)};
}

} // namespace engine
