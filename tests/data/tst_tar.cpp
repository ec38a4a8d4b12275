// Tars as programs write them, whole and cut off, and what their members come to as samples.
#include "engine/api/error.h"
#include "engine/data/shards/braces.h"
#include "engine/data/shards/shardentry.h"
#include "tests/data/shards.h"

#include <QTest>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>

namespace fs = std::filesystem;
using namespace engine;

namespace {

TarReader readerOf(const std::string& bytes) {
    return {[&bytes](std::uint64_t place, std::span<char> room) {
                const std::size_t count =
                    std::min(room.size(), bytes.size() - std::min<std::size_t>(place, bytes.size()));
                std::memcpy(room.data(), bytes.data() + std::min<std::size_t>(place, bytes.size()), count);
                return count;
            },
            bytes.size()};
}

std::map<std::string, std::string> membersIn(const std::string& bytes, std::string* trouble = nullptr) {
    std::map<std::string, std::string> found;
    TarReader tar = readerOf(bytes);
    for (TarMember member; tar.next(member);)
        found[member.name] = bytes.substr(member.offset, member.bytes);
    if (trouble != nullptr)
        *trouble = tar.trouble();
    return found;
}

std::string fromName(LabelFrom from) {
    switch (from) {
    case LabelFrom::Nothing:
        return "-";
    case LabelFrom::Class:
        return "cls";
    case LabelFrom::Json:
        return "json";
    case LabelFrom::Text:
        return "txt";
    case LabelFrom::Caption:
        return "caption";
    }
    return "?";
}

// "a.png cls:cat", a line each.
std::string samplesIn(const tests::Members& members, const std::vector<std::string>& keys = {},
                      ShardTroubles* troubles = nullptr) {
    const std::string bytes = tests::tarOf(members);
    std::string text;
    ShardEntries entries(keys, [&](const ShardEntry& entry) {
        text += entry.file + " " + fromName(entry.from) + ":";
        for (const std::string& label : entry.labels)
            text += (text.ends_with(':') ? "" : "|") + label;
        text += "\n";
    });
    TarReader tar = readerOf(bytes);
    entries.read(tar);
    if (troubles != nullptr)
        *troubles = entries.troubles();
    return text;
}

} // namespace

class TestTar final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void membersOfTarsThatTarWritesAreFound_data() {
        QTest::addColumn<bool>("longNames");
        for (const char* format : {"v7", "oldgnu", "gnu", "ustar", "pax"})
            QTest::newRow(format) << (std::strcmp(format, "v7") != 0);
    }
    void membersOfTarsThatTarWritesAreFound() {
        QFETCH(bool, longNames);
        const tests::PictureFolder folder;
        std::map<std::string, std::string> written{{"plain.jpg", "one"},
                                                   {"empty.jpg", ""},
                                                   {"a folder/with spaces #1 100%.png", std::string(512, 'x')},
                                                   {"line\nbreak.png", std::string(513, 'y')},
                                                   {"caf\xe9.png", "Latin-1"},
                                                   {"größe.png", std::string(100'000, 'z')}};
        if (longNames) {
            written[std::string(90, 'd') + "/" + std::string(90, 'n') + ".png"] = "prefix";
            if (QByteArray(QTest::currentDataTag()) != "ustar")
                written[std::string(120, 'e') + "/" + std::string(200, 'm') + ".png"] = "long";
        }
        for (const auto& [name, content] : written)
            folder.bytes("in/" + name, content);
        fs::create_symlink("plain.jpg", folder.path() / "in/link.jpg");
        fs::create_hard_link(folder.path() / "in/plain.jpg", folder.path() / "in/zz-same.jpg");
        QVERIFY(tests::runProgram(QStringLiteral("tar"),
                                  {QStringLiteral("--format=%1").arg(QLatin1String(QTest::currentDataTag())),
                                   QStringLiteral("--sort=name"), QStringLiteral("-cf"), QStringLiteral("x.tar"),
                                   QStringLiteral("-C"), QStringLiteral("in"), QStringLiteral(".")},
                                  folder.path()));
        std::string trouble;
        const auto found = membersIn(readFile(folder.path() / "x.tar"), &trouble);
        QCOMPARE(trouble, std::string());
        QCOMPARE(found.size(), written.size()); // neither folders nor links
        for (const auto& [name, content] : written) {
            QVERIFY2(found.contains("./" + name), name.c_str());
            QVERIFY(found.at("./" + name) == content);
        }
        fs::remove_all(folder.path() / "in"); // Qt cannot remove what is no UTF-8
    }

    void sizesBeyondOctalDigitsAreRead() {
        std::string bytes = tests::tarOf({{"a.png", std::string(600, 'a')}});
        const auto setSize = [&bytes](const std::string& field) {
            bytes.replace(124, 12, field);
            unsigned sum = 0;
            for (std::size_t i = 0; i < 512; ++i)
                sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[i]);
            bytes.replace(148, 8,
                          QByteArray::number(sum, 8).rightJustified(6, '0').toStdString() + std::string("\0 ", 2));
        };
        setSize(std::string("\x80\0\0\0\0\0\0\0\0\0\x02\x58", 12)); // 600
        QCOMPARE(membersIn(bytes).at("a.png").size(), std::size_t(600));
        for (const char* field :
             {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00", "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff",
              "\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", "77777777777"}) {
            setSize(std::string(field, 12));
            std::string trouble;
            QVERIFY(membersIn(bytes, &trouble).empty());
            QVERIFY(!trouble.empty());
        }
    }

    void aTarThatWasCutOffGivesWhatLiesBefore() {
        const tests::Members members{{"a.png", std::string(700, 'a')}, {"b.png", std::string(20, 'b')}, {"c.png", ""}};
        const std::string whole = tests::tarOf(members);
        const std::size_t end = 512 + 1024 + 512 + 512 + 512; // of the last member
        for (std::size_t bytes = 0; bytes <= end + 512; ++bytes) {
            std::string trouble;
            const auto found = membersIn(whole.substr(0, bytes), &trouble);
            QCOMPARE(found.size(),
                     (bytes >= 512 + 700 ? 1U : 0U) + (bytes >= 2048 + 20 ? 1U : 0U) + (bytes >= end ? 1U : 0U));
            QCOMPARE(trouble.empty(), bytes >= end + 512);
        }
        std::string trouble;
        (void)membersIn(whole.substr(0, 600), &trouble);
        QCOMPARE(trouble, std::string("ends in the middle of a.png"));
        (void)membersIn(whole.substr(0, end), &trouble);
        QCOMPARE(trouble, std::string("has no mark at its end: it may have been cut off"));
        (void)membersIn("GIF89a", &trouble);
        QCOMPARE(trouble, std::string("is no tar"));
        (void)membersIn({}, &trouble);
        QCOMPARE(trouble, std::string("is empty"));
        QVERIFY(membersIn(std::string(10240, '\0'), &trouble).empty()); // a tar with nothing in it
        QCOMPARE(trouble, std::string());
    }

    void aDamagedHeaderEndsTheTar() {
        std::string bytes = tests::tarOf({{"a.png", "a"}, {"b.png", "b"}, {"c.png", "c"}});
        bytes[1024 + 3] ^= 1;
        std::string trouble;
        const auto found = membersIn(bytes, &trouble);
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(trouble, std::string("is damaged behind byte 1024"));
    }

    void samplesArePutTogetherByTheirNames() {
        QCOMPARE(samplesIn({{"a/1.v2.jpg", "x"}, {"a/1.v2.cls", "3\n"}}), // one name up to the first point
                 std::string("a/1.v2.jpg -:\n"));
        QCOMPARE(samplesIn({{"1.CLS", "cat"}, {"1.JPG", "x"}, {"2.png", "y"}, {"2.cls", "dog"}}),
                 std::string("1.JPG cls:cat\n2.png cls:dog\n"));
        QCOMPARE(samplesIn({{"1.seg.png", "x"}, {"1.jpg", "y"}, {"1.cls", "0"}}), std::string("1.jpg cls:0\n"));
        QCOMPARE(samplesIn({{"v1.0/1.image.png", "x"}, {"v1.0/1.cls", "0"}}), std::string("v1.0/1.image.png cls:0\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"2.jpg", "y"}, {"1.cls", "0"}}), // apart: no sample of one name
                 std::string("1.jpg -:\n2.jpg -:\n"));
        QCOMPARE(samplesIn({{"./1.jpg", ""}, {"./1.cls", "0"}, {"./._1.jpg", "mac"}, {"./README", "no ending"}}),
                 std::string("1.jpg cls:0\n"));
    }

    void labelsAreFoundWhereTheyStand() {
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", R"({"label": 3, "width": 9})"}}), std::string("1.jpg json:3\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", R"({"class": " cat "})"}, {"1.cls", "7"}}),
                 std::string("1.jpg cls:7\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", R"({"label": 7, "class_name": "cat"})"}, {"1.cls", "7"}}),
                 std::string("1.jpg json:cat\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", R"({"labels": ["a", 2, null, "b"]})"}}),
                 std::string("1.jpg json:a|2|b\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", R"({"labels": []})"}, {"1.txt", "words"}}),
                 std::string("1.jpg json:\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.json", "{broken"}, {"1.txt", "cat\n"}}),
                 std::string("1.jpg txt:cat\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.txt", "two\nlines"}}), std::string("1.jpg caption:\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.txt", std::string(201, 'w')}}), std::string("1.jpg caption:\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.cls", ""}}), std::string("1.jpg -:\n"));
        QCOMPARE(samplesIn({{"1.jpg", "x"}, {"1.cls", "7"}, {"1.json", R"({"breed": "terrier"})"}}, {"breed"}),
                 std::string("1.jpg json:terrier\n"));
        QCOMPARE(
            samplesIn({{"1.jpg", "x"}, {"1.json", R"({"wet": true, "cold": 0, "dark": 1})"}}, {"wet", "cold", "dark"}),
            std::string("1.jpg json:wet|dark\n"));
    }

    void whatIsOfNoUseIsCounted() {
        ShardTroubles troubles;
        QCOMPARE(
            samplesIn({{"1.cls", "0"}, {"2.jpg", "x"}, {"2.cls", "0"}, {"2.cls", "1"}, {"3.txt", ""}, {"4.jpg", "x"}},
                      {}, &troubles),
            std::string("2.jpg cls:0\n4.jpg -:\n"));
        QCOMPARE(troubles.withoutPicture, std::int64_t(2));
        QCOMPARE(troubles.firstWithoutPicture, std::string("1"));
        QCOMPARE(troubles.twoLabels, std::int64_t(1));
        QCOMPARE(troubles.firstWithTwoLabels, std::string("2.jpg"));
    }

    void bracesStandForSeveralTexts() {
        const auto all = [](const std::string& text) {
            std::string words;
            for (const std::string& one : expandBraces(text))
                words += one + " ";
            return words;
        };
        QCOMPARE(all("a-{000..002}.tar"), std::string("a-000.tar a-001.tar a-002.tar "));
        QCOMPARE(all("a-{8..11}"), std::string("a-8 a-9 a-10 a-11 "));
        QCOMPARE(all("{x,y}/{0..1}"), std::string("x/0 x/1 y/0 y/1 "));
        QCOMPARE(all("{a,}b"), std::string("ab b "));
        for (const char* plain : {"a.tar", "{a}", "{3..1}", "{a..b}", "{1..", "}{", "{..}"}) {
            QCOMPARE(all(plain), std::string(plain) + " ");
            QVERIFY(!hasBraces(plain));
        }
        QVERIFY(hasBraces("{}{0..1}"));
        QVERIFY_EXCEPTION_THROWN((void)expandBraces("{0..1000000}"), Error);
        QVERIFY_EXCEPTION_THROWN((void)expandBraces("{0..999999}{a,b}"), Error);
        QVERIFY_EXCEPTION_THROWN((void)expandBraces("{0..18446744073709551615}"), Error);
    }
};

QTEST_GUILESS_MAIN(TestTar)
#include "tst_tar.moc"
