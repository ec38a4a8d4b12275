// Texts in files of any encoding and size: lines, CSV, TSV, JSONL.
#include "engine/text/textfile.h"
#include "tests/support/refusal.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kText = "Grüße, “Welt” — naïve café\nzweite Zeile é\n\nvierte";

std::string utf16(std::u16string_view text, bool littleEndian) {
    std::string bytes;
    for (const char16_t unit : text) {
        const char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8);
        bytes += littleEndian ? low : high;
        bytes += littleEndian ? high : low;
    }
    return bytes;
}

} // namespace

class TestTextFile final : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    fs::path write(const char* name, std::string_view bytes) {
        const fs::path file = fs::path(m_folder.path().toStdString()) / name;
        std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return file;
    }
    static QStringList textsOf(const TextFile& file) {
        QStringList texts;
        file.forEach([&](std::string_view text, std::int64_t) {
            texts.append(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
            return true;
        });
        return texts;
    }

private Q_SLOTS:
    void everyEncodingGivesTheSameText_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("words");
        const std::u16string wide = QString::fromUtf8(kText.data(), kText.size()).toStdU16String();
        const auto row = [](const char* name, const std::string& bytes, const char* words) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString::fromUtf8(words);
        };
        row("UTF-8", std::string(kText), "UTF-8");
        row("UTF-8 with mark", "\xef\xbb\xbf" + std::string(kText), "UTF-8 by its byte-order mark");
        row("UTF-16LE with mark", "\xff\xfe" + utf16(wide, true), "UTF-16LE by its byte-order mark");
        row("UTF-16BE with mark", "\xfe\xff" + utf16(wide, false), "UTF-16BE by its byte-order mark");
        row("UTF-16LE", utf16(wide, true), "UTF-16LE");
        row("UTF-16BE", utf16(wide, false), "UTF-16BE");
        row("Windows-1252",
            "Gr\xfc\xdf"
            "e, \x93Welt\x94 \x97 na\xefve caf\xe9\nzweite Zeile \xe9\n\nvierte",
            "Windows-1252 (its bytes are no UTF-8)");
    }
    void everyEncodingGivesTheSameText() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, words);
        const TextFile file(write("text.txt", bytes.toStdString()));
        QCOMPARE(QString::fromStdString(file.encodingWords()), words);
        QCOMPARE(textsOf(file), QString::fromUtf8(kText.data(), kText.size()).split(QLatin1Char('\n')));
    }

    void brokenBytesAreCounted() {
        const TextFile file(write("broken.txt", "gut: ä ö ü\nschlecht: \xff und \xe2\x82\nende \xe2\x82"));
        QCOMPARE(file.encoding(), TextEncoding::Utf8);
        QStringList texts;
        const std::uint64_t broken = file.forEach([&](std::string_view text, std::int64_t) {
            texts.append(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
            return true;
        });
        QCOMPARE(broken, std::uint64_t{3});
        QCOMPARE(texts.last(), QStringLiteral("ende \uFFFD"));
        const TextFile halved(write("halved.txt", "\xff\xfe" +
                                                      utf16(u"ab\xd83d"
                                                            u"c",
                                                            true) +
                                                      "x"));
        QCOMPARE(halved.forEach([](std::string_view, std::int64_t) { return true; }), std::uint64_t{2});
    }

    void charactersOnTheEdgeOfAPieceAreWhole() {
        std::string text; // pieces are read by 256 KiB
        while (text.size() < 3 * 262'144)
            text += "aé漢😀\n";
        const TextFile file(write("edge.txt", "x" + text));
        const QStringList texts = textsOf(file);
        QCOMPARE(texts.first(), QStringLiteral("xaé漢😀"));
        QVERIFY(std::all_of(texts.begin() + 1, texts.end(),
                            [](const QString& line) { return line == QStringLiteral("aé漢😀"); }));
        const std::u16string wide = QString::fromStdString(text).toStdU16String();
        const TextFile other(write("edge16.txt", "\xff\xfe" + utf16(wide, true)));
        QCOMPARE(textsOf(other), QString::fromStdString(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts));
    }

    void quotesAndEndsOfLinesStayInACell() {
        const TextFile file(write("table.csv", "label,text\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,\"\"\r\n3,last"));
        QCOMPARE(file.columns(), (std::vector<std::string>{"label", "text"}));
        QStringList texts;
        std::vector<std::int64_t> lines;
        file.forEach([&](std::string_view text, std::int64_t line) {
            texts.append(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
            lines.push_back(line);
            return true;
        });
        QCOMPARE(texts, QStringList({QStringLiteral("two\r\nlines, \"quoted\""), QString(), QStringLiteral("last")}));
        QCOMPARE(lines, (std::vector<std::int64_t>{2, 4, 5}));
    }

    void theColumnOfTextsIsFound() {
        const TextFile bare(
            write("bare.csv", "\"3\",\"Fears\",\"A long description of it all.\"\n\"4\",\"Race\",\"Another.\"\n"));
        QCOMPARE(textsOf(bare).first(), QStringLiteral("A long description of it all."));
        QCOMPARE(bare.columns(), (std::vector<std::string>{"1", "2", "3"}));
        const TextFile both(bare.columns().size() == 3 ? write("bare.csv", "3,Fears,why\n4,Race,how\n") : fs::path(),
                            {"2", "3"});
        QCOMPARE(textsOf(both), QStringList({QStringLiteral("Fears why"), QStringLiteral("Race how")}));
        const TextFile tabs(write("t.tsv", "sentence\tlabel\na, b\t0\n"));
        QCOMPARE(textsOf(tabs), QStringList(QStringLiteral("a, b")));
        const TextFile semicolons(write("s.csv", "id;content\n1;x, y\n"));
        QCOMPARE(textsOf(semicolons), QStringList(QStringLiteral("x, y")));
        const TextFile objects(
            write("o.jsonl", "{\"label\": 1, \"review\": \"gut\\n\\u00e9\"}\n\n{\"review\": \"b\", \"x\": [1]}\n{}\n"));
        QCOMPARE(textsOf(objects), QStringList({QStringLiteral("gut\né"), QStringLiteral("b"), QString()}));
    }

    void whatIsNoTableIsNamedByItsLine() {
        const auto message = [this](const char* name, std::string_view bytes, std::vector<std::string> columns) {
            return tests::refusal([&] {
                TextFile(write(name, bytes), std::move(columns)).forEach([](std::string_view, std::int64_t) {
                    return true;
                });
            });
        };
        QVERIFY(message("a.jsonl", "{\"text\": \"a\"}\n{\"text\": ", {}).find("line 2") != std::string::npos);
        QVERIFY(message("b.jsonl", "[1]\n", {}).find("line 1") != std::string::npos);
        QVERIFY(message("c.csv", "label,text\n1,a\n", {"body"}).find("no column “body”") != std::string::npos);
        QVERIFY(message("d.csv", "", {}).find("empty") != std::string::npos);
        QVERIFY(message("e.txt", "a\n", {"1"}).find("no table") != std::string::npos);
        QVERIFY(tests::refusal([] { TextFile("/nowhere/at/all.txt"); }).find("There is no") != std::string::npos);
        const std::string many = "label,text" + std::string(20'000, ',') + "\n";
        QVERIFY(message("f.csv", many, {}).find("columns") != std::string::npos);
    }

    void aQuoteThatIsNeverClosedTakesBoundedMemory() {
        const fs::path file = write("open.csv", "label,text\n1,\"never closed\n");
        {
            std::ofstream stream(file, std::ios::app | std::ios::binary);
            const std::string line(1 << 20, 'x');
            for (int i = 0; i < 70; ++i)
                stream << line << '\n';
        }
        const std::string message =
            tests::refusal([&] { TextFile(file).forEach([](std::string_view, std::int64_t) { return true; }); });
        QVERIFY2(message.find("line 2: a quote is not closed") != std::string::npos, message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestTextFile)
#include "tst_textfile.moc"
