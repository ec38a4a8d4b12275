#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/runs/classfile.h"
#include "engine/runs/pyramid.h"
#include "engine/runs/seriesfile.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>
#include <set>
#include <sys/resource.h>

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kBlockOfOne = 8 + 20 + 8;

std::vector<SeriesPoint> points(std::int64_t first, std::int64_t last) {
    std::vector<SeriesPoint> result;
    for (std::int64_t step = first; step <= last; ++step)
        result.push_back({step, static_cast<float>(step) / 2, 1000.0 + static_cast<double>(step)});
    return result;
}

void append(const fs::path& file, std::int64_t first, std::int64_t last) {
    SeriesWriter(file).append(points(first, last));
}

struct Read {
    Series series;
    SeriesFollower::Growth growth;
};

Read readAll(const fs::path& file) {
    Read result;
    SeriesFollower follower(file);
    result.growth = follower.read(result.series);
    return result;
}

std::vector<std::int64_t> steps(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> result;
    for (std::int64_t step = first; step <= last; ++step)
        result.push_back(step);
    return result;
}

void overwrite(const fs::path& file, std::size_t at, std::string_view bytes) {
    std::string content = readFile(file);
    content.replace(at, bytes.size(), bytes);
    writeFileAtomically(file, content);
}

// What the pyramid must say, value by value.
Envelope bruteForce(std::size_t first, std::size_t last, const std::vector<float>& values) {
    Envelope result;
    result.count = static_cast<std::int64_t>(last - first);
    double sum = 0;
    std::int64_t finite = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (!std::isfinite(values[i]))
            continue;
        result.minimum = finite == 0 ? values[i] : std::min(result.minimum, values[i]);
        result.maximum = finite == 0 ? values[i] : std::max(result.maximum, values[i]);
        sum += values[i];
        ++finite;
    }
    if (finite > 0)
        result.mean = static_cast<float>(sum / static_cast<double>(finite));
    return result;
}

bool same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const Envelope& a, const Envelope& b) {
    return a.count == b.count && same(a.minimum, b.minimum) && same(a.maximum, b.maximum) &&
           (same(a.mean, b.mean) || std::abs(a.mean - b.mean) < 1e-4F);
}

std::vector<float> noise(std::size_t length, std::uint64_t seed) {
    Random random(seed);
    std::vector<float> result;
    for (std::size_t i = 0; i < length; ++i) {
        const auto kind = random.below(40);
        result.push_back(kind == 0 ? kNaN : kind == 1 ? -kInfinity : static_cast<float>(random.uniform(-3, 5)));
    }
    return result;
}

} // namespace

class TestSeries : public QObject {
    Q_OBJECT

    QTemporaryDir m_temporary;
    fs::path m_file;

private Q_SLOTS:
    void init() {
        m_file = fs::path(m_temporary.path().toStdString()) / (std::string(QTest::currentTestFunction()) + ".col");
    }

    void whatIsAppendedIsRead() {
        SeriesWriter writer(m_file);
        Series series;
        SeriesFollower follower(m_file);
        QCOMPARE(follower.read(series).added, std::size_t(0));
        writer.append(points(1, 3));
        QCOMPARE(follower.read(series).added, std::size_t(3));
        writer.append(points(4, 4));
        writer.append({});
        writer.append(points(5, 9));
        QCOMPARE(follower.read(series).added, std::size_t(6));
        QCOMPARE(follower.read(series).added, std::size_t(0));
        QCOMPARE(series.step, steps(1, 9));
        QCOMPARE(series.value[8], 4.5F);
        QCOMPARE(series.time[8], 1009.0);
        QCOMPARE(readAll(m_file).series.step, series.step);
    }

    void aMissingFileIsAnEmptySeries() {
        const Read read = readAll(m_file);
        QVERIFY(read.series.step.empty());
        QCOMPARE(read.growth.added, std::size_t(0));
    }

    void nanAndInfinityAreKept() {
        SeriesWriter writer(m_file);
        const std::vector<SeriesPoint> odd{{1, kNaN, 1}, {2, kInfinity, 2}, {3, -kInfinity, 3}, {4, -0.0F, 4}};
        writer.append(odd);
        const Series series = readAll(m_file).series;
        QVERIFY(std::isnan(series.value[0]));
        QCOMPARE(series.value[1], kInfinity);
        QCOMPARE(series.value[2], -kInfinity);
        QVERIFY(std::signbit(series.value[3]));
    }

    void reopeningGoesOn() {
        append(m_file, 1, 5);
        append(m_file, 6, 7);
        const Read read = readAll(m_file);
        QCOMPARE(read.series.step, steps(1, 7));
        QCOMPARE(read.growth.damagedBlocks, std::size_t(0));
    }

    // A crash may leave any part of the last block.
    void aTornLastBlockWaitsForReadersAndIsCutOffByTheNextWriter() {
        append(m_file, 1, 4);
        const auto whole = fs::file_size(m_file);
        append(m_file, 5, 9);
        const std::string full = readFile(m_file);
        for (std::size_t length = whole; length < full.size(); ++length) {
            writeFileAtomically(m_file, full.substr(0, length));
            Series series;
            SeriesFollower follower(m_file);
            const auto growth = follower.read(series);
            QCOMPARE(series.step, steps(1, 4));
            QCOMPARE(growth.damagedBlocks, std::size_t(0));
            if (length % 3 == 0) { // the rest arrives
                std::ofstream(m_file, std::ios::binary | std::ios::app) << full.substr(length);
                QCOMPARE(follower.read(series).added, std::size_t(5));
                QCOMPARE(series.step, steps(1, 9));
            } else { // it never does
                append(m_file, 5, 6);
                QCOMPARE(fs::file_size(m_file), whole + 8 + 2 * 20 + 8);
                QCOMPARE(follower.read(series).added, std::size_t(2));
                QCOMPARE(series.step, steps(1, 6));
                QCOMPARE(readAll(m_file).growth.damagedBlocks, std::size_t(0));
            }
        }
    }

    void aDamagedBlockInTheMiddleIsSkippedAndCounted() {
        for (std::int64_t step = 1; step <= 5; ++step)
            append(m_file, step, step);
        overwrite(m_file, kBlockOfOne + 17, "??");
        const Read read = readAll(m_file);
        QCOMPARE(read.series.step, (std::vector<std::int64_t>{1, 3, 4, 5}));
        QCOMPARE(read.growth.damagedBlocks, std::size_t(1));
        overwrite(m_file, kBlockOfOne * 3, "?");
        QCOMPARE(readAll(m_file).series.step, (std::vector<std::int64_t>{1, 3, 5}));
        QCOMPARE(readAll(m_file).growth.damagedBlocks, std::size_t(2));
    }

    // The length of the damaged block may be what is wrong: it must not swallow those that follow.
    void aDamagedLengthLosesOneBlockOnly() {
        for (std::int64_t step = 1; step <= 5; ++step)
            append(m_file, step, step);
        overwrite(m_file, kBlockOfOne + 4, std::string_view("\xff\xff\x0f\x00", 4));
        const Read read = readAll(m_file);
        QCOMPARE(read.series.step, (std::vector<std::int64_t>{1, 3, 4, 5}));
        QCOMPARE(read.growth.damagedBlocks, std::size_t(1));
        append(m_file, 6, 6); // reopening cuts nothing off
        QCOMPARE(readAll(m_file).series.step, (std::vector<std::int64_t>{1, 3, 4, 5, 6}));
    }

    void anyDamageLeavesOrderedPointsThatWereWritten() {
        for (std::int64_t step = 1; step <= 40; ++step)
            append(m_file, step, step + step % 3);
        const std::string whole = readFile(m_file);
        const Series written = readAll(m_file).series;
        Random random(9);
        for (int round = 0; round < 300; ++round) {
            std::string damaged = whole;
            for (std::uint64_t n = 1 + random.below(4); n > 0; --n)
                damaged[random.below(damaged.size())] = static_cast<char>(random.next());
            if (round % 2 == 0)
                damaged.resize(random.below(damaged.size()));
            writeFileAtomically(m_file, damaged);
            const Series series = readAll(m_file).series;
            std::size_t at = 0;
            for (std::size_t i = 0; i < series.step.size(); ++i) {
                while (at < written.step.size() &&
                       (written.step[at] != series.step[i] || written.value[at] != series.value[i]))
                    ++at;
                QVERIFY2(at < written.step.size(), "a point that nobody wrote");
                ++at;
            }
            append(m_file, 100, 101);
            QCOMPARE(readAll(m_file).series.step.back(), std::int64_t(101));
        }
    }

    void aRewindTakesBackWhatFollows() {
        Series series;
        SeriesFollower follower(m_file);
        {
            SeriesWriter writer(m_file);
            writer.append(points(1, 10));
            follower.read(series);
            writer.rewind(6);
            const auto growth = follower.read(series);
            QVERIFY(growth.rewound);
            QCOMPARE(series.step, steps(1, 6));
            QCOMPARE(series.value.size(), std::size_t(6));
            QCOMPARE(series.time.size(), std::size_t(6));
            writer.append(points(7, 8));
            writer.rewind(20);
            QVERIFY(!follower.read(series).rewound);
        }
        QCOMPARE(series.step, steps(1, 8));
        QCOMPARE(readAll(m_file).series.step, steps(1, 8));
        SeriesWriter(m_file).rewind(-1);
        follower.read(series);
        QVERIFY(series.step.empty());
    }

    void theValuesOfAllClassesLieInOneFileAndNaNIsNoPoint() {
        std::vector<Series> classes;
        ClassFileFollower follower(m_file);
        QCOMPARE(follower.read(classes).added, std::size_t(0));
        ClassFileWriter writer(m_file);
        writer.append(10, 1000, std::vector<double>{0.5, kNaN, 1});
        QCOMPARE(follower.read(classes).added, std::size_t(2));
        writer.append(20, 2000, std::vector<double>{0.25, 0.75, kNaN});
        QCOMPARE(follower.read(classes).added, std::size_t(2));
        QCOMPARE(classes.size(), std::size_t(3));
        QCOMPARE(classes[0].step, (std::vector<std::int64_t>{10, 20}));
        QCOMPARE(classes[0].value, (std::vector<float>{0.5F, 0.25F}));
        QCOMPARE(classes[0].time, (std::vector<double>{1000, 2000}));
        QCOMPARE(classes[1].step, (std::vector<std::int64_t>{20}));
        QCOMPARE(classes[2].step, (std::vector<std::int64_t>{10}));
        QCOMPARE(fs::file_size(m_file), std::uintmax_t(2 * (8 + 16 + 3 * 4 + 8)));
    }

    void aRewindTakesBackTheValuesOfAllClasses() {
        std::vector<Series> classes;
        ClassFileFollower follower(m_file);
        ClassFileWriter writer(m_file);
        for (std::int64_t step = 1; step <= 3; ++step)
            writer.append(step, 7, std::vector<double>{1, 2});
        follower.read(classes);
        writer.rewind(2);
        QVERIFY(follower.read(classes).rewound);
        QCOMPARE(classes[0].step, steps(1, 2));
        QCOMPARE(classes[1].step, steps(1, 2));
        writer.append(3, 8, std::vector<double>{5, 6});
        follower.read(classes);
        QCOMPARE(classes[1].value, (std::vector<float>{2, 2, 6}));
        QVERIFY(!follower.read(classes).rewound);
    }

    void aTornTailOfClassesIsCutOffByTheNextWriter() {
        ClassFileWriter(m_file).append(1, 7, std::vector<double>{1, 2});
        const auto whole = fs::file_size(m_file);
        ClassFileWriter(m_file).append(2, 8, std::vector<double>{3, 4});
        const std::string full = readFile(m_file);
        for (std::size_t length = whole; length < full.size(); ++length) {
            writeFileAtomically(m_file, full.substr(0, length));
            std::vector<Series> classes;
            ClassFileFollower follower(m_file);
            QCOMPARE(follower.read(classes).added, std::size_t(2));
            const ClassFileWriter again(m_file);
            QCOMPARE(again.latestTime(), 7.0);
            QCOMPARE(fs::file_size(m_file), whole);
        }
    }

    void aFullDiskIsSaid() {
        SeriesWriter writer("/dev/full");
        try {
            writer.append(points(1, 2));
            QFAIL("nothing fits on /dev/full");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::DiskFull);
            QVERIFY(!error.remedy().empty());
        }
        QVERIFY_EXCEPTION_THROWN(SeriesWriter("/no/such/folder/x.col"), Error);
    }

    void aHalfWrittenBlockIsTakenBack() {
        const fs::path& file = m_file;
        append(file, 1, 2);
        const auto whole = fs::file_size(file);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{whole + 20, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small); // as a disk with room for a part of the block
        ErrorKind kind = ErrorKind::Internal;
        try {
            append(file, 3, 4);
        } catch (const Error& error) {
            kind = error.kind();
        }
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        QCOMPARE(kind, ErrorKind::DiskFull);
        QCOMPARE(fs::file_size(file), whole);
        QCOMPARE(readAll(file).series.step, (std::vector<std::int64_t>{1, 2}));
    }

    void namesOfSeriesBecomeNamesOfFilesAndBack() {
        for (const char* name : {"train/loss", "validation/accuracy", "a b%c", "Größe", "..", "x.y", "%41", "lr"}) {
            const std::string file = seriesFileName(name);
            QVERIFY2(file.find('/') == std::string::npos, name);
            QCOMPARE(seriesNameOf(fs::path("/runs/series") / file), std::string(name));
        }
        const std::string plain = "lr/" + std::string(220, 'x'); // as long as plain names get
        QCOMPARE(seriesNameOf(seriesFileName(plain)), plain);
        QCOMPARE(seriesFileName("train/loss"), std::string("train%2Floss.col"));
        QCOMPARE(seriesNameOf("odd%zz%4.col"), std::string("odd%zz%4")); // not ours; taken as it is
    }

    void aNameTooLongForTheDiskIsKeptWhole() {
        const QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        std::set<fs::path> files;
        for (int length = 60; length < 400; ++length) {
            std::string name = "validation/accuracy/";
            for (int i = 0; i < length; ++i)
                name += length % 3 == 0 ? "ж" : length % 3 == 1 ? "\xe4" : "~";
            const fs::path file = placeOfSeries(place, name);
            QVERIFY2(file.filename().native().size() <= 240, file.c_str());
            QVERIFY(files.insert(file).second);
            { SeriesWriter(file).append(points(1, 2)); }
            QCOMPARE(seriesNameOf(file), name);
        }
        // Without the file of names, as after a careless copy, the series are still there, each with a name of its own.
        std::set<std::string> names;
        for (const fs::path& file : files) {
            fs::remove(fs::path(file).replace_extension(".name"));
            names.insert(seriesNameOf(file));
        }
        QCOMPARE(names.size(), files.size());
    }

    void aNameMayEndWithWhatIsWrittenOtherwise() {
        for (const char* name : {"ä", "100 %", "open/", "%2"})
            QCOMPARE(seriesNameOf(seriesFileName(name)), std::string(name));
    }

    void thePyramidSaysWhatEveryValueSays() {
        for (const std::size_t length : {1,   15,  16,   17,   31,   32,   33,   255,  256,   257,   272,   273,  300,
                                         511, 513, 4095, 4096, 4097, 4112, 5000, 9000, 65535, 65536, 65537, 70000}) {
            const std::vector<float> values = noise(length, length);
            Pyramid pyramid;
            for (const float value : values)
                pyramid.append(value);
            QCOMPARE(pyramid.size(), length);
            QVERIFY2(same(pyramid.over(0, length, values), bruteForce(0, length, values)),
                     qPrintable(QString::number(length)));
            Random random(length + 1);
            for (int i = 0; i < 200; ++i) {
                const std::size_t a = random.below(length + 1), b = random.below(length + 1);
                const auto [first, last] = std::minmax(a, b);
                QVERIFY2(same(pyramid.over(first, last, values), bruteForce(first, last, values)),
                         qPrintable(QStringLiteral("%1: %2–%3").arg(length).arg(first).arg(last)));
            }
        }
    }

    // Each new level begins in the middle of others.
    void thePyramidIsRightAtEveryLengthItPasses() {
        const std::vector<float> values = noise(4400, 77);
        Pyramid pyramid;
        for (std::size_t length = 1; length <= values.size(); ++length) {
            pyramid.append(values[length - 1]);
            if (length > 300 && length % 97 != 0 && length % 256 > 2 && length < 4090)
                continue;
            for (const std::size_t first : {std::size_t(0), length / 256 * 256, length / 16 * 16, length / 3})
                QVERIFY2(same(pyramid.over(first, length, values), bruteForce(first, length, values)),
                         qPrintable(QStringLiteral("%1–%2").arg(first).arg(length)));
        }
    }

    void theFirstValueCountsInEveryLevel() {
        for (const std::size_t length : {20, 300, 5000}) {
            std::vector<float> values(length, 1.0F);
            values[0] = -9;
            values[15] = 9;
            Pyramid pyramid;
            for (const float value : values)
                pyramid.append(value);
            const Envelope whole = pyramid.over(0, length, values);
            QCOMPARE(whole.minimum, -9.0F);
            QCOMPARE(whole.maximum, 9.0F);
            QCOMPARE(whole.mean, static_cast<float>(double(length - 2) / double(length)));
        }
    }

    void aTruncatedPyramidIsOneThatNeverGrew() {
        const std::vector<float> values = noise(5000, 5);
        for (const std::size_t keep : {0, 1, 16, 100, 256, 4095, 4096}) {
            Pyramid pyramid;
            for (const float value : values)
                pyramid.append(value);
            std::vector<float> kept(values.begin(), values.begin() + std::ptrdiff_t(keep));
            pyramid.truncate(keep, kept);
            for (const float value : noise(300, 6)) {
                kept.push_back(value);
                pyramid.append(value);
            }
            QVERIFY(same(pyramid.over(0, kept.size(), kept), bruteForce(0, kept.size(), kept)));
            QVERIFY(same(pyramid.over(keep, kept.size(), kept), bruteForce(keep, kept.size(), kept)));
        }
    }

    void stretchesWithoutAFiniteValueHaveNoExtremes() {
        const std::vector<float> values(40, kNaN);
        Pyramid pyramid;
        for (const float value : values)
            pyramid.append(value);
        const Envelope envelope = pyramid.over(0, 40, values);
        QCOMPARE(envelope.count, std::int64_t(40));
        QVERIFY(std::isnan(envelope.minimum) && std::isnan(envelope.maximum) && std::isnan(envelope.mean));
        QCOMPARE(pyramid.over(7, 7, values).count, std::int64_t(0));
    }
};

QTEST_APPLESS_MAIN(TestSeries)
#include "tst_series.moc"
