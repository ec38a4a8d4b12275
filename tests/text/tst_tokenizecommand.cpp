// thaw tokenize and thaw bench tokenizer, as a person calls them.
#include "tests/cli/thawprogram.h"
#include "tests/text/adversarial.h"

#include <QTemporaryDir>

class TestTokenizeCommand final : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    static QString bert() { return tests::textFolder() + QStringLiteral("vocabularies/bert"); }
    QString write(const char* name, const QByteArray& bytes) {
        QFile file(m_folder.filePath(QLatin1String(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("%s cannot be written", name);
        return file.fileName();
    }
    static QStringList command(const QStringList& rest) { return QStringList(QStringLiteral("tokenize")) + rest; }

private Q_SLOTS:
    void idsAndPiecesOfATextAreShown() {
        const tests::Answer answer =
            tests::thaw(command({bert(), QStringLiteral("The café"), QStringLiteral("--json")}));
        QCOMPARE(answer.code, 0);
        const QJsonObject text = answer.json()[QStringLiteral("texts")][0].toObject();
        QCOMPARE(text[QStringLiteral("pieces")][0].toString(), QStringLiteral("[CLS]"));
        QCOMPARE(text[QStringLiteral("pieces")][1].toString(), QStringLiteral("the"));
        QCOMPARE(text[QStringLiteral("bytes")][1].toArray(), QJsonArray({0, 3}));
        QCOMPARE(answer.json()[QStringLiteral("tokenizer")][QStringLiteral("kind")].toString(),
                 QStringLiteral("WordPiece"));
        const tests::Answer words = tests::thaw(command({bert(), QStringLiteral("the"), QStringLiteral("--bare")}));
        QCOMPARE(words.out.trimmed().split('\n').last(), QByteArray("the"));
    }

    void textsOfATableAreRead() {
        const QString table = write("t.csv", "label,text\n1,\"the,\nun\"\n2,ver\n");
        const tests::Answer answer =
            tests::thaw(command({bert(), QStringLiteral("--file"), table, QStringLiteral("--json"),
                                 QStringLiteral("--max-tokens"), QStringLiteral("4")}));
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.json()[QStringLiteral("count")].toInt(), 2);
        QCOMPARE(answer.json()[QStringLiteral("left_out")].toInt(), 1);
        QCOMPARE(answer.json()[QStringLiteral("file")][QStringLiteral("columns")][0].toString(),
                 QStringLiteral("text"));
    }

    void badInputIsASentence_data() {
        QTest::addColumn<QStringList>("arguments");
        const QString nowhere = QStringLiteral("/nowhere/at/all");
        QTest::newRow("no tokenizer") << QStringList{nowhere, QStringLiteral("x")};
        QTest::newRow("no text") << QStringList{bert()};
        QTest::newRow("no file") << QStringList{bert(), QStringLiteral("--file"), nowhere};
        QTest::newRow("no room") << QStringList{bert(), QStringLiteral("x"), QStringLiteral("--max-tokens"),
                                                QStringLiteral("2")};
        QTest::newRow("a folder of none") << QStringList{m_folder.path(), QStringLiteral("x")};
        QTest::newRow("no table") << QStringList{bert(), QStringLiteral("--file"), write("x.txt", "a\n"),
                                                 QStringLiteral("--column"), QStringLiteral("text")};
        QTest::newRow("hostile") << QStringList{write("tokenizer.json", "{\"model\": " + QByteArray(100'000, '[')),
                                                QStringLiteral("x")};
    }
    void badInputIsASentence() {
        QFETCH(const QStringList, arguments);
        const tests::Answer answer = tests::thaw(command(arguments));
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.words.startsWith("thaw: ") && answer.words.trimmed().endsWith('.'), answer.words);
    }

    void theSpeedOfATokenizerIsTold() {
        const tests::Answer answer =
            tests::thaw({QStringLiteral("bench"), QStringLiteral("tokenizer"), write("lines.txt", "the un\nver\n"),
                         QStringLiteral("--tokenizer"), bert(), QStringLiteral("--repeats"), QStringLiteral("1"),
                         QStringLiteral("--json")});
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.json()[QStringLiteral("texts")].toInt(), 2);
        QCOMPARE(answer.json()[QStringLiteral("tokens")].toInt(), 7);
    }
};

QTEST_GUILESS_MAIN(TestTokenizeCommand)
#include "tst_tokenizecommand.moc"
