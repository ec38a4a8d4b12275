#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/base/nearest.h"
#include "engine/base/textfile.h"
#include "engine/base/utf8.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <set>
#include <sys/mount.h>
#include <sys/resource.h>
#include <thread>

using namespace engine;
namespace fs = std::filesystem;

namespace {

// Files of this process may not grow past `bytes` while the object lives; a write beyond it fails as on a broken disk.
class FileSizeLimit final {
public:
    explicit FileSizeLimit(rlim_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit m_before{};
    void (*m_handler)(int);
};

template <typename Action>
std::pair<ErrorKind, std::string> errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return {error.remedy().empty() ? ErrorKind::Internal : error.kind(), error.what()};
    }
    return {ErrorKind::Internal, "no error"};
}

std::size_t entries(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestBase : public QObject {
    Q_OBJECT

    QTemporaryDir m_temporary;
    fs::path m_folder;

private Q_SLOTS:
    void everyByteComesBackFromUtf8() {
        std::string all;
        for (int byte = 1; byte < 256; ++byte)
            all += static_cast<char>(byte);
        for (const std::string& bytes :
             {all,
              std::string("Gr\xf6\xdf"
                          "e"),
              std::string("\xed\xa0\x80"), std::string("\xc0\xaf"), std::string("\xe0\x80\x80"),
              std::string("\xf4\x90\x80\x80"), std::string("\xe2\x82"), std::string("\xf0\x80\x80\x80 x")}) {
            const std::string text = utf8FromBytes(bytes);
            QCOMPARE(QString::fromUtf8(text.data(), qsizetype(text.size())).toStdString(), text);
            QVERIFY(!QString::fromStdString(text).contains(QChar::ReplacementCharacter));
            QCOMPARE(bytesFromUtf8(text), bytes);
        }
        QVERIFY(utf8FromBytes("a\xe4") != utf8FromBytes("a\xf6"));
    }
    void whatIsUtf8StaysAsItIs() {
        for (const char* text : {"", "plain", "Größe", "猫", "🐈", "quote \" and\nline", "\xf4\x8f\xbd\xbf"}) {
            QCOMPARE(utf8FromBytes(text), std::string(text));
            QCOMPARE(bytesFromUtf8(text), std::string(text));
        }
    }
    void init() {
        m_folder = fs::path(m_temporary.path().toStdString()) / QTest::currentTestFunction();
        fs::create_directories(m_folder);
    }

    void aFileIsReplacedAsAWhole() {
        const fs::path file = m_folder / "settings";
        writeFileAtomically(file, "old");
        writeFileAtomically(file, std::string(100'000, 'x'));
        QCOMPARE(readFile(file), std::string(100'000, 'x'));
        writeFileAtomically(file, "");
        QCOMPARE(readFile(file), std::string());
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void whatIsNotCommittedIsGone() {
        const fs::path file = m_folder / "settings";
        writeFileAtomically(file, "old");
        {
            AtomicFile out(file);
            out.write("new", 3);
            QCOMPARE(readFile(file), std::string("old"));
        }
        QCOMPARE(readFile(file), std::string("old"));
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void aWriteThatFailsLeavesTheOldFile() {
        const fs::path file = m_folder / "settings";
        writeFileAtomically(file, "old");
        {
            const FileSizeLimit limit(1000);
            const auto [kind, message] = errorOf([&] { writeFileAtomically(file, std::string(5000, 'x')); });
            QVERIFY(kind == ErrorKind::BadInput);
            QVERIFY(message.find(file.string()) != std::string::npos);
        }
        QCOMPARE(readFile(file), std::string("old"));
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void aFullDiskIsSaidAndLeavesTheOldFile() {
        if (mount("tmpfs", m_folder.c_str(), "tmpfs", 0, "size=16k") != 0)
            QSKIP("A small disk of its own can only be mounted by root.");
        const fs::path file = m_folder / "settings";
        writeFileAtomically(file, "old");
        const auto [kind, message] = errorOf([&] { writeFileAtomically(file, std::string(100'000, 'x')); });
        const std::string after = readFile(file);
        const std::size_t left = entries(m_folder);
        umount(m_folder.c_str());
        QVERIFY(kind == ErrorKind::DiskFull);
        QCOMPARE(message, "The disk is full; " + file.string() + " could not be written.");
        QCOMPARE(after, std::string("old"));
        QCOMPARE(left, std::size_t(1));
    }

    void aMissingFolderIsSaid() {
        const auto [kind, message] = errorOf([&] { writeFileAtomically(m_folder / "none" / "file", "x"); });
        QVERIFY(kind == ErrorKind::NotFound);
        QCOMPARE(message, "The folder " + (m_folder / "none").string() + " does not exist.");
    }

    void aFolderInTheWayIsSaid() {
        fs::create_directories(m_folder / "taken" / "inside");
        const auto [kind, message] = errorOf([&] { writeFileAtomically(m_folder / "taken", "x"); });
        QVERIFY(kind == ErrorKind::BadInput);
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void writersOfOneFileDoNotMixTheirBytes() {
        const fs::path file = m_folder / "shared";
        std::vector<std::jthread> writers;
        for (const char letter : {'a', 'b', 'c'})
            writers.emplace_back([&file, letter] {
                for (int i = 0; i < 30; ++i)
                    writeFileAtomically(file, std::string(20'000, letter));
            });
        writers.clear();
        const std::string content = readFile(file);
        QCOMPARE(content, std::string(20'000, content.at(0)));
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void aFolderAppearsComplete() {
        const fs::path folder = m_folder / "made";
        {
            AtomicFolder made(folder);
            writeFileAtomically(made.staging() / "file", "first");
            QVERIFY(!fs::exists(folder));
            made.commit();
        }
        QCOMPARE(readFile(folder / "file"), std::string("first"));
        {
            AtomicFolder again(folder);
            writeFileAtomically(again.staging() / "other", "second");
            again.commit();
        }
        QVERIFY(!fs::exists(folder / "file"));
        QCOMPARE(readFile(folder / "other"), std::string("second"));
        { const AtomicFolder abandoned(folder); }
        QCOMPARE(readFile(folder / "other"), std::string("second"));
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void aLinkMovesInOneStep() {
        fs::create_directories(m_folder / "one");
        fs::create_directories(m_folder / "two");
        replaceLink(m_folder / "last", "one");
        replaceLink(m_folder / "last", "two");
        QCOMPARE(fs::read_symlink(m_folder / "last"), fs::path("two"));
        QCOMPARE(entries(m_folder), std::size_t(3));
    }

    void aLinkThatCannotBeMadeLeavesNothingBehind() {
        fs::create_directories(m_folder / "last" / "inside"); // a copy that followed the link
        QVERIFY(errorOf([&] { replaceLink(m_folder / "last", "one"); }).first == ErrorKind::BadInput);
        QCOMPARE(entries(m_folder), std::size_t(1));
        QVERIFY(fs::exists(m_folder / "last" / "inside"));
    }

    void aNewFolderReplacesAnEmptyOneOnly() {
        const fs::path folder = m_folder / "new";
        const auto make = [&folder] {
            AtomicFolder made(folder);
            writeFileAtomically(made.staging() / "file", "x");
            made.commitNew();
        };
        make();
        QVERIFY(errorOf(make).first == ErrorKind::BadInput);
        fs::remove(folder / "file");
        make();
        QCOMPARE(readFile(folder / "file"), std::string("x"));
        fs::remove_all(folder);
        writeFileAtomically(folder, "a file");
        QVERIFY(errorOf(make).first == ErrorKind::BadInput);
        QCOMPARE(readFile(folder), std::string("a file"));
        QCOMPARE(entries(m_folder), std::size_t(1));
    }

    void leftOversAreTemporaryNamesOnly() {
        for (const char* name : {".a.1-0.partial", ".b.1-0.partial", "c.partial", ".d"})
            writeFileAtomically(m_folder / name, "");
        removeLeftOvers(m_folder, [](const fs::path& file) { return file.filename() != ".b.1-0.partial"; });
        QVERIFY(!fs::exists(m_folder / ".a.1-0.partial"));
        QCOMPARE(entries(m_folder), std::size_t(3));
        removeLeftOvers(m_folder / "none", [](const fs::path&) { return true; });
    }

    void readingSaysWhatIsWrong() {
        QVERIFY(errorOf([&] { (void)readFile(m_folder / "none"); }).first == ErrorKind::NotFound);
        QVERIFY(errorOf([&] { (void)readFile(m_folder); }).first == ErrorKind::BadInput);
    }

    // Stored in fingerprints and seeds, so these numbers may never change.
    void hashesAreTheSameOnEveryMachine() {
        QCOMPARE(hashText(""), std::uint64_t(0x2d06800538d394c2));
        QCOMPARE(hashText("a"), hashText("a"));
        QVERIFY(hashText("a") != hashText("b"));
        QVERIFY(hashText("a", 1) != hashText("a", 2));
        static_assert(deriveSeed(7, 1, 2) == 0x16e639e2c7aae6e3);
        static_assert(Random(7).next() == 0x30dbeaf97442284f);
    }

    void randomNumbersAreEvenlySpread() {
        Random random(1);
        std::array<int, 10> counts{};
        double sum = 0;
        for (int i = 0; i < 10'000; ++i) {
            const double value = random.uniform();
            QVERIFY(value >= 0 && value < 1);
            sum += value;
            ++counts[random.below(10)];
        }
        QVERIFY(std::abs(sum / 10'000 - 0.5) < 0.02);
        for (const int count : counts)
            QVERIFY(count > 850 && count < 1150);
        std::set<std::uint64_t> seeds;
        for (std::uint64_t i = 0; i < 1000; ++i)
            seeds.insert(deriveSeed(1, 2, i));
        QCOMPARE(seeds.size(), std::size_t(1000));
    }

    void textFilesLoseTheirByteOrderMark() {
        const QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "labels.txt";
        const auto read = [&file](std::string_view content) {
            writeFileAtomically(file, content);
            return readTextFile(file);
        };
        QCOMPARE(read("\xef\xbb\xbf"
                      "ant\nbee"),
                 std::string("ant\nbee"));
        QCOMPARE(read("ant"), std::string("ant"));
        QCOMPARE(read(""), std::string());
        QCOMPARE(read(std::string_view("\xff\xfe"
                                       "F\0\xfc\0\x1a\x20",
                                       8)),
                 std::string("F\u00fc\u201a"));
        QCOMPARE(read(std::string_view("\xfe\xff\xd8\x3d\xdc\x1c\0!", 8)), std::string("\U0001f41c!"));
        QCOMPARE(read(std::string_view("\xff\xfe\x3d\xd8"
                                       "a\0",
                                       6)),
                 std::string("\ufffda"));
    }

    void nearNamesComeFirst() {
        const std::vector<std::string> names{"train.epochs", "train.schedule", "data.path", "train.optimizer"};
        QCOMPARE(nearestNames("train.epoch", names, 1), (std::vector<std::string>{"train.epochs"}));
        QCOMPARE(nearestNames("data.paht", names).front(), std::string("data.path"));
        QCOMPARE(nearestNames("x", names, 9).size(), std::size_t(4));
        QVERIFY(nearestNames("x", {}).empty());
        QCOMPARE(nearestNames("", {"ab", "a"}).front(), std::string("a"));
    }

    void oneExchangedLetterIsNearerThanTwoMore() {
        QCOMPARE(nearestNames("abc", {"abcxx", "abd"}).front(), std::string("abd"));
        QCOMPARE(nearestNames("abc", {"xbx", "ab"}).front(), std::string("ab"));
    }

    void exitCodesTellInputFromTheWorld() {
        QCOMPARE(exitCode(ErrorKind::BadInput), 2);
        QCOMPARE(exitCode(ErrorKind::NotFound), 2);
        QCOMPARE(exitCode(ErrorKind::BadWeights), 2);
        QCOMPARE(exitCode(ErrorKind::Stopped), 130);
        QCOMPARE(exitCode(ErrorKind::DiskFull), 1);
        QCOMPARE(errorKindName(ErrorKind::DiskFull), "disk-full");
    }
};

QTEST_APPLESS_MAIN(TestBase)
#include "tst_base.moc"
