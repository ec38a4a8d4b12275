// Ids of Hugging Face's tokenizers and of SentencePiece (reference_tokens.py) for made-up and for real texts.
#include "engine/text/batch.h"
#include "engine/text/tokenizer.h"
#include "engine/text/utf8text.h"
#include "tests/support/testdata.h"
#include "tests/text/adversarial.h"

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBlock = 100; // strings of one hash

QJsonObject golden() {
    static const QJsonObject all = tests::jsonFile("golden_tokens.json");
    return all;
}

fs::path vocabulary(const QString& name) {
    const fs::path folder = (tests::textFolder() + QStringLiteral("vocabularies/")).toStdString();
    const fs::path json = folder / (name.toStdString() + ".json");
    return fs::exists(json) ? json : folder / name.toStdString();
}

std::vector<std::string> linesOf(const fs::path& path) {
    QFile file(QString::fromStdString(path.string()));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", path.c_str());
    QByteArray bytes = file.readAll();
    if (bytes.endsWith('\n'))
        bytes.chop(1);
    std::vector<std::string> lines;
    for (QByteArray& line : bytes.split('\n')) {
        if (line.endsWith('\r'))
            line.chop(1);
        lines.push_back(line.toStdString());
    }
    return lines;
}

const std::vector<std::string>& adversarial() {
    static const std::vector<std::string> strings = tests::AdversarialStrings().all();
    return strings;
}

// Elsewhere normalisation moves or joins characters, and several ranges would be right.
bool isComposed(const std::string& text) {
    const QString wide = QString::fromStdString(text);
    return validUtf8Bytes(text) == text.size() && wide == wide.normalized(QString::NormalizationForm_C);
}

// What the ids of the texts come to, compared with what reference_tokens.py wrote down.
void compare(const Tokenizer& tokenizer, const std::vector<std::string>& texts, const QJsonObject& expected) {
    QCOMPARE(static_cast<int>(texts.size()), expected[QStringLiteral("texts")].toInt());
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const std::vector<Encoding> encodings = encodeBatch(tokenizer, views);
    const QJsonArray blocks = expected[QStringLiteral("blocks")].toArray();
    tests::NumberHash total, block, ranges;
    qint64 tokens = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Encoding& encoding = encodings[i];
        tokens += static_cast<qint64>(encoding.ids.size());
        for (const TokenId id : encoding.ids)
            block.add(static_cast<std::uint64_t>(id));
        block.endList();
        if (isComposed(texts[i])) {
            for (const auto& [begin, end] : encoding.offsets) {
                ranges.add(begin);
                ranges.add(end);
            }
            ranges.endList();
            for (const std::int32_t word : encoding.words)
                ranges.add(word < 0 ? 0xffffu : static_cast<std::uint64_t>(word));
            ranges.endList();
        }
        if ((i + 1) % kBlock != 0 && i + 1 < texts.size())
            continue;
        if (!blocks.isEmpty() && block.words() != blocks[static_cast<qsizetype>(i / kBlock)].toString())
            QFAIL(qPrintable(QStringLiteral("other ids among strings %1 to %2").arg(i / kBlock * kBlock).arg(i)));
        total.add(block.state());
        total.endList();
        block = {};
    }
    QCOMPARE(tokens, expected[QStringLiteral("tokens")].toInteger());
    QCOMPARE(total.words(), expected[QStringLiteral("ids")].toString());
    if (expected.contains(QStringLiteral("ranges")))
        QCOMPARE(ranges.words(), expected[QStringLiteral("ranges")].toString());
}

void tokenizerRows() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"bert", "bert-cased", "gpt2", "roberta", "odd", "apart", "t5", "xlmr", "albert"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

} // namespace

class TestTokens final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFormulaGivesTheSameStrings() {
        tests::NumberHash hash;
        for (const std::string& string : adversarial()) {
            for (const char c : string)
                hash.add(static_cast<unsigned char>(c));
            hash.endList();
        }
        QCOMPARE(hash.words(), golden()[QStringLiteral("strings")].toString());
    }

    void everyIdOfTenThousandStringsIsTheLibrarys_data() { tokenizerRows(); }
    void everyIdOfTenThousandStringsIsTheLibrarys() {
        QFETCH(const QString, name);
        const auto expected = golden()[QStringLiteral("tokenizers")][name][QStringLiteral("adversarial")].toObject();
        compare(*openTokenizer(vocabulary(name)), adversarial(), expected);
    }

    void everyIdOfRealTextsIsTheLibrarys_data() { tokenizerRows(); }
    void everyIdOfRealTextsIsTheLibrarys() {
        NEEDS_DATA("text/ag_news_test/test.csv");
        NEEDS_DATA("text/tinyshakespeare/input.txt");
        QFETCH(const QString, name);
        const auto tokenizer = openTokenizer(vocabulary(name));
        const QJsonValue expected = golden()[QStringLiteral("tokenizers")][name];
        compare(*tokenizer, linesOf(tests::testData("text/ag_news_test/test.csv")),
                expected[QStringLiteral("ag_news")].toObject());
        compare(*tokenizer, linesOf(tests::testData("text/tinyshakespeare/input.txt")),
                expected[QStringLiteral("tinyshakespeare")].toObject());
    }

    void everyIdOfBertsOwnVocabularyIsTheLibrarys() {
        NEEDS_DATA("vocab/bert-base-uncased-vocab.txt");
        NEEDS_DATA("text/ag_news_test/test.csv");
        NEEDS_DATA("text/tinyshakespeare/input.txt");
        const auto tokenizer = openTokenizer(tests::testData("vocab/bert-base-uncased-vocab.txt"));
        const QJsonValue expected = golden()[QStringLiteral("tokenizers")][QStringLiteral("bert-base-uncased")];
        compare(*tokenizer, adversarial(), expected[QStringLiteral("adversarial")].toObject());
        compare(*tokenizer, linesOf(tests::testData("text/ag_news_test/test.csv")),
                expected[QStringLiteral("ag_news")].toObject());
        compare(*tokenizer, linesOf(tests::testData("text/tinyshakespeare/input.txt")),
                expected[QStringLiteral("tinyshakespeare")].toObject());
    }

    void pairsAreCutAndJoinedAsTheLibraryDoes_data() {
        QTest::addColumn<QString>("name");
        for (const QString& name : golden()[QStringLiteral("pairs")].toObject().keys())
            QTest::newRow(qPrintable(name)) << name;
    }
    void pairsAreCutAndJoinedAsTheLibraryDoes() {
        QFETCH(const QString, name);
        const auto tokenizer = openTokenizer(vocabulary(name));
        for (const QJsonValue row : golden()[QStringLiteral("pairs")][name].toArray()) {
            const Encoding encoding =
                tokenizer->encodePair(row[QStringLiteral("first")].toString().toStdString(),
                                      row[QStringLiteral("second")].toString().toStdString(),
                                      {.maxTokens = static_cast<std::size_t>(row[QStringLiteral("most")].toInt())});
            QJsonArray ids, segments;
            for (const TokenId id : encoding.ids)
                ids.append(id);
            for (const std::uint8_t segment : encoding.segments)
                segments.append(segment);
            QCOMPARE(ids, row[QStringLiteral("ids")].toArray());
            QCOMPARE(segments, row[QStringLiteral("segments")].toArray());
        }
    }

    void idsBecomeTextAsTheLibraryHasIt() {
        const auto tokenizer = openTokenizer(vocabulary(QStringLiteral("bert")));
        for (const QJsonValue row : golden()[QStringLiteral("decoded")].toArray()) {
            std::vector<TokenId> ids;
            for (const QJsonValue id : row[QStringLiteral("ids")].toArray())
                ids.push_back(id.toInt());
            QCOMPARE(QString::fromStdString(tokenizer->decode(ids)), row[QStringLiteral("text")].toString());
            QCOMPARE(QString::fromStdString(tokenizer->decode(ids, SpecialTokens::Keep)),
                     row[QStringLiteral("whole")].toString());
        }
    }

    void sentencesOfMiniLmHaveTheirIds() {
        NEEDS_DATA("text/minilm_ref/sentences.json");
        NEEDS_DATA("vocab/bert-base-uncased-vocab.txt");
        QFile file(QString::fromStdString(tests::testData("text/minilm_ref/sentences.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject reference = QJsonDocument::fromJson(file.readAll()).object();
        const auto tokenizer = openTokenizer(tests::testData("vocab/bert-base-uncased-vocab.txt"));
        const QJsonArray sentences = reference[QStringLiteral("sentences")].toArray();
        const QJsonArray expected = reference[QStringLiteral("input_ids")].toArray();
        QCOMPARE(sentences.size(), expected.size());
        for (qsizetype i = 0; i < sentences.size(); ++i) {
            QJsonArray ids;
            for (const TokenId id : tokenizer->encode(sentences[i].toString().toStdString()).ids)
                ids.append(id);
            QJsonArray unpadded = expected[i].toArray();
            while (!unpadded.isEmpty() && unpadded.last().toInt() == 0)
                unpadded.removeLast();
            QCOMPARE(ids, unpadded);
        }
    }
};

QTEST_GUILESS_MAIN(TestTokens)
#include "tst_tokens.moc"
