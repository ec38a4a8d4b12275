// What GPUs are doing: as a driver's library tells it, and as a file of another machine does.
#include "engine/api/deviceclaims.h"
#include "engine/api/devices.h"
#include "engine/api/error.h"
#include "engine/api/gpus.h"
#include "engine/device/computedevice.h"
#include "engine/device/gpustates.h"
#include "engine/device/procfs.h"
#include "tests/support/places.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <unistd.h>

using namespace engine;

namespace {

std::string fake(const char* name) {
    return (tests::place("THAW_FAKES", THAW_FAKES) + QLatin1Char('/') + QLatin1String(name)).toStdString();
}

// As CUDA lists them.
std::vector<GpuInfo> twoGpus() {
    std::vector<GpuInfo> gpus;
    for (const char* address : {"0000:07:00.0", "0000:0a:00.0"})
        gpus.push_back({.device = {.id = "cuda:" + std::to_string(gpus.size()), .name = "H200", .totalBytes = 1},
                        .pciAddress = address});
    return gpus;
}

const char* const kMachine = R"({"devices": [
  {"id": "cpu", "name": "EPYC"},
  {"id": "cuda:0", "name": "H200", "total_bytes": 140000000000, "free_bytes": 78600000000, "celsius": 58,
   "users": [{"process": 4711, "program": "python", "user": "anna", "bytes": 61400000000}]},
  {"id": "cuda:1", "name": "H200", "total_bytes": 140000000000, "free_bytes": 139000000000, "users": []}],
  "links": [{"between": ["cuda:0", "cuda:1"], "lanes": 18, "gigabytes_per_s": 450}]})";

} // namespace

class TestGpus final : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    void write(const char* text) {
        QFile file(m_folder.filePath(QStringLiteral("gpus.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        qputenv("THAW_GPUS", file.fileName().toUtf8());
    }

private Q_SLOTS:
    void init() { qputenv("THAW_CACHE", m_folder.filePath(QStringLiteral("cache")).toUtf8()); }
    void cleanup() { qunsetenv("THAW_GPUS"); }

    void theDriverTellsMemoryTemperatureAndWhoComputes() {
        const Nvml sensors(fake("thaw_fake_nvml.so").c_str());
        GpuMachine machine = readGpus(twoGpus(), sensors);
        const GpuState& first = machine.gpus.at(0);
        QCOMPARE(first.freeBytes, std::uint64_t(78'600'000'000));
        QCOMPARE(first.totalBytes, std::uint64_t(140'000'000'000));
        QCOMPARE(first.utilisation, 0.37);
        QCOMPARE(first.celsius, 58.0);
        QCOMPARE(first.watts, 240.5);
        QCOMPARE(first.pcieGigabytes, 64.0);
        QCOMPARE(first.users.value().size(), 70U);
        const GpuUser& me = first.users->at(0);
        QCOMPARE(me.process, std::int64_t(getpid()));
        QCOMPARE(me.program, procfs::programOf(getpid()));
        QVERIFY(!me.user.empty() && me.bytes == 61'400'000'000ULL);
        const GpuUser& unseen = first.users->at(1); // what is not told is left out
        QVERIFY(unseen.program.empty() && unseen.user.empty() && unseen.bytes == 0);
        QCOMPARE(gpuUserWords(unseen), "process " + std::to_string(unseen.process));
    }
    void whatMayNotBeReadIsLeftOut() {
        const Nvml sensors(fake("thaw_fake_nvml.so").c_str());
        const GpuMachine machine = readGpus(twoGpus(), sensors);
        QVERIFY(std::isnan(machine.gpus.at(1).celsius));
        QVERIFY(!machine.gpus.at(1).users);
        QCOMPARE(gpuUseWords(machine.gpus.at(1)), std::string("free"));
    }
    void linksAreCounted() {
        const Nvml sensors(fake("thaw_fake_nvml.so").c_str());
        const GpuMachine machine = readGpus(twoGpus(), sensors);
        QCOMPARE(machine.links.size(), 1U);
        QCOMPARE(lanesBetween(machine, "cuda:1", "cuda:0"), 18);
        QCOMPARE(machine.links[0].gigabytes, 450.0);
    }
    void anOldDriverTellsLess() {
        const Nvml sensors(fake("thaw_fake_oldnvml.so").c_str());
        const GpuMachine machine = readGpus(twoGpus(), sensors);
        QCOMPARE(machine.gpus.at(0).celsius, 58.0);
        QVERIFY(!machine.gpus.at(0).users && machine.links.empty());
        QVERIFY(std::isnan(machine.gpus.at(0).pcieGigabytes));
        QVERIFY(gpuLinkWords(machine).empty());
    }
    void withoutALibraryNothingIsTold() {
        const Nvml none("libthaw_no_such_driver.so.1");
        const GpuMachine machine = readGpus(twoGpus(), none);
        QVERIFY(std::isnan(machine.gpus.at(0).utilisation) && !machine.gpus.at(0).users);
        QVERIFY(!none.freeBytes("0000:07:00.0"));
    }
    void addressesAreTheSameHoweverTheyAreWritten() {
        QVERIFY(samePciAddress("00000000:0A:00.0", "0000:0a:00.0"));
        QVERIFY(!samePciAddress("00000000:0A:00.0", "0000:0b:00.0"));
    }

    void gpusOfAnotherMachineAreThereAndTheCpuComputes() {
        write(kMachine);
        QCOMPARE(devices().size(), 3U);
        QVERIFY(gpuAbsenceReason().empty());
        const GpuMachine machine = lookAtGpus();
        QCOMPARE(gpuUseWords(machine.gpus.at(0)), std::string("python of anna, 61.4 GB"));
        QCOMPARE(freeGpus(machine, 2), std::vector<std::string>{"cuda:1"});
        QCOMPARE(gpuLinkWords(machine), std::string("NVLink between all, 450 GB/s each way"));
        QCOMPARE(DeviceSampler().sample().at(1).celsius, 58.0);
        const std::vector<std::string> second = {"cuda:1"};
        QCOMPARE(chooseDevice(second).id, std::string("cuda:1"));
        QCOMPARE(openDevice(second)->place(), at::Device(at::kCPU));
        QCOMPARE(openDevice(second)->info().id, std::string("cuda:1"));
    }
    void aRunIsNamedWhereItComputes() {
        write(kMachine);
        DeviceClaims claims;
        QVERIFY(claims.take("cuda:1", {}, "/runs/parts"));
        QCOMPARE(gpuUseWords(lookAtGpus().gpus.at(1)), std::string("run parts"));
        QVERIFY(!isFree(lookAtGpus().gpus.at(1)));
        claims = DeviceClaims();
        QVERIFY(isFree(lookAtGpus().gpus.at(1)));
        // One of the driver's processes is who took it.
        const Nvml sensors(fake("thaw_fake_nvml.so").c_str());
        GpuMachine machine = readGpus(twoGpus(), sensors);
        QVERIFY(claims.take("cuda:0", machine.gpus.at(0).address, "/runs/parts"));
        joinRuns(machine);
        QVERIFY(machine.gpus.at(0).users->at(0).is == GpuUser::Is::Rank);
        QCOMPARE(machine.gpus.at(0).users->at(0).run, std::filesystem::path("/runs/parts"));
        QVERIFY(machine.gpus.at(0).users->at(1).is == GpuUser::Is::Other);
    }
    void aFileThatSaysNothingIsNamed() {
        write("{}");
        try {
            (void)lookAtGpus();
            QFAIL("it was read");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("gpus.json") != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestGpus)
#include "tst_gpus.moc"
