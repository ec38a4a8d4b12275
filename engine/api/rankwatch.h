#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// What a rank's training thread does just now.
enum class RankActivity { Starting, Computing, WaitingForData, Communicating, Validating, Saving, Paused, Ended };
inline constexpr std::size_t kRankActivities = 8;
[[nodiscard]] const char* rankActivityWords(RankActivity activity) noexcept; // "computing", "waiting for data", …

// What one rank of several told last of itself, from a thread that goes on while its training waits or hangs.
struct RankState {
    int rank = 0;
    std::string device;       // "cuda:0"
    std::int64_t process = 0; // its id, on its machine; 0: not told
    RankActivity activity = RankActivity::Starting;
    std::int64_t step = 0; // done so far
    std::int64_t beat = 0; // rises four times a second as long as the process lives
    // Spent in each activity since its start, on its own thread: what a GPU does meanwhile counts as computing.
    std::array<double, kRankActivities> seconds{};
    double usedBytes = std::numeric_limits<double>::quiet_NaN(); // of the GPU; of the process where it is the CPU
    double celsius = std::numeric_limits<double>::quiet_NaN();
};

// The ranks of a run by number, as they told last; those that have ended stay until the run is trained again. Empty
// where one rank alone trained it. Any thread.
[[nodiscard]] std::vector<RankState> readRanks(const std::filesystem::path& runFolder);

// What is wrong with one rank.
struct RankTrouble {
    enum class Kind {
        Silent, // its process gives no sign, another's does
        Late,   // all others wait for it, and it neither waits nor ends
    };
    Kind kind = Kind::Silent;
    int rank = 0;
    double seconds = 0; // for which it has been so
    std::string words;  // one sentence
};

// Compares what ranks tell over time, by the clock of whoever looks. One thread.
class RankWatch final {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr double kKept = 60;      // seconds that a lane goes back
    static constexpr double kSilentFrom = 5; // seconds without a sign
    static constexpr double kLateFrom = 8;   // seconds for which the others wait

    // Shares of the time between two looks.
    struct Slice {
        double at = 0; // seconds before the last look
        double computing = 0, data = 0, communicating = 0, other = 0, silent = 0;
    };
    struct Lane {
        RankState state;
        std::deque<Slice> slices; // oldest first
        double silentSeconds = 0;
        double activitySeconds = 0;                                       // in the present activity, as seen from here
        double dataShare = 0, communicationShare = 0;                     // of the time in `slices`
        double lateSeconds = std::numeric_limits<double>::quiet_NaN();    // a step, behind the median of the ranks
        double secondsPerStep = std::numeric_limits<double>::quiet_NaN(); // its own work, without waiting for others
    };

    void look(const std::vector<RankState>& states, Clock::time_point now = Clock::now());
    [[nodiscard]] const std::vector<Lane>& lanes() const { return m_lanes; }
    [[nodiscard]] std::optional<RankTrouble> trouble() const; // the worst there is

private:
    struct Seen {
        RankState last;
        std::deque<std::pair<Clock::time_point, RankState>> states;
        Clock::time_point beaten, changed; // when the beat rose, and when activity or step changed
    };
    void lookAt(std::size_t index, const RankState& state, Clock::time_point now);
    void compare();
    std::vector<Lane> m_lanes;
    std::vector<Seen> m_seen; // beside m_lanes
    Clock::time_point m_looked;
};

} // namespace engine
