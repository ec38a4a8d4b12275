#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/runwriter.h"
#include "engine/runs/tensorboard.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <optional>
#include <set>

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr double kBegun = 1.8e9; // a time of day

template <typename T>
T number(std::string_view bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

// The payloads of a TFRecord file, every checksum verified; nothing where one is wrong.
std::optional<std::vector<std::string>> records(const std::string& file) {
    std::vector<std::string> result;
    std::string_view rest = file;
    while (!rest.empty()) {
        if (rest.size() < 16)
            return {};
        const auto length = number<std::uint64_t>(rest);
        if (rest.size() < 16 + length || number<std::uint32_t>(rest.substr(8)) != maskedCrc32c(rest.substr(0, 8)) ||
            number<std::uint32_t>(rest.substr(12 + length)) != maskedCrc32c(rest.substr(12, length)))
            return {};
        result.emplace_back(rest.substr(12, length));
        rest.remove_prefix(16 + length);
    }
    return result;
}

struct Field {
    std::uint64_t number = 0; // of a varint
    std::string_view bytes;   // of all others
};

// The fields of a protocol buffer message, by number; each at most once.
std::map<int, Field> fields(std::string_view message) {
    auto varint = [&message] {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(message.front());
            message.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80)
                return value;
        }
    };
    std::map<int, Field> result;
    while (!message.empty()) {
        const std::uint64_t tag = varint();
        Field& field = result[static_cast<int>(tag >> 3)];
        std::size_t bytes = 0;
        switch (tag & 7) {
        case 0:
            field.number = varint();
            continue;
        case 1:
            bytes = 8;
            break;
        case 2:
            bytes = varint();
            break;
        default:
            bytes = 4;
            break;
        }
        field.bytes = message.substr(0, bytes);
        message.remove_prefix(bytes);
    }
    return result;
}

struct Scalar {
    std::string tag;
    std::int64_t step = 0;
    float value = 0;
    double time = 0;
};

Scalar scalarOf(std::string_view event) {
    auto outer = fields(event);
    auto value = fields(fields(outer[5].bytes)[1].bytes);
    return {std::string(value[1].bytes), static_cast<std::int64_t>(outer[2].number), number<float>(value[2].bytes),
            number<double>(outer[1].bytes)};
}

std::set<fs::path> eventFiles(const fs::path& folder) {
    std::set<fs::path> result;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("events.out.tfevents."))
            result.insert(entry.path());
    return result;
}

// The step from which an event file tells TensorBoard to forget earlier files.
std::optional<std::int64_t> restartStep(const fs::path& file) {
    const auto all = records(readFile(file));
    for (const std::string& record : all.value()) {
        auto event = fields(record);
        if (event.contains(7) && fields(event[7].bytes)[1].number == 1)
            return static_cast<std::int64_t>(event[2].number);
    }
    return {};
}

} // namespace

class TestTensorBoard : public QObject {
    Q_OBJECT

    QTemporaryDir m_temporary;
    fs::path m_folder;

private Q_SLOTS:
    void init() {
        m_folder = fs::path(m_temporary.path().toStdString()) / QTest::currentTestFunction();
        fs::create_directories(m_folder);
    }

    // RFC 3720, appendix B.4; the mask is TFRecord's.
    void checksumsAreCastagnolis() {
        auto unmasked = [](std::string_view data) {
            const std::uint32_t rotated = maskedCrc32c(data) - 0xa282ead8u;
            return rotated << 15 | rotated >> 17;
        };
        QCOMPARE(unmasked(std::string(32, '\0')), 0x8a9136aau);
        QCOMPARE(unmasked(std::string(32, '\xff')), 0x62a8ab43u);
        QCOMPARE(unmasked("123456789"), 0xe3069283u);
    }

    void scalarsAreWrittenAsEvents() {
        {
            TensorBoardWriter writer(m_folder, -1, kBegun);
            writer.scalar("train/loss", 1, 0.5F, 1234.5);
            writer.scalar("validation/Genauigkeit ü", 300, std::nanf(""), 1235);
            writer.scalar("big", std::int64_t{1} << 40, -1e30F, 1236);
            writer.flush();
        }
        const auto files = eventFiles(m_folder);
        QCOMPARE(files.size(), std::size_t(1));
        const auto all = records(readFile(*files.begin()));
        QVERIFY(all.has_value());
        QCOMPARE(all->size(), std::size_t(4));
        QCOMPARE(fields(all->at(0))[3].bytes, std::string_view("brain.Event:2"));
        const Scalar loss = scalarOf(all->at(1));
        QCOMPARE(loss.tag, std::string("train/loss"));
        QCOMPARE(loss.step, std::int64_t(1));
        QCOMPARE(loss.value, 0.5F);
        QCOMPARE(loss.time, 1234.5);
        QCOMPARE(scalarOf(all->at(2)).tag, std::string("validation/Genauigkeit ü"));
        QVERIFY(std::isnan(scalarOf(all->at(2)).value));
        QCOMPARE(scalarOf(all->at(3)).step, std::int64_t{1} << 40);
        QVERIFY(!restartStep(*files.begin()));
    }

    void everyStepIsReadBack() {
        {
            TensorBoardWriter writer(m_folder, -1, kBegun);
            for (std::int64_t step = 0; step < 300; ++step)
                writer.scalar(std::string(static_cast<std::size_t>(step), 't'), step, 1, 1);
            writer.flush();
        }
        const auto all = records(readFile(*eventFiles(m_folder).begin())).value();
        QCOMPARE(all.size(), std::size_t(301)); // and the version
        for (std::int64_t step = 0; step < 300; ++step) {
            const Scalar scalar = scalarOf(all[static_cast<std::size_t>(step) + 1]);
            QCOMPARE(scalar.step, step);
            QCOMPARE(scalar.tag.size(), static_cast<std::size_t>(step));
        }
    }

    void everyPartIsAFileOfItsOwnWithALaterName() {
        fs::path last;
        for (int part = 0; part < 4; ++part) {
            const auto before = eventFiles(m_folder);
            const TensorBoardWriter writer(m_folder, 10 * part, kBegun - 3600.0 * part); // the clock is set back
            const auto after = eventFiles(m_folder);
            QCOMPARE(after.size(), before.size() + 1);
            QVERIFY(*after.rbegin() > last);
            last = *after.rbegin();
            QCOMPARE(restartStep(last), std::optional<std::int64_t>(10 * part + 1));
        }
    }

    void beginningAgainTellsTensorBoardToForgetEverything() {
        TensorBoardWriter(m_folder, -1, kBegun).scalar("x", 5, 1, 1);
        QVERIFY(!restartStep(*eventFiles(m_folder).begin()));
        const TensorBoardWriter again(m_folder, -1, kBegun);
        QCOMPARE(restartStep(*eventFiles(m_folder).rbegin()), std::optional<std::int64_t>(0));
    }

    void aRunsScalarsAreBothInItsSeriesAndItsEvents() {
        const fs::path folder = createRun(Experiment{}, m_folder);
        {
            RunWriter writer(folder);
            writer.started({}, -1);
            for (int step = 1; step <= 100; ++step)
                writer.scalar("train/loss", step, 1.0 / step);
            writer.finished(100);
        }
        const RunReader reader(folder);
        const Series& series = reader.series("train/loss");
        const auto all = records(readFile(*eventFiles(folder).begin()));
        QCOMPARE(all->size(), std::size_t(101));
        for (std::size_t i = 0; i < 100; ++i) {
            const Scalar scalar = scalarOf(all->at(i + 1));
            QCOMPARE(scalar.step, series.step[i]);
            QCOMPARE(scalar.value, series.value[i]);
            QCOMPARE(scalar.time, series.time[i]);
        }
    }

    void everyClassIsAScalarOfItsOwn() {
        const fs::path folder = createRun(Experiment{}, m_folder);
        {
            RunWriter writer(folder);
            writer.started({.classes = {"ant", "bee", "\xe4"}}, -1);
            writer.classValues("validation/accuracy", 10, std::vector<double>{0.5, NAN, 0.25});
            writer.finished(10);
        }
        const auto all = records(readFile(*eventFiles(folder).begin()));
        QCOMPARE(all->size(), std::size_t(3)); // and the version
        QCOMPARE(scalarOf(all->at(1)).tag, std::string("validation/accuracy/ant"));
        QCOMPARE(scalarOf(all->at(1)).value, 0.5F);
        QCOMPARE(scalarOf(all->at(2)).step, std::int64_t(10));
        QCOMPARE(scalarOf(all->at(2)).value, 0.25F);
    }

    // A run for check_tensorboard.py: THAW_KEEP_RUN names the folder that keeps it.
    void aResumedRunIsWrittenForTheCheckScript() {
        const char* kept = std::getenv("THAW_KEEP_RUN");
        const fs::path folder = createRun(Experiment{}, kept != nullptr ? fs::path(kept) : m_folder);
        {
            RunWriter writer(folder);
            writer.started({}, -1);
            for (int step = 1; step <= 60; ++step)
                writer.scalar("train/loss", step, step > 40 ? 99 : std::exp(-step / 20.0));
            writer.stopped(60);
        }
        {
            RunWriter writer(folder);
            writer.started({.classes = {"ant", "bee"}}, 40);
            for (int step = 41; step <= 80; ++step) {
                writer.scalar("train/loss", step, step == 50 ? NAN : std::exp(-step / 20.0));
                if (step % 20 != 0)
                    continue;
                writer.scalar("validation/accuracy", step, step / 100.0);
                writer.classValues("validation/accuracy", step, std::vector<double>{step == 60 ? NAN : 0.5, 0.25});
            }
            writer.finished(80);
        }
        QCOMPARE(RunReader(folder).series("train/loss").step.size(), std::size_t(80));
        QCOMPARE(restartStep(*eventFiles(folder).rbegin()), std::optional<std::int64_t>(41));
    }
};

QTEST_APPLESS_MAIN(TestTensorBoard)
#include "tst_tensorboard.moc"
