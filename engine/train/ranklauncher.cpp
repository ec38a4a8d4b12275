#include "engine/train/ranklauncher.h"

#include "engine/api/error.h"
#include "engine/api/rankwatch.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/liverun.h"
#include "engine/runs/rankpulse.h"
#include "engine/runs/runwriter.h"
#include "engine/train/rankprocesses.h"

#include <chrono>
#include <cstring>
#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr auto kTimeToEnd = std::chrono::seconds(5); // of the other ranks, once one has ended before its time
constexpr auto kPulseLook = std::chrono::milliseconds(250);
constexpr double kGivenUp = 30; // seconds without a sign of a rank, while another gives some
constexpr int kMostRestarts = 2;

std::vector<std::string> wordsFor(const fs::path& runFolder, const std::vector<ChangedSetting>& changes) {
    std::vector<std::string> words{"worker", runFolder.string()};
    for (const ChangedSetting& change : changes) {
        words.emplace_back("--set");
        words.push_back(change.key + "=" + change.value);
    }
    return words;
}

const char* phaseWords(Phase phase) {
    switch (phase) {
    case Phase::LoadingData:
        return "reading the data";
    case Phase::LoadingWeights:
        return "loading the weights";
    case Phase::Validating:
        return "validating";
    case Phase::Saving:
        return "writing a checkpoint";
    case Phase::Paused:
        return "paused";
    default:
        return "training";
    }
}

// Hands on what is asked of this process's run to the one who trains it.
class Relay final {
public:
    Relay(const fs::path& folder, RunControl& control, ProgressSink* progress)
        : m_folder(folder), m_control(control), m_progress(progress) {}

    // `trouble`: a sentence, or nothing.
    void look(const std::string& trouble) {
        if (m_control.stopRequested() && !m_stopSent)
            m_stopSent = send(RunCommand::Stop);
        else if (m_control.paused() != m_pauseSent && !m_stopSent &&
                 send(m_control.paused() ? RunCommand::Pause : RunCommand::Resume))
            m_pauseSent = !m_pauseSent;
        if (m_progress != nullptr)
            if (auto told = readProgress(m_folder)) {
                if (!trouble.empty())
                    told->message = trouble;
                m_progress->onProgress(*told);
            }
    }

private:
    bool send(RunCommand command) {
        try {
            sendCommand(m_folder, command);
            return true;
        } catch (const Error&) { // nobody holds the run yet
            return false;
        }
    }
    const fs::path& m_folder;
    RunControl& m_control;
    ProgressSink* m_progress;
    bool m_stopSent = false, m_pauseSent = false;
};

// What a rank wrote last, an error's sentence and its remedy.
std::string lastWords(const fs::path& runFolder, int rank) {
    std::string words;
    try {
        words = readFile(rankFile(runFolder, rank, ".log"));
    } catch (const Error&) {
        return {};
    }
    while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back())))
        words.pop_back();
    return words.substr(words.rfind('\n') + 1);
}

std::string whatHappened(const fs::path& runFolder, const RankEnd& end) {
    if (end.silent)
        return fmt::format("Rank {} has given no sign for {:.0f} s.", end.rank, kGivenUp);
    const auto told = readRankProgress(runFolder, end.rank);
    const std::string where =
        told ? fmt::format(" while {}, at step {}", phaseWords(told->phase), told->step) : std::string();
    if (end.halted)
        return fmt::format("Rank {} stands still{}: a signal ({}) stopped its process.", end.rank, where,
                           strsignal(end.signal));
    if (end.signal != 0)
        return fmt::format("Rank {} was ended by a signal ({}){}.", end.rank, strsignal(end.signal), where);
    return fmt::format("Rank {} failed{}: {}", end.rank, where, lastWords(runFolder, end.rank));
}

// The first rank that did not come to a good end, once all have ended.
std::optional<RankEnd> watch(const fs::path& runFolder, RankProcesses& ranks, Relay& relay) {
    std::optional<RankEnd> first;
    Clock::time_point since, looked;
    RankWatch pulses;
    std::optional<RankTrouble> told;
    while (ranks.anyLeft()) {
        while (const auto end = ranks.ended(kLook)) {
            const bool good = !end->halted && end->signal == 0 &&
                              (end->exitCode == 0 || end->exitCode == exitCode(ErrorKind::Stopped));
            if (good || first)
                continue;
            first = end;
            since = Clock::now();
        }
        if (Clock::now() - looked > kPulseLook) {
            looked = Clock::now();
            pulses.look(readRanks(runFolder));
        }
        const auto trouble = pulses.trouble();
        if (trouble && trouble->kind == RankTrouble::Kind::Silent && trouble->seconds > kGivenUp && !first)
            first = RankEnd{.rank = trouble->rank, .silent = true};
        if (first && (first->halted || first->silent || Clock::now() - since > kTimeToEnd))
            ranks.kill();
        const bool isNew = trouble && !(told && told->rank == trouble->rank && told->kind == trouble->kind);
        relay.look(isNew ? trouble->words : std::string());
        told = trouble;
    }
    return first;
}

} // namespace

RunSummary trainInProcesses(const fs::path& runFolder, int ranks, RunControl& control, ProgressSink* progress,
                            const std::vector<ChangedSetting>& changes) {
    std::vector<ChangedSetting> toCome = changes;
    for (int restarts = 0;; ++restarts) {
        std::optional<RankEnd> end;
        forgetRanks(runFolder, 0);
        {
            RankProcesses processes(wordsFor(runFolder, toCome), ranks, rankFile(runFolder, 0, ".log").parent_path());
            Relay relay(runFolder, control, progress);
            end = watch(runFolder, processes, relay);
        }
        RunSummary summary = RunReader(runFolder).summary();
        if (!end)
            return summary;
        const std::string happened = whatHappened(runFolder, *end);
        const RunCheckpoints saved = findCheckpoints(runFolder);
        const bool goesOn =
            (end->halted || end->silent || end->signal != 0) && restarts < kMostRestarts && !control.stopRequested();
        RunWriter writer(runFolder);
        if (!goesOn) {
            const ErrorKind kind = end->exitCode != 0 && summary.failureKind ? *summary.failureKind : ErrorKind::Device;
            const Error error(kind, happened,
                              saved.newest() != nullptr
                                  ? fmt::format("Go on from the checkpoint of step {}.", saved.newest()->step)
                                  : "Nothing is saved yet; begin again.");
            writer.failed(error, summary.step);
            throw Error(error);
        }
        const bool begun = saved.newest() != nullptr;
        writer.event(EventKind::Warning, summary.step, summary.epoch,
                     begun ? fmt::format("{} The run goes on from step {}.", happened, saved.newest()->step)
                           : fmt::format("{} Nothing was saved yet: the run begins again.", happened));
        if (begun)
            toCome.clear(); // they are in the experiment now
    }
}

} // namespace engine
