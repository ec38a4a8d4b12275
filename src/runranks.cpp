#include "src/runranks.h"

#include "src/values.h"
#include "ui/format.h"

#include <QDir>

#include <cmath>

namespace app {
namespace {

constexpr int kRankLookMs = 250;

using Lane = engine::RankWatch::Lane;
using State = ui::RankRow::State;

State stateOf(const Lane& lane, const std::optional<engine::RankTrouble>& trouble) {
    if (lane.state.activity == engine::RankActivity::Ended)
        return State::Ended;
    if (lane.silentSeconds >= engine::RankWatch::kSilentFrom)
        return State::Silent;
    const bool waitedFor = trouble && trouble->rank == lane.state.rank;
    return waitedFor || std::isfinite(lane.lateSeconds) ? State::Late : State::Fine;
}

QString activityOf(const Lane& lane, State state) {
    if (state == State::Silent)
        return RunRanks::tr("silent for %1 s").arg(std::lround(lane.silentSeconds));
    if (state == State::Late && std::isfinite(lane.lateSeconds))
        return RunRanks::tr("%1 s late a step").arg(lane.lateSeconds, 0, 'g', 2);
    return words(engine::rankActivityWords(lane.state.activity));
}

ui::RankRow rowOf(const Lane& lane, const std::optional<engine::RankTrouble>& trouble) {
    const State state = stateOf(lane, trouble);
    ui::RankRow row{.rank = lane.state.rank,
                    .device = words(lane.state.device),
                    .step = lane.state.step,
                    .activity = activityOf(lane, state),
                    .state = state,
                    .dataShare = lane.dataShare,
                    .communicationShare = lane.communicationShare,
                    .bytes = lane.state.usedBytes,
                    .celsius = lane.state.celsius,
                    .slices = {}};
    for (const engine::RankWatch::Slice& slice : lane.slices)
        row.slices.append({slice.at, slice.computing, slice.data, slice.communicating, slice.other, slice.silent});
    return row;
}

QString remedyOf(const engine::RankTrouble& trouble, const std::optional<engine::RankGuard>& guard) {
    if (trouble.kind != engine::RankTrouble::Kind::Silent)
        return RunRanks::tr("Its log may say why; Stop saves the run only once it goes on.");
    if (!guard)
        return RunRanks::tr("The others wait for it. Whoever started the ranks can end it.");
    const QString patience = RunRanks::tr("The others wait for it. Without a sign for %1 s it is ended,")
                                 .arg(std::lround(guard->patienceSeconds));
    return patience + QLatin1Char(' ') +
           (guard->restartsLeft > 0 ? RunRanks::tr("and the run goes on from its last checkpoint.")
                                    : RunRanks::tr("and so is the run: it was started again often enough."));
}

engine::RankRemedy remedyFor(ui::RankAct act) {
    switch (act) {
    case ui::RankAct::KeepWaiting:
        return engine::RankRemedy::KeepWaiting;
    case ui::RankAct::GoOnWithout:
        return engine::RankRemedy::GoOnWithout;
    case ui::RankAct::EndNow:
        break;
    }
    return engine::RankRemedy::End;
}

} // namespace

RunRanks::RunRanks(QObject* parent) : QObject(parent) {
    m_timer.setInterval(kRankLookMs);
    connect(&m_timer, &QTimer::timeout, this, &RunRanks::look);
}

void RunRanks::show(const QString& folder) {
    m_folder = folder;
    ++m_generation;
    m_watch = {};
    m_ranks = {};
    Q_EMIT changed();
}

void RunRanks::watch(bool live) {
    if (live == m_timer.isActive())
        return;
    if (live) {
        m_timer.start();
        look();
    } else {
        m_timer.stop();
        m_watch = {};
        m_ranks = {};
        Q_EMIT changed();
    }
}

QString RunRanks::log(int rank) const { return QDir(m_folder).filePath(QStringLiteral("ranks/rank-%1.log").arg(rank)); }

void RunRanks::look() {
    if (m_reading || m_folder.isEmpty())
        return;
    m_reading = true;
    m_background.run(
        [folder = toPath(m_folder)] {
            Seen seen{engine::readRanks(folder), {}};
            if (!seen.states.empty())
                seen.guard = engine::rankGuard(folder);
            return seen;
        },
        [this, generation = m_generation](const Outcome<Seen>& outcome) {
            m_reading = false;
            const auto* seen = std::get_if<0>(&outcome);
            if (seen != nullptr && generation == m_generation && m_timer.isActive())
                adopt(*seen);
        });
}

void RunRanks::ask(ui::RankAct act, int rank) {
    m_background.run(
        [folder = toPath(m_folder), request = engine::RankRequest{remedyFor(act), rank}] {
            engine::askOfRanks(folder, request);
            return true;
        },
        [this](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                Q_EMIT failed(trouble->message, trouble->remedy);
        });
}

void RunRanks::adopt(const Seen& seen) {
    m_watch.look(seen.states);
    const auto trouble = m_watch.trouble();
    m_ranks = {};
    for (const Lane& lane : m_watch.lanes())
        m_ranks.rows.append(rowOf(lane, trouble));
    if (trouble) {
        m_ranks.trouble = words(trouble->words);
        m_ranks.remedy = remedyOf(*trouble, seen.guard);
        m_ranks.troubled = trouble->rank;
        m_ranks.canAct = seen.guard.has_value();
    }
    Q_EMIT changed();
}

} // namespace app
