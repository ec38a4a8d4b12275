// What holds for every text: bytes come back, tokens cover their text, limits are kept, threads change nothing.
#include "engine/text/batch.h"
#include "engine/text/bertnormalizer.h"
#include "engine/text/tokenizer.h"
#include "engine/text/utf8text.h"
#include "tests/support/refusal.h"
#include "tests/text/adversarial.h"

#include <algorithm>

using namespace engine;

namespace {

std::unique_ptr<const Tokenizer> open(const char* name) {
    return openTokenizer((tests::textFolder() + QStringLiteral("vocabularies/") + QLatin1String(name)).toStdString());
}

constexpr std::size_t kStrings = 2000;

} // namespace

class TestTokenizer final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bytesComeBack() {
        const auto tokenizer = open("gpt2");
        const tests::AdversarialStrings strings;
        for (std::size_t i = 0; i < kStrings; ++i) {
            const std::string text = strings.string(i);
            const bool valid = validUtf8Bytes(text) == text.size();
            const std::string back = tokenizer->decode(tokenizer->encode(text).ids, SpecialTokens::Keep);
            QCOMPARE(back, valid ? text : repairedUtf8(text).text);
        }
    }

    void tokensOfBytesCoverTheirText() {
        const auto tokenizer = open("gpt2");
        const tests::AdversarialStrings strings;
        for (std::size_t i = 0; i < kStrings; ++i) {
            const std::string text = strings.string(i);
            const Encoding encoding = tokenizer->encode(text);
            std::size_t covered = 0;
            for (const auto& [begin, end] : encoding.offsets) {
                QVERIFY(begin <= covered && begin < end && end <= text.size());
                covered = std::max<std::size_t>(covered, end);
            }
            QCOMPARE(covered, text.size());
            QVERIFY(std::ranges::is_sorted(encoding.words));
        }
    }

    void piecesStandForWholeCharactersInOrder_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"bert", "bert-cased", "roberta", "odd.json", "apart.json", "t5", "xlmr", "albert"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void piecesStandForWholeCharactersInOrder() {
        QFETCH(const QString, name);
        const auto tokenizer = open(qPrintable(name));
        const tests::AdversarialStrings strings;
        for (std::size_t i = 0; i < kStrings; ++i) {
            const std::string text = strings.string(i);
            const Encoding encoding = tokenizer->encode(text, {.specials = SpecialTokens::LeaveOut});
            QCOMPARE(encoding.offsets.size(), encoding.ids.size());
            QCOMPARE(encoding.words.size(), encoding.ids.size());
            std::size_t before = 0;
            for (const auto& [begin, end] : encoding.offsets) {
                QVERIFY(before <= begin && begin <= end && end <= text.size());
                before = begin;
                const bool valid = validUtf8Bytes(text) == text.size();
                QVERIFY(!valid || begin == text.size() || !isContinuation(text[begin]));
            }
            for (const TokenId id : encoding.ids)
                QVERIFY(id >= 0 && static_cast<std::size_t>(id) < tokenizer->vocabularySize());
        }
    }

    void charactersDecomposeAsQtHasIt() {
        const tests::AdversarialStrings strings;
        for (std::size_t i = 0; i < kStrings; ++i) {
            const std::string text = repairedUtf8(strings.string(i)).text;
            const QString wide = QString::fromStdString(text);
            AlignedText canonical, compatible;
            decompose(text, NormalForm::Nfd, Details::All, canonical);
            decompose(text, NormalForm::Nfkd, Details::IdsOnly, compatible);
            QCOMPARE(QString::fromStdString(canonical.text), wide.normalized(QString::NormalizationForm_D));
            QCOMPARE(QString::fromStdString(compatible.text), wide.normalized(QString::NormalizationForm_KD));
            QCOMPARE(canonical.begins.size(), canonical.text.size());
        }
    }

    void brokenBytesKeepTheirPlaces() {
        const auto tokenizer = open("gpt2");
        const Encoding encoding = tokenizer->encode("ab\xe2\x82 \xff"
                                                    "c");
        QCOMPARE(tokenizer->decode(encoding.ids), std::string("ab\xef\xbf\xbd \xef\xbf\xbd"
                                                              "c"));
        QCOMPARE(encoding.offsets.back().end, 7u);
        QCOMPARE(encoding.offsets.back().begin, 6u);
    }

    void idsAloneAreTheSameIds() {
        const auto tokenizer = open("bert");
        const tests::AdversarialStrings strings;
        for (std::size_t i = 0; i < 300; ++i) {
            const std::string text = strings.string(i);
            const Encoding bare = tokenizer->encode(text, {.details = Details::IdsOnly});
            QCOMPARE(bare.ids, tokenizer->encode(text).ids);
            QVERIFY(bare.offsets.empty() && bare.words.empty() && bare.segments.empty());
        }
    }

    void emptyTextsAreTheTokensAroundThem() {
        QCOMPARE(open("gpt2")->encode("").ids.size(), std::size_t{0});
        const auto bert = open("bert");
        QCOMPARE(bert->encode("").ids, (std::vector<TokenId>{*bert->idOf("[CLS]"), *bert->idOf("[SEP]")}));
        QCOMPARE(bert->encode(std::string("\0\x01\n ", 4)).ids.size(), std::size_t{2});
        QCOMPARE(bert->encode("", {.specials = SpecialTokens::LeaveOut}).ids.size(), std::size_t{0});
    }

    // Were a long word's joining quadratic, this would take hours.
    void aWordOfAMillionCharactersIsRead() {
        const auto gpt2 = open("gpt2");
        std::string word(1'000'000, 'a');
        for (std::size_t i = 0; i < word.size(); i += 3)
            word[i] = static_cast<char>('a' + i % 23);
        QVERIFY(gpt2->decode(gpt2->encode(word).ids) == word);
        std::string blanks(1'000'000, ' ');
        QVERIFY(gpt2->decode(gpt2->encode(blanks).ids) == blanks);
        const auto bert = open("bert");
        QCOMPARE(bert->encode(word, {.specials = SpecialTokens::LeaveOut}).ids,
                 std::vector<TokenId>{*bert->idOf("[UNK]")});
        std::string accents = "e";
        for (int i = 0; i < 300'000; ++i)
            accents += i % 2 == 0 ? "\xcc\x81" : "\xe3\x80\xae"; // an accent, and a mark that stays
        QVERIFY(!bert->encode(accents).ids.empty());
        QVERIFY(!open("t5")->encode(word).ids.empty());
        QVERIFY(!open("albert")->encode(word).ids.empty());
    }

    void theLimitCountsTheTokensAround() {
        const auto bert = open("bert");
        const std::string text = "the un ver the un ver the un ver";
        const Encoding whole = bert->encode(text);
        const Encoding cut = bert->encode(text, {.maxTokens = 6});
        QCOMPARE(cut.ids.size(), std::size_t{6});
        QCOMPARE(cut.leftOut, whole.ids.size() - 6);
        QCOMPARE(cut.ids.back(), whole.ids.back());
        QVERIFY(std::equal(cut.ids.begin(), cut.ids.end() - 1, whole.ids.begin()));
        const Encoding end = bert->encode(text, {.maxTokens = 6, .cut = Side::Left});
        QVERIFY(std::equal(end.ids.begin() + 1, end.ids.end(), whole.ids.end() - 5));
        QCOMPARE(end.offsets[4], whole.offsets[whole.offsets.size() - 2]);
        const std::string message = tests::refusal([&] { static_cast<void>(bert->encode(text, {.maxTokens = 2})); });
        QVERIFY2(message.find("no room") != std::string::npos, message.c_str());
    }

    void textsBeyondTheBoundAreRefused() {
        const std::string text(Tokenizer::kMostBytes + 1, 'a');
        for (const char* name : {"gpt2", "t5"}) {
            const auto tokenizer = open(name);
            const std::string message = tests::refusal([&] { static_cast<void>(tokenizer->encode(text)); });
            QVERIFY2(message.find("too long") != std::string::npos, message.c_str());
        }
    }

    void threadsChangeNothing() {
        const tests::AdversarialStrings strings;
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < kStrings; ++i)
            texts.push_back(strings.string(i));
        const std::vector<std::string_view> views(texts.begin(), texts.end());
        for (const char* name : {"bert", "odd.json", "t5"}) {
            const auto tokenizer = open(name);
            const std::vector<Encoding> alone = encodeBatch(*tokenizer, views, {}, 1);
            const std::vector<Encoding> many = encodeBatch(*tokenizer, views, {}, 8);
            for (std::size_t i = 0; i < views.size(); ++i) {
                QCOMPARE(many[i].ids, alone[i].ids);
                QVERIFY(many[i].offsets == alone[i].offsets);
            }
        }
    }

    void aFailureInAThreadIsTold() {
        const auto tokenizer = open("bert");
        const std::vector<std::string_view> views(500, "the");
        QVERIFY(
            !tests::refusal([&] { static_cast<void>(encodeBatch(*tokenizer, views, {.maxTokens = 1}, 4)); }).empty());
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!tests::refusal([&] {
                     static_cast<void>(encodeBatch(*tokenizer, views, {}, 4, stop.get_token()));
                 }).empty());
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
