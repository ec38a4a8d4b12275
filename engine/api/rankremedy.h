#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace engine {

// What may be asked of whoever started the ranks of a run on this machine, when one of them is in trouble. All
// functions: any thread; they block for milliseconds.
enum class RankRemedy {
    End,         // ends the rank at once; the run goes on from its last checkpoint with all of them
    KeepWaiting, // does not give it up for another five minutes
    GoOnWithout, // ends the ranks; the run goes on from its last checkpoint with those that are left
};
[[nodiscard]] const char* rankRemedyName(RankRemedy remedy) noexcept; // "end-rank", "keep-waiting", "go-on-without"

struct RankRequest {
    RankRemedy remedy = RankRemedy::End;
    int rank = -1; // −1: the one that is in trouble
};
// Obeyed within about half a second; what came of it is an event of the run, Knob or Refused. Throws Error(BadInput)
// where no program of this machine watches the run's ranks, Error(DiskFull).
void askOfRanks(const std::filesystem::path& runFolder, const RankRequest& request);

// How whoever started the ranks deals with them; nothing where nobody here does.
struct RankGuard {
    int ranks = 0;
    double patienceSeconds = 30; // for which a rank may give no sign before it is given up
    int restartsLeft = 0;        // that it makes by itself
};
[[nodiscard]] std::optional<RankGuard> rankGuard(const std::filesystem::path& runFolder);

} // namespace engine
