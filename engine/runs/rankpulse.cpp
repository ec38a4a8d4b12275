#include "engine/runs/rankpulse.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/liverun.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <utility>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr auto kBeat = std::chrono::milliseconds(250);
constexpr auto kSense = std::chrono::seconds(1);
constexpr const char* kPulseFile = ".pulse.json";
constexpr std::array<const char*, kRankActivities> kNames{"starting",   "computing", "data",   "communicating",
                                                          "validating", "saving",    "paused", "ended"};

json orNull(double value) { return std::isfinite(value) ? json(value) : json(); }

double numberOr(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

std::string pulseText(const RankState& state) {
    return json({{"rank", state.rank},
                 {"device", state.device},
                 {"process", state.process},
                 {"activity", kNames.at(static_cast<std::size_t>(state.activity))},
                 {"step", state.step},
                 {"beat", state.beat},
                 {"seconds", state.seconds},
                 {"used_bytes", orNull(state.usedBytes)},
                 {"celsius", orNull(state.celsius)}})
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

RankState stateIn(const json& object) {
    RankState state{.rank = object.at("rank").get<int>(),
                    .device = object.at("device").get<std::string>(),
                    .process = object.value("process", std::int64_t{0}),
                    .step = object.at("step").get<std::int64_t>(),
                    .beat = object.at("beat").get<std::int64_t>(),
                    .usedBytes = numberOr(object, "used_bytes"),
                    .celsius = numberOr(object, "celsius")};
    const auto name = object.at("activity").get<std::string>();
    const auto found = std::ranges::find(kNames, name);
    if (found != kNames.end())
        state.activity = static_cast<RankActivity>(found - kNames.begin());
    const json& seconds = object.at("seconds");
    for (std::size_t i = 0; i < std::min(seconds.size(), kRankActivities); ++i)
        state.seconds.at(i) = seconds.at(i).get<double>();
    return state;
}

} // namespace

const char* rankActivityWords(RankActivity activity) noexcept {
    switch (activity) {
    case RankActivity::Starting:
        return "starting";
    case RankActivity::Computing:
        return "computing";
    case RankActivity::WaitingForData:
        return "waiting for data";
    case RankActivity::Communicating:
        return "waiting for the other ranks";
    case RankActivity::Validating:
        return "validating";
    case RankActivity::Saving:
        return "writing a checkpoint";
    case RankActivity::Paused:
        return "paused";
    case RankActivity::Ended:
        return "ended";
    }
    return "";
}

std::vector<RankState> readRanks(const fs::path& runFolder) {
    std::vector<RankState> states;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(runFolder / "ranks", code)) {
        if (!entry.path().filename().native().ends_with(kPulseFile))
            continue;
        try {
            states.push_back(stateIn(json::parse(readFile(entry.path()))));
        } catch (const std::exception&) {
            continue; // gone meanwhile, or another's
        }
    }
    std::ranges::sort(states, {}, &RankState::rank);
    return states;
}

void forgetRanks(const fs::path& runFolder, int from) {
    std::error_code code;
    for (const RankState& state : readRanks(runFolder))
        if (state.rank >= from)
            fs::remove(rankFile(runFolder, state.rank, kPulseFile), code);
}

RankPulse::RankPulse(const fs::path& runFolder, int rank, Sensors sensors)
    : m_file(rankFile(runFolder, rank, kPulseFile)), m_sensors(std::move(sensors)), m_since(Clock::now()) {
    m_state.rank = rank;
    m_state.process = getpid();
    std::error_code code;
    fs::create_directories(m_file.parent_path(), code);
    m_thread = std::jthread([this](std::stop_token stop) { beat(std::move(stop)); });
}

RankPulse::~RankPulse() {
    m_thread.request_stop();
    m_thread.join();
    enter(RankActivity::Ended);
    tell();
}

void RankPulse::setDevice(std::string id) {
    const std::lock_guard lock(m_mutex);
    m_state.device = std::move(id);
}

RankActivity RankPulse::enter(RankActivity activity) {
    const std::lock_guard lock(m_mutex);
    const auto now = Clock::now();
    m_state.seconds.at(static_cast<std::size_t>(m_state.activity)) +=
        std::chrono::duration<double>(now - m_since).count();
    m_since = now;
    return std::exchange(m_state.activity, activity);
}

void RankPulse::stepDone(std::int64_t step) {
    const std::lock_guard lock(m_mutex);
    m_state.step = step;
}

void RankPulse::beat(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    do
        tell();
    while (!ended.wait_for(lock, stop, kBeat, [&stop] { return stop.stop_requested(); }));
}

void RankPulse::tell() {
    RankState told;
    {
        const std::lock_guard lock(m_mutex);
        ++m_state.beat;
        told = m_state;
        told.seconds.at(static_cast<std::size_t>(told.activity)) +=
            std::chrono::duration<double>(Clock::now() - m_since).count();
    }
    if (m_sensors && Clock::now() - m_sensed > kSense) {
        m_sensed = Clock::now();
        m_sensors(told);
        const std::lock_guard lock(m_mutex);
        m_state.usedBytes = told.usedBytes;
        m_state.celsius = told.celsius;
    }
    try {
        writeFileAtomically(m_file, pulseText(told), Durable::Later);
    } catch (const Error&) {
        return; // a full disk ends the run where its record cannot be written
    }
}

} // namespace engine
