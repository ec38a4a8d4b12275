// What a launcher says about ranks, and what ranks say to each other.
#include "engine/api/error.h"
#include "engine/distributed/c10dgroup.h"
#include "engine/distributed/gradientsync.h"
#include "tests/support/fakeworld.h"

#include <QTest>

#include <map>
#include <thread>

using namespace engine;

namespace {

using Variables = std::map<std::string, std::string>;

std::optional<Rendezvous> from(const Variables& variables) {
    return rendezvousFrom([&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    });
}

} // namespace

class TestRendezvous final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyLauncherSaysWhichRankThisIs() {
        QVERIFY(!from({{"PATH", "/bin"}}));
        const auto torchrun = from({{"RANK", "5"},
                                    {"WORLD_SIZE", "8"},
                                    {"LOCAL_RANK", "1"},
                                    {"LOCAL_WORLD_SIZE", "4"},
                                    {"MASTER_ADDR", "node-a"},
                                    {"MASTER_PORT", "1234"}});
        QVERIFY(torchrun && (torchrun->world == World{5, 8, 1, 4}));
        QCOMPARE(torchrun->address, std::string("node-a"));
        QCOMPARE(torchrun->port, 1234);
        const auto mpi = from({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}});
        QVERIFY(mpi && (mpi->world == World{1, 2, 1, 2}));
        QCOMPARE(mpi->address, std::string("127.0.0.1"));
        const auto slurm = from({{"SLURM_PROCID", "2"},
                                 {"SLURM_NTASKS", "4"},
                                 {"SLURM_LOCALID", "0"},
                                 {"SLURM_NTASKS_PER_NODE", "2"},
                                 {"SLURM_JOB_NODELIST", "node[07-09,12],other"},
                                 {"SLURM_JOB_ID", "123456"}});
        QVERIFY(slurm && (slurm->world == World{2, 4, 0, 2}));
        QCOMPARE(slurm->address, std::string("node07"));
        QVERIFY(slurm->port >= 20000 && slurm->port < 40000);
    }

    void halfAnAnswerIsRefused() {
        for (const Variables& variables :
             {Variables{{"RANK", "0"}}, Variables{{"RANK", "x"}, {"WORLD_SIZE", "2"}},
              Variables{{"RANK", "2"}, {"WORLD_SIZE", "2"}}, Variables{{"SLURM_PROCID", "1"}}})
            QVERIFY_EXCEPTION_THROWN((void)from(variables), Error);
    }

    void theFirstMachineOfAList() {
        for (const auto& [list, first] : {std::pair{"a", "a"},
                                          {"a,b", "a"},
                                          {"a[1-3]", "a1"},
                                          {"n[01,05]", "n01"},
                                          {"a,n[1-2]", "a"},
                                          {"x[3],y", "x3"}})
            QCOMPARE(firstHost(list), std::string(first));
    }

    void aRankAloneSaysEverythingToItself() {
        const auto solo = soloGroup();
        QVERIFY((solo->world() == World{}));
        at::Tensor tensor = at::arange(4);
        solo->allReduce(tensor);
        solo->broadcast(tensor);
        QVERIFY(at::equal(tensor, at::arange(4)) && at::equal(solo->allGather(tensor), tensor));
        QVERIFY(at::equal(solo->reduceScatter(tensor), tensor));
        QCOMPARE(agreed(*solo, 7), std::int64_t(7));
    }

    void whatTheRanksSayComesTogether_data() {
        QTest::addColumn<int>("size");
        for (const int size : {1, 2, 3})
            QTest::addRow("%d ranks", size) << size;
    }
    void whatTheRanksSayComesTogether() {
        QFETCH(int, size);
        tests::FakeWorld world(size);
        std::vector<std::jthread> threads;
        std::atomic<int> right = 0;
        for (int rank = 0; rank < size; ++rank)
            threads.emplace_back([&, rank] {
                const auto group = world.join(rank);
                at::Tensor sum = at::full({2}, rank + 1, at::kLong);
                group->allReduce(sum);
                bool good = sum[0].item<std::int64_t>() == size * (size + 1) / 2;
                good = good && agreed(*group, rank + 5) == 5;
                const at::Tensor rows = gatherRows(*group, at::full({rank, 2}, rank, at::kFloat)); // none of the first
                good = good && rows.size(0) == size * (size - 1) / 2;
                if (size == 3)
                    good = good && at::equal(rows.select(1, 0), at::tensor({1.0F, 2.0F, 2.0F}));
                const auto texts = gatherTexts(*group, std::string(static_cast<std::size_t>(rank), 'x'));
                for (int other = 0; other < size; ++other)
                    good = good && texts[static_cast<std::size_t>(other)].size() == static_cast<std::size_t>(other);
                const at::Tensor part = group->reduceScatter(at::arange(2 * size));
                good = good && part[0].item<std::int64_t>() == 2 * rank * size;
                right += good ? 1 : 0;
            });
        threads.clear();
        QCOMPARE(right.load(), size);
    }

    // w and v are used in this order, u in no forward pass; each bucket holds one of them.
    void gradientsAreSumsOverTheRanksWhereverTheyCome() {
        constexpr int kRanks = 3;
        tests::FakeWorld world(kRanks);
        std::vector<std::jthread> threads;
        std::atomic<int> right = 0;
        for (int rank = 0; rank < kRanks; ++rank)
            threads.emplace_back([&, rank] {
                const auto group = world.join(rank);
                const at::Tensor u = at::ones({2}).requires_grad_(true), frozen = at::ones({5}),
                                 w = at::ones({2, 3, 4, 4})
                                         .contiguous(at::MemoryFormat::ChannelsLast)
                                         .requires_grad_(true),
                                 v = at::ones({3}).requires_grad_(true);
                const std::vector<at::Tensor> parameters{u, frozen, w, v};
                GradientSync sync(*group, parameters, {.bucketBytes = 16});
                bool good = sync.buckets() == 3 && sync.bytes() == 4 * (2 + 96 + 3);
                for (int step = 0; step < 2; ++step) {
                    sync.begin();
                    for (int batch = 0; batch < 2; ++batch) { // of two, and one rank's last one is empty
                        if (batch == 1)
                            sync.lastBackward();
                        if (rank == 2 && batch == 1)
                            continue;
                        ((w.sum({0, 2, 3}) * v).sum() * (rank + 1)).backward();
                    }
                    sync.finish();
                    // Twice each rank's share, once the third's: 2 × 1 + 2 × 2 + 3.
                    good = good && at::equal(w.grad(), at::full_like(w, 9)) && w.grad().strides() == w.strides();
                    good = good && at::equal(v.grad(), at::full({3}, 9.0F * 32)) && at::equal(u.grad(), at::zeros({2}));
                    good = good && !frozen.grad().defined();
                    sync.scale(at::full({}, 0.5F));
                    good = good && at::equal(v.grad(), at::full({3}, 4.5F * 32));
                    for (const at::Tensor& parameter : {u, w, v})
                        parameter.mutable_grad() = at::Tensor(); // as an optimizer does
                }
                right += good ? 1 : 0;
            });
        threads.clear();
        QCOMPARE(right.load(), kRanks);
    }

    void overC10dAsWell() {
        std::vector<std::jthread> threads;
        std::atomic<int> right = 0;
        const int port = 29000 + static_cast<int>(QCoreApplication::applicationPid() % 900);
        for (int rank = 0; rank < 2; ++rank)
            threads.emplace_back([&, rank] {
                const auto group = joinGroup({.world = {rank, 2, rank, 2}, .port = port});
                at::Tensor sum = at::arange(6).to(at::kFloat).view({2, 3}).t(); // not dense
                group->allReduce(sum);
                bool good = at::equal(sum, (at::arange(6) * 2).to(at::kFloat).view({2, 3}).t());
                good = good && agreed(*group, rank + 5) == 5;
                good = good && gatherRows(*group, at::full({rank + 1}, rank, at::kLong)).size(0) == 3;
                const at::Tensor part = group->reduceScatter(at::arange(4).to(at::kFloat));
                good = good && part[0].item<float>() == float(4 * rank);
                right += good ? 1 : 0;
            });
        threads.clear();
        QCOMPARE(right.load(), 2);
    }
};

QTEST_GUILESS_MAIN(TestRendezvous)
#include "tst_rendezvous.moc"
