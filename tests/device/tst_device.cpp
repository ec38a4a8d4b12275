#include "engine/api/error.h"
#include "engine/device/cpuallocator.h"
#include "engine/device/cudamodule.h"
#include "tests/support/places.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>
#include <unistd.h>

using namespace engine;
namespace fs = std::filesystem;

namespace {

fs::path fake(const char* name) {
    return (tests::place("THAW_FAKES", THAW_FAKES) + QLatin1Char('/') + QLatin1String(name)).toStdString();
}

// A folder as the wheels make it, with `cudaHalf` in the place of torch's CUDA half.
class Libraries final {
public:
    explicit Libraries(const fs::path& cudaHalf) {
        fs::create_directories(path() / "torch" / "lib");
        if (!cudaHalf.empty())
            fs::copy_file(cudaHalf, path() / "torch" / "lib" / "libtorch_cuda.so");
    }
    [[nodiscard]] fs::path path() const { return m_folder.path().toStdString(); }

private:
    QTemporaryDir m_folder;
};

std::string absence(const CudaPlaces& places) {
    const CudaOpening opening = openCuda(places);
    return opening.provider == nullptr && opening.gpus.empty() ? opening.absence : std::string("it opened");
}

bool isOneSentence(const std::string& text) {
    return text.find('\n') == std::string::npos && text.ends_with("training runs on the CPU.");
}

bool says(const std::string& text, const char* words) {
    if (text.find(words) != std::string::npos && isOneSentence(text))
        return true;
    qWarning("%s", text.c_str());
    return false;
}

} // namespace

class TestDevice final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutADriverTheReasonNamesIt() {
        QVERIFY(says(absence({.driver = "libthaw_no_driver.so.1"}), "libthaw_no_driver.so.1 is missing"));
    }
    void withoutTheLibrariesTheReasonNamesTheFile() {
        const Libraries none({});
        QVERIFY(says(absence({.driver = fake("thaw_fake_driver.so"), .libraries = none.path()}),
                     "libtorch_cuda.so is not"));
    }
    void brokenLibrariesAreToldInTheLoadersWords() {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("broken")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("no library");
        file.close();
        const Libraries broken(file.fileName().toStdString());
        QVERIFY(says(absence({.driver = fake("thaw_fake_driver.so"), .libraries = broken.path()}),
                     "the CUDA libraries could not be loaded"));
    }
    void withoutTheModuleTheReasonNamesIt() {
        const Libraries fine(fake("thaw_fake_driver.so"));
        QVERIFY(says(absence({.driver = fake("thaw_fake_driver.so"),
                              .libraries = fine.path(),
                              .module = fine.path() / "thaw_cuda.so"}),
                     "thaw_cuda.so is not"));
    }
    void aBrokenModuleIsToldInTheLoadersWords() {
        const Libraries fine(fake("thaw_fake_driver.so"));
        const fs::path module = fine.path() / "thaw_cuda.so";
        QFile file(QString::fromStdString(module.string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("no module");
        file.close();
        QVERIFY(says(absence({.driver = fake("thaw_fake_driver.so"), .libraries = fine.path(), .module = module}),
                     "module could not be loaded"));
    }
    void aModuleOfAnotherVersionIsRefused() {
        const Libraries fine(fake("thaw_fake_driver.so"));
        for (const char* module : {"thaw_fake_othermodule.so", "thaw_fake_notourmodule.so"})
            QVERIFY(
                says(absence({.driver = fake("thaw_fake_driver.so"), .libraries = fine.path(), .module = fake(module)}),
                     "belongs to another version"));
    }
    void theEnvironmentNamesThePlaces() {
        const QByteArray before = qgetenv("THAW_CUDA_MODULE");
        qputenv("THAW_CUDA_DIR", "/some/folder");
        qputenv("THAW_CUDA_MODULE", "/some/module.so");
        QCOMPARE(cudaPlaces().libraries, fs::path("/some/folder"));
        QCOMPARE(cudaPlaces().module, fs::path("/some/module.so"));
        qunsetenv("THAW_CUDA_DIR");
        if (before.isEmpty())
            qunsetenv("THAW_CUDA_MODULE");
        else
            qputenv("THAW_CUDA_MODULE", before);
        QVERIFY(fs::exists(cudaPlaces().libraries / "torch" / "lib" / "libtorch_cpu.so"));
    }

    void theCpuIsAlwaysThereAndFirst() {
        const std::vector<DeviceInfo> all = devices();
        QVERIFY(!all.empty());
        QCOMPARE(all.front().id, std::string("cpu"));
        QVERIFY(all.front().cores > 0 && all.front().totalBytes > 0);
        QCOMPARE(all.size() == 1, !gpuAbsenceReason().empty());
        const std::vector<std::string> cpu = {"cpu"};
        QCOMPARE(chooseDevice(cpu).id, std::string("cpu"));
        QCOMPARE(openDevice(cpu)->place(), at::Device(at::kCPU));
    }
    void memoryIsWhatTheSystemHas() {
        const auto bytes = double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
        QVERIFY(std::abs(double(devices().front().totalBytes) / bytes - 1) < 0.01);
        const auto free = double(sysconf(_SC_AVPHYS_PAGES)) * double(sysconf(_SC_PAGESIZE));
        const DeviceSample cpu = DeviceSampler().sample().front();
        QVERIFY(double(cpu.usedBytes) < bytes - free + 0.05 * bytes); // the system's caches count as free as well
        QVERIFY(cpu.processBytes > 0 && cpu.processBytes <= cpu.totalBytes);
    }
    void utilisationIsTheShareThatIsNotIdle_data() {
        QTest::addColumn<bool>("busy");
        QTest::newRow("as the machine is") << false;
        QTest::newRow("every core at work") << true;
    }
    void utilisationIsTheShareThatIsNotIdle() {
        QFETCH(bool, busy);
        std::vector<std::jthread> work;
        for (unsigned core = 0; busy && core < std::thread::hardware_concurrency(); ++core)
            work.emplace_back([](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                }
            });
        const auto ticks = [] {
            std::ifstream stat("/proc/stat");
            std::string word;
            stat >> word;
            std::array<double, 8> columns{};
            for (double& column : columns)
                stat >> column;
            const double all = std::accumulate(columns.begin(), columns.end(), 0.0);
            return std::pair(all, columns[3] + columns[4]); // idle, waiting for input or output
        };
        const auto before = ticks();
        DeviceSampler sampler;
        auto after = ticks();
        while (after.first - before.first < 100) // ticks
            after = ticks();
        const double share = sampler.sample().front().utilisation;
        after = ticks();
        const double idle = (after.second - before.second) / (after.first - before.first);
        QVERIFY2(std::abs(share - (1 - idle)) < 0.15, qPrintable(QString::number(share)));
    }
    void largeBlocksAreReusedByTensorsOfLikeSizeOnly() {
        installCpuAllocator();
        releaseCachedCpuMemory();
        constexpr std::int64_t kLarge = 64 << 20, kSmall = 4 << 20;
        const CpuMemory before = cpuMemory();
        at::empty({kLarge}, at::kByte); // freed at once
        QCOMPARE(cpuMemory().cached, std::uint64_t(kLarge));
        const at::Tensor small = at::empty({kSmall}, at::kByte);
        QCOMPARE(cpuMemory().used - before.used, std::uint64_t(kSmall));
        QCOMPARE(cpuMemory().cached, std::uint64_t(kLarge));
        const at::Tensor alike = at::empty({kLarge - (1 << 20)}, at::kByte);
        QCOMPARE(cpuMemory().cached, std::uint64_t(0));
        releaseCachedCpuMemory();
    }
    void autoTakesTheGpuWhereThereIsOne() {
        const std::vector<DeviceInfo> all = devices();
        const std::vector<std::string> wish = {"auto"};
        QCOMPARE(chooseDevice(wish).id, all.size() > 1 ? std::string("cuda:0") : std::string("cpu"));
        QCOMPARE(chooseDevice({}).id, chooseDevice(wish).id);
        const std::vector<std::string> every = {"all"};
        QCOMPARE(chooseDevice(every).id, chooseDevice(wish).id);
    }
    void aDeviceThatIsNotThereIsAnErrorWithAWayOut() {
        for (const char* name : {"cuda:99", "cuda:x", "tpu"}) {
            const std::vector<std::string> wish = {name};
            try {
                (void)openDevice(wish);
                QFAIL(name);
            } catch (const Error& error) {
                QCOMPARE(error.kind(), ErrorKind::Device);
                QVERIFY(std::string(error.what()).find(name) != std::string::npos);
                QVERIFY(error.remedy().find("auto") != std::string::npos);
            }
        }
    }
    void theCpuAnswersAtOnce() {
        const auto device = openCpu();
        const auto scope = device->enter();
        const at::Tensor value = at::arange(6);
        QVERIFY(device->answersAtOnce());
        QVERIFY(device->upload(value).is_same(value));
        const auto read = device->read(value);
        QVERIFY(read->arrived() && at::equal(read->wait(), value));
        const auto begin = device->mark();
        QVERIFY(begin->reached() && device->mark()->millisecondsSince(*begin) >= 0);
        const at::Tensor times = at::zeros({3}, at::kDouble);
        for (int slot = 0; slot < 3; ++slot)
            device->recordTimestamp(times, slot);
        const auto* ms = times.const_data_ptr<double>();
        QVERIFY(ms[1] > 0 && ms[2] > ms[1] && ms[2] <= device->mark()->millisecondsSince(*begin));
        QVERIFY(device->capture([] {}) == nullptr);
        QVERIFY(device->memory().used > 0);
    }
    void everyDeviceIsSampled() {
        DeviceSampler sampler;
        const std::vector<DeviceSample> samples = sampler.sample();
        QCOMPARE(samples.size(), devices().size());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            QCOMPARE(samples[i].id, devices()[i].id);
            QVERIFY(samples[i].totalBytes > 0);
        }
    }
};

QTEST_APPLESS_MAIN(TestDevice)
#include "tst_device.moc"
