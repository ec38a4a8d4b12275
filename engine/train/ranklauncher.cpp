#include "engine/train/ranklauncher.h"

#include "engine/api/error.h"
#include "engine/api/rankwatch.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"
#include "engine/runs/liverun.h"
#include "engine/runs/rankpulse.h"
#include "engine/runs/rankremedy.h"
#include "engine/runs/runwriter.h"
#include "engine/train/rankprocesses.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr auto kTimeToEnd = std::chrono::seconds(5); // of the other ranks, once one has ended before its time
constexpr auto kPulseLook = std::chrono::milliseconds(250);
constexpr double kGivenUp = 30;   // seconds without a sign of a rank, while another gives some
constexpr double kMoreTime = 300; // that keep-waiting adds to it
constexpr int kMostRestarts = 2;

std::vector<std::string> wordsFor(const fs::path& runFolder, const RankPlan& plan,
                                  const std::vector<ChangedSetting>& changes) {
    std::vector<std::string> words{"worker", runFolder.string(), "--devices",
                                   fmt::format("{}", fmt::join(plan.devices, ","))};
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
    if (end.asked)
        return fmt::format("Rank {} was ended as was asked.", end.rank);
    if (end.silent)
        return fmt::format("Rank {} has given no sign for {:.0f} s.", end.rank, end.seconds);
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

std::string nameOf(const RankPlan& plan, int rank) {
    return fmt::format("Rank {} ({})", rank, plan.devices.at(static_cast<std::size_t>(rank)));
}

// Watches the ranks of one start after the other, and remembers what was asked of it.
class Watch final {
public:
    Watch(const fs::path& runFolder, RankPlan& plan) : m_folder(runFolder), m_plan(plan), m_post(runFolder) {}

    // The first rank that did not come to a good end, once all have ended.
    [[nodiscard]] std::optional<RankEnd> untilTheEnd(RankProcesses& ranks, Relay& relay) {
        m_pulses = {};
        m_first.reset();
        tell();
        Clock::time_point looked;
        std::optional<RankTrouble> told;
        while (ranks.anyLeft()) {
            takeEnds(ranks);
            if (Clock::now() - looked > kPulseLook) {
                looked = Clock::now();
                m_pulses.look(readRanks(m_folder));
            }
            const auto trouble = m_pulses.trouble();
            if (!m_first)
                obey(trouble);
            if (trouble && trouble->kind == RankTrouble::Kind::Silent && trouble->seconds > m_patience && !m_first)
                m_first = RankEnd{.rank = trouble->rank, .silent = true, .seconds = trouble->seconds};
            if (m_first &&
                (m_first->halted || m_first->silent || m_first->asked || Clock::now() - m_since > kTimeToEnd))
                ranks.kill();
            const bool isNew = trouble && !(told && told->rank == trouble->rank && told->kind == trouble->kind);
            relay.look(isNew ? trouble->words : std::string());
            told = trouble;
        }
        return m_first;
    }
    [[nodiscard]] bool mayRestart(const RankEnd& end) const {
        return end.asked || ((end.halted || end.silent || end.signal != 0) && m_restarts < kMostRestarts);
    }
    void countRestart(const RankEnd& end) { m_restarts += end.asked ? 0 : 1; }

private:
    void tell() {
        m_post.tell({.ranks = static_cast<int>(m_plan.devices.size()),
                     .patienceSeconds = m_patience,
                     .restartsLeft = kMostRestarts - m_restarts});
    }
    void takeEnds(RankProcesses& ranks) {
        while (const auto end = ranks.ended(kLook)) {
            const bool good = !end->halted && end->signal == 0 &&
                              (end->exitCode == 0 || end->exitCode == exitCode(ErrorKind::Stopped));
            if (good || m_first)
                continue;
            m_first = end;
            m_since = Clock::now();
        }
    }
    void record(EventKind kind, const std::string& words) {
        const RunSummary summary = RunReader(m_folder).summary();
        appendEvent(m_folder, kind, summary.step, summary.epoch, words);
    }
    void obey(const std::optional<RankTrouble>& trouble) {
        for (const RankRequest& request : m_post.take()) {
            const int rank = request.rank >= 0 ? request.rank : trouble ? trouble->rank : -1;
            if (rank < 0 || rank >= static_cast<int>(m_plan.devices.size()))
                record(EventKind::Refused, rank < 0 ? "No rank is in trouble; name the one that is meant."
                                                    : fmt::format("There is no rank {}: they are counted from 0 to {}.",
                                                                  rank, m_plan.devices.size() - 1));
            else
                obey(request.remedy, rank, trouble);
        }
    }
    void obey(RankRemedy remedy, int rank, const std::optional<RankTrouble>& trouble) {
        if (m_first)
            return;
        if (remedy == RankRemedy::KeepWaiting) {
            const bool silent = trouble && trouble->rank == rank && trouble->kind == RankTrouble::Kind::Silent;
            m_patience = std::max(m_patience, silent ? trouble->seconds : 0) + kMoreTime;
            tell();
            record(EventKind::Knob,
                   fmt::format("{} is waited for, {:.0f} s without a sign at most.", nameOf(m_plan, rank), m_patience));
        } else if (remedy == RankRemedy::End || m_plan.devices.size() < 2) {
            record(EventKind::Knob, fmt::format("{} is ended, as was asked.", nameOf(m_plan, rank)));
            m_first = RankEnd{.rank = rank, .asked = true};
        } else {
            record(EventKind::Knob, fmt::format("The run goes on without rank {} ({}), as was asked.", rank,
                                                m_plan.devices.at(static_cast<std::size_t>(rank))));
            m_first = RankEnd{.rank = rank, .asked = true, .without = true};
        }
    }

    const fs::path& m_folder;
    RankPlan& m_plan;
    RankGuardPost m_post;
    RankWatch m_pulses;
    std::optional<RankEnd> m_first;
    Clock::time_point m_since;
    double m_patience = kGivenUp;
    int m_restarts = 0;
};

} // namespace

RunSummary trainInProcesses(const fs::path& runFolder, RankPlan plan, RunControl& control, ProgressSink* progress,
                            const std::vector<ChangedSetting>& changes) {
    std::vector<ChangedSetting> toCome = changes;
    Watch watch(runFolder, plan);
    for (;;) {
        std::optional<RankEnd> end;
        forgetRanks(runFolder, 0);
        {
            RankProcesses processes(wordsFor(runFolder, plan, toCome), static_cast<int>(plan.devices.size()),
                                    rankFile(runFolder, 0, ".log").parent_path(), plan.shared);
            Relay relay(runFolder, control, progress);
            end = watch.untilTheEnd(processes, relay);
        }
        RunSummary summary = RunReader(runFolder).summary();
        if (!end)
            return summary;
        const std::string happened = whatHappened(runFolder, *end);
        const RunCheckpoints saved = findCheckpoints(runFolder);
        const bool goesOn = watch.mayRestart(*end) && !control.stopRequested();
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
        watch.countRestart(*end);
        if (end->without)
            plan.devices.erase(plan.devices.begin() + end->rank);
        const bool begun = saved.newest() != nullptr;
        const std::string with =
            end->without ? fmt::format(" with {} {}", plan.devices.size(), plan.devices.size() == 1 ? "rank" : "ranks")
                         : std::string();
        writer.event(EventKind::Warning, summary.step, summary.epoch,
                     begun ? fmt::format("{} The run goes on from step {}{}.", happened, saved.newest()->step, with)
                           : fmt::format("{} Nothing was saved yet: the run begins again{}.", happened, with));
        if (begun)
            toCome.clear(); // they are in the experiment now
    }
}

} // namespace engine
