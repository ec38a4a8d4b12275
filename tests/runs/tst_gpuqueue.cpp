// Runs that ask for GPUs: which begin together, which wait, and that no two programs take one GPU.
#include "engine/api/deviceclaims.h"
#include "engine/api/gpus.h"
#include "engine/api/queue.h"
#include "engine/runs/queueorder.h"
#include "tests/runs/runbench.h"

#include <QTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace engine;
using namespace tests;
namespace fs = std::filesystem;

namespace {

// So many free GPUs; those of a pair (0 and 1, 2 and 3, …) are joined by NVLink.
GpuMachine machineOf(int gpus) {
    GpuMachine machine;
    for (int i = 0; i < gpus; ++i)
        machine.gpus.push_back({.id = "cuda:" + std::to_string(i), .name = "H200", .users = std::vector<GpuUser>()});
    for (std::size_t i = 0; i + 1 < machine.gpus.size(); i += 2)
        machine.links.push_back({machine.gpus[i].id, machine.gpus[i + 1].id, 18, 450});
    return machine;
}

GpuUser python() { return {.process = 4711, .program = "python", .user = "anna", .bytes = 61'400'000'000}; }

} // namespace

class TestGpuQueue final : public QObject, private RunBench {
    Q_OBJECT
    QueueState m_queue;
    GpuMachine m_machine;

    [[nodiscard]] QueuedRun runOn(const std::vector<std::string>& use, double about = 0) const {
        Experiment experiment = named("on " + use.front());
        experiment.devices.use = use;
        return {.folder = createRun(experiment, m_runs), .changes = {}, .aboutSeconds = about};
    }
    void waitsFor(const std::vector<std::string>& use) { m_queue.waiting.push_back(runOn(use)); }
    // "1: cuda:0 cuda:1"; empty: none begins.
    std::string chosen() {
        const auto choice = chooseNext(m_queue, m_machine, 1000);
        if (!choice)
            return {};
        std::string words = std::to_string(choice->place) + ":";
        for (const std::string& device : choice->devices)
            words += " " + device;
        return words;
    }
    // It begins: others see its devices taken.
    std::string start() {
        const auto choice = chooseNext(m_queue, m_machine, 1000);
        if (!choice)
            return {};
        const std::string words = chosen();
        const auto place = m_queue.waiting.begin() + static_cast<std::ptrdiff_t>(choice->place);
        place->devices = choice->devices;
        for (GpuState& gpu : m_machine.gpus)
            if (std::ranges::find(choice->devices, gpu.id) != choice->devices.end())
                gpu.takenFor = place->folder;
        m_queue.running.push_back(*place);
        m_queue.waiting.erase(place);
        return words;
    }
    void frees(const std::string& device) {
        std::ranges::find(m_machine.gpus, device, &GpuState::id)->takenFor.clear();
    }

private Q_SLOTS:
    void init() {
        begin();
        qputenv("THAW_CACHE", QByteArray::fromStdString((m_runs.parent_path() / "cache").string()));
        m_queue = {};
        m_machine = machineOf(4);
    }

    void runsOnDifferentDevicesBeginTogether() {
        waitsFor({"cuda:0"});
        waitsFor({"cuda:2", "cuda:3"});
        waitsFor({"cpu"});
        QCOMPARE(start(), std::string("0: cuda:0"));
        QCOMPARE(start(), std::string("0: cuda:2 cuda:3"));
        QCOMPARE(start(), std::string("0: cpu"));
        waitsFor({"cpu", "cpu"});
        waitsFor({"cuda:2"});
        QCOMPARE(start(), std::string());
        frees("cuda:2");
        QCOMPARE(start(), std::string("1: cuda:2")); // the CPU is not what it waits for
    }
    void theNextFreeOnesAreThoseThatAreLinked() {
        m_machine.gpus[0].users->push_back(python());
        waitsFor({"next:2"});
        QCOMPARE(chosen(), std::string("0: cuda:2 cuda:3")); // and not 1 and 2
        m_machine.gpus[0].users->clear();
        QCOMPARE(chosen(), std::string("0: cuda:0 cuda:1"));
    }
    void aLargeRunIsNotPassedByForEver() {
        m_machine.gpus[1].takenFor = "elsewhere";
        m_machine.gpus[2].takenFor = "elsewhere";
        m_machine.gpus[3].takenFor = "elsewhere";
        waitsFor({"next:2"});
        waitsFor({"next:1"});
        waitsFor({"auto"});
        waitsFor({"cuda:0"});
        waitsFor({"cpu"});
        QCOMPARE(start(), std::string("4: cpu")); // what is free is kept for the first
        QCOMPARE(start(), std::string());
        frees("cuda:3");
        QCOMPARE(start(), std::string("0: cuda:0 cuda:3"));
        frees("cuda:1");
        QCOMPARE(start(), std::string("0: cuda:1"));
    }
    void namedDevicesAreKeptForWhoWaitsForThem() {
        m_machine.gpus[1].takenFor = "elsewhere";
        waitsFor({"cuda:0", "cuda:1"});
        waitsFor({"cuda:0"});
        waitsFor({"next:2"});
        QCOMPARE(start(), std::string("2: cuda:2 cuda:3"));
        QCOMPARE(start(), std::string());
    }
    void whatNoMachineHereCanDoBeginsAndSaysSo() {
        waitsFor({"next:5"});
        QCOMPARE(chosen(), std::string("0:"));
        m_queue.waiting.clear();
        waitsFor({"cuda:7"});
        QCOMPARE(chosen(), std::string("0:"));
    }
    void withoutGpusThereIsOneLane() {
        m_machine = {};
        waitsFor({"auto"});
        waitsFor({"cpu"});
        QCOMPARE(start(), std::string("0: cpu"));
        QCOMPARE(start(), std::string());
        QCOMPARE(queueLanes(m_queue, m_machine, {}).devices, std::vector<std::string>{"cpu"});
    }
    void aProgramOfAnotherPersonKeepsAGpuBusyAndIsNamed() {
        m_machine = machineOf(1);
        m_machine.gpus[0].users->push_back(python());
        QVERIFY(!isFree(m_machine.gpus[0]));
        QCOMPARE(gpuUseWords(m_machine.gpus[0]), std::string("python of anna, 61.4 GB"));
        const auto error = errorOf([&] { (void)takeDevices("/runs/one", deviceWish({"next:1"}, 1), m_machine); });
        QVERIFY(error && error->kind() == ErrorKind::Device);
        QCOMPARE(std::string(error->what()), std::string("1 free GPU is asked for, and none is free. cuda:0: python of "
                                                         "anna, 61.4 GB."));
        m_machine.gpus[0].users->front().is = GpuUser::Is::IdleThaw;
        QVERIFY(isFree(m_machine.gpus[0]));
        m_machine.gpus[0].users.reset(); // not told: it does not count
        QVERIFY(isFree(m_machine.gpus[0]));
    }

    void lanesSayWhatRunsAndWhatComesNext() {
        m_machine.gpus[3].users->push_back(python());
        m_queue.waiting.push_back(runOn({"cuda:0"}));
        QCOMPARE(start(), std::string("0: cuda:0"));
        m_queue.waiting.push_back(runOn({"next:2"}, 120));
        m_queue.waiting.push_back(runOn({"cuda:0"}, 60));
        const std::string now = m_queue.running[0].id();
        const QueueLanes lanes = queueLanes(m_queue, m_machine, {{now, 30}});
        QCOMPARE(lanes.devices, std::vector<std::string>({"cuda:0", "cuda:1", "cuda:2", "cuda:3"}));
        QCOMPARE(lanes.blocks.size(), 4U);
        QCOMPARE(lanes.blocks[0].run, now);
        QCOMPARE(lanes.blocks[0].end, 30.0);
        QVERIFY(lanes.blocks[0].running && !lanes.blocks[2].running);
        QCOMPARE(lanes.blocks[1].who, std::string("python of anna, 61.4 GB"));
        QCOMPARE(lanes.blocks[2].devices, std::vector<std::string>({"cuda:1", "cuda:2"}));
        QCOMPARE(lanes.blocks[2].start, 0.0);
        QCOMPARE(lanes.blocks[3].start, 30.0);
        QCOMPARE(lanes.blocks[3].end, 90.0);
    }

    void linksAreSaidInOneLine() {
        QCOMPARE(gpuLinkWords(machineOf(2)), std::string("NVLink between all, 450 GB/s each way"));
        m_machine.gpus[0].pcieGigabytes = 64;
        QCOMPARE(gpuLinkWords(m_machine),
                 std::string("cuda:0 and cuda:1: NVLink, 450 GB/s each way; cuda:2 and cuda:3: "
                             "NVLink, 450 GB/s each way; else PCIe"));
        for (GpuState& gpu : m_machine.gpus)
            gpu.pcieGigabytes = 64;
        QVERIFY(gpuLinkWords(m_machine).ends_with("; else PCIe, 64 GB/s each way"));
        QVERIFY(gpuLinkWords(machineOf(1)).empty());
    }
    void whatUseAsksForIsUnderstood() {
        using Kind = DeviceWish::Kind;
        const auto kind = [](const std::vector<std::string>& use, std::size_t gpus) {
            return deviceWish(use, gpus).kind;
        };
        QVERIFY(kind({"auto"}, 2) == Kind::Free && kind({"auto"}, 0) == Kind::Cpu && kind({}, 0) == Kind::Cpu);
        QVERIFY(kind({"all"}, 2) == Kind::All && kind({"all"}, 0) == Kind::Cpu);
        QVERIFY(kind({"cuda:1"}, 2) == Kind::Named && kind({"cuda"}, 2) == Kind::Named);
        QCOMPARE(deviceWish({"cpu", "cpu"}, 2).count, 2U);
        QCOMPARE(deviceWish({"next:3"}, 4).count, 3U);
        for (const char* wrong : {"next:0", "next:", "next:-1", "next:2x", "next:99999"}) {
            Experiment experiment = named("wrong");
            experiment.devices.use = {wrong};
            const auto findings = validate(experiment);
            QVERIFY2(std::ranges::any_of(findings, [](const Finding& one) { return one.key == "devices.use"; }), wrong);
        }
    }

    void twoRunsNeverTakeOneGpu() {
        DeviceClaims first = takeDevices("/runs/one", deviceWish({"next:2"}, 4), m_machine);
        QCOMPARE(first.devices(), std::vector<std::string>({"cuda:0", "cuda:1"}));
        QCOMPARE(takenFor("cuda:0", {}), fs::path("/runs/one"));
        QCOMPARE(takenBy("cuda:0", {}), std::int64_t(getpid()));
        const DeviceClaims second = takeDevices("/runs/two", deviceWish({"next:2"}, 4), m_machine);
        QCOMPARE(second.devices(), std::vector<std::string>({"cuda:2", "cuda:3"}));
        const auto error = errorOf([&] { (void)takeDevices("/runs/three", deviceWish({"next:1"}, 4), m_machine); });
        QVERIFY(error && std::string(error->what()).find("cuda:3: run two") != std::string::npos);
        QVERIFY(takeDevices("/runs/four", deviceWish({"cuda:0"}, 4), m_machine).devices().empty()); // named, but shared
        first = DeviceClaims();
        QVERIFY(takenFor("cuda:0", {}).empty());
        QCOMPARE(takeDevices("/runs/three", deviceWish({"next:2"}, 4), m_machine).devices().size(), 2U);
    }
    void aGpuIsLetGoWithTheProcessAndNotBeforeItsRanks() {
        int toRank[2] = {};
        QCOMPARE(pipe(toRank), 0);
        const pid_t launcher = fork();
        if (launcher == 0) {
            const DeviceClaims claims = takeDevices("/runs/one", deviceWish({"cuda:1"}, 4), m_machine);
            if (fork() == 0) { // a rank: it has the launcher's open files
                close(toRank[1]);
                char byte = 0;
                (void)!read(toRank[0], &byte, 1);
                _exit(0);
            }
            kill(getpid(), SIGKILL);
        }
        int status = 0;
        waitpid(launcher, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(takenFor("cuda:1", {}), fs::path("/runs/one"));
        close(toRank[0]);
        close(toRank[1]); // which ends the rank
        QTRY_VERIFY(takenFor("cuda:1", {}).empty());
    }
    void theRunnerTakesWhatItGives() {
        addToQueue(runOn({"next:1"}));
        addToQueue(runOn({"next:1"}));
        QueueRunner runner(m_runs, "A test");
        const DeviceClaims elsewhere = takeDevices("/runs/other", deviceWish({"cuda:0"}, 4), m_machine);
        const auto one = runner.next(m_machine); // as it was before another program took one
        QCOMPARE(one.run.value().devices, std::vector<std::string>{"cuda:1"});
        const auto two = runner.next(m_machine);
        QCOMPARE(two.claims.devices(), std::vector<std::string>{"cuda:2"});
        QCOMPARE(queueState(m_runs).running.size(), 2U);
    }

    void timesAreUnderstood() {
        constexpr double kNow = 1'796'000'000;
        QCOMPARE(startTimeOf("", kNow), 0.0);
        QCOMPARE(startTimeOf("now", kNow), 0.0);
        QCOMPARE(startTimeOf("+90m", kNow), kNow + 5400);
        QCOMPARE(startTimeOf("+2h", kNow), kNow + 7200);
        const double next = startTimeOf("08:30", kNow);
        QVERIFY(next > kNow && next <= kNow + 86400 + 3600);
        const QDateTime date(QDate(2026, 12, 1), QTime(8, 30));
        QCOMPARE(startTimeOf("2026-12-01 08:30", kNow), double(date.toSecsSinceEpoch()));
        for (const char* wrong : {"25:00", "8", "tomorrow", "+h", "+2x", "2026-12-01", "08:30x"})
            QVERIFY2(errorOf([&] { (void)startTimeOf(wrong, kNow); }), wrong);
    }
};

QTEST_GUILESS_MAIN(TestGpuQueue)
#include "tst_gpuqueue.moc"
