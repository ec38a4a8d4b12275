// What is asked of whoever watches a run's ranks.
#include "engine/runs/rankremedy.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <fstream>

using namespace engine;
using namespace tests;

class TestRankRemedy final : public QObject, private RunBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }

    void whereNobodyWatchesItIsSaid() {
        const fs::path run = newRun();
        QVERIFY(!rankGuard(run));
        const auto error = errorOf([&] { askOfRanks(run, {RankRemedy::End}); });
        QVERIFY(error && error->kind() == ErrorKind::BadInput);
        QVERIFY(error->remedy().find("torchrun") != std::string::npos);
        { const RankGuardPost post(run); }
        QVERIFY(errorOf([&] { askOfRanks(run, {RankRemedy::End}); })); // he has gone
    }
    void whatIsAskedArrivesOnceInItsOrder() {
        const fs::path run = newRun();
        RankGuardPost post(run);
        for (const RankRequest request : {RankRequest{RankRemedy::KeepWaiting}, RankRequest{RankRemedy::End, 3},
                                          RankRequest{RankRemedy::GoOnWithout, 1}})
            askOfRanks(run, request);
        std::ofstream(run / "ranks" / "remedy-0.json") << "{\"remedy\": \"something else\"}";
        const auto taken = post.take();
        QCOMPARE(taken.size(), 3U);
        QVERIFY(taken[0].remedy == RankRemedy::KeepWaiting && taken[0].rank == -1);
        QVERIFY(taken[1].remedy == RankRemedy::End && taken[1].rank == 3);
        QVERIFY(taken[2].remedy == RankRemedy::GoOnWithout && taken[2].rank == 1);
        QVERIFY(post.take().empty());
    }
    void howTheRanksAreWatchedIsTold() {
        const fs::path run = newRun();
        RankGuardPost post(run);
        post.tell({.ranks = 4, .patienceSeconds = 330, .restartsLeft = 1});
        const auto guard = rankGuard(run);
        QVERIFY(guard && guard->ranks == 4 && guard->patienceSeconds == 330 && guard->restartsLeft == 1);
        QVERIFY(errorOf([&] { const RankGuardPost second(run); }));
    }
    void anEventOfAnotherProcessStandsInTheRecord() {
        const fs::path run = newRun();
        RunWriter writer(run);
        writer.started(twoEpochs(), -1);
        writer.scalar("train/loss", 1, 1);
        writer.flush();
        appendEvent(run, EventKind::Knob, 1, 1, "Rank 1 is ended, as was asked.");
        writer.event(EventKind::Note, 2, 1, "and on");
        const RunReader reader(run);
        const auto& events = reader.events();
        QVERIFY(events.size() >= 2);
        QCOMPARE(events[events.size() - 2].text, std::string("Rank 1 is ended, as was asked."));
        QVERIFY(events[events.size() - 2].kind == EventKind::Knob);
        QCOMPARE(events.back().text, std::string("and on"));
    }
};

QTEST_GUILESS_MAIN(TestRankRemedy)
#include "tst_rankremedy.moc"
