// Files of tokenizers: what lies where, what is missing, and what is damaged or hostile.
#include "engine/api/error.h"
#include "engine/text/charactermap.h"
#include "engine/text/tokenizer.h"
#include "tests/support/refusal.h"
#include "tests/text/adversarial.h"

#include <QTemporaryDir>

#include <fstream>

using namespace engine;
namespace fs = std::filesystem;

namespace {

fs::path vocabularies() { return (tests::textFolder() + QStringLiteral("vocabularies")).toStdString(); }

std::string bytesOf(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

const char* const kBertJson =
    R"({"added_tokens": [{"id": 2, "content": "[CLS]", "special": true}],
        "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"[CLS]": {"ids": [2]}}},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "the": 1, "[CLS]": 2}}})";

} // namespace

class TestTokenizerFiles final : public QObject {
    Q_OBJECT

    QTemporaryDir m_temporary;
    int m_folders = 0;

    // An empty folder.
    fs::path folder() {
        const fs::path path = fs::path(m_temporary.path().toStdString()) / std::to_string(m_folders++);
        fs::create_directories(path);
        return path;
    }
    static fs::path write(const fs::path& folder, const char* name, std::string_view bytes) {
        std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return folder / name;
    }
    std::string refusedJson(std::string json) {
        const fs::path file = write(folder(), "tokenizer.json", json);
        return tests::refusal([&] { static_cast<void>(openTokenizer(file)); });
    }
    static std::string with(std::string text, std::string_view from, std::string_view to) {
        const std::size_t at = text.find(from);
        if (at == std::string::npos)
            qFatal("the text to change is not there");
        return text.replace(at, from.size(), to);
    }

private Q_SLOTS:
    void whatIsMissingIsSaid() {
        const auto message = [](const fs::path& path) {
            return tests::refusal([&] { static_cast<void>(openTokenizer(path)); });
        };
        QVERIFY(message("/nowhere/at/all").find("There is no") != std::string::npos);
        QVERIFY(message(folder()).find("holds no tokenizer") != std::string::npos);
        const fs::path half = folder();
        write(half, "vocab.json", "{}");
        QVERIFY(message(half).find("without its merges.txt") != std::string::npos);
        const fs::path other = folder();
        write(other, "merges.txt", "");
        QVERIFY(message(other).find("without its vocab.json") != std::string::npos);
        QVERIFY(message(write(folder(), "picture.png", "x")).find("no file of a tokenizer") != std::string::npos);
    }

    void aFolderIsReadByWhatLiesThere() {
        const auto kind = [](const char* name) { return openTokenizer(vocabularies() / name)->facts().kind; };
        QCOMPARE(kind("bert"), std::string("WordPiece"));
        QCOMPARE(kind("gpt2"), std::string("byte-level BPE"));
        QCOMPARE(kind("gpt2/merges.txt"), std::string("byte-level BPE"));
        QCOMPARE(kind("t5"), std::string("SentencePiece unigram"));
        QCOMPARE(kind("xlmr"), std::string("SentencePiece BPE"));
        QCOMPARE(openTokenizer(vocabularies() / "bert")->facts().statedLength, std::size_t{512});
        // One of a type that is not read here gives way to the model beside it; a damaged one does not.
        const fs::path both = folder();
        fs::copy_file(vocabularies() / "t5" / "spiece.model", both / "spiece.model");
        write(both, "tokenizer.json", R"({"model": {"type": "Unigram", "vocab": [["a", -1]]}})");
        QCOMPARE(openTokenizer(both)->facts().kind, std::string("SentencePiece unigram"));
        write(both, "tokenizer.json", R"({"model": {"type": "Unigram", )");
        QVERIFY(!tests::refusal([&] { static_cast<void>(openTokenizer(both)); }).empty());
    }

    void specialTokensAreThoseOfTheFamily() {
        const auto t5 = openTokenizer(vocabularies() / "t5");
        QCOMPARE(t5->vocabularySize(), std::size_t{500});
        QCOMPARE(t5->idOf("<extra_id_0>").value_or(-1), 499);
        QCOMPARE(t5->encode("x <extra_id_0> ").ids.back(), *t5->idOf("</s>"));
        const auto xlmr = openTokenizer(vocabularies() / "xlmr");
        QCOMPARE(xlmr->vocabularySize(), std::size_t{402});
        QCOMPARE(xlmr->idOf("<mask>").value_or(-1), 401);
        QCOMPARE(xlmr->facts().specials.pad.value_or(-1), 1);
        QCOMPARE(xlmr->encodePair("a", "b").ids.front(), 0);
        const auto roberta = openTokenizer(vocabularies() / "roberta");
        QCOMPARE(roberta->decode(roberta->encode("the  <mask>").ids, SpecialTokens::Keep),
                 std::string("<s>the<mask></s>"));
        QCOMPARE(openTokenizer(vocabularies() / "gpt2")->facts().specials.end.value_or(-1), 0);
        QCOMPARE(t5->decode(t5->encode("The café.").ids), std::string("The café."));
    }

    void caseFollowsTheConfigurationElseTheVocabulary() {
        const fs::path bare = folder();
        fs::copy_file(vocabularies() / "bert-cased" / "vocab.txt", bare / "vocab.txt");
        const auto cased = openTokenizer(bare);
        QVERIFY(!cased->facts().notes.empty());
        QVERIFY(cased->encode("Ver").ids != cased->encode("ver").ids);
        write(bare, "tokenizer_config.json",
              R"({"do_lower_case": true, "cls_token": {"content": "[CLS]"}, "model_max_length": 1e30})");
        const auto uncased = openTokenizer(bare);
        QVERIFY(uncased->facts().notes.empty());
        QCOMPARE(uncased->encode("Ver").ids, uncased->encode("ver").ids);
        QCOMPARE(uncased->facts().statedLength, std::size_t{0});
    }

    void theFilesOfOneTokenizerAgree() {
        const fs::path lines = vocabularies() / "bert";
        const auto bert = openTokenizer(lines);
        QCOMPARE(bert->piece(bert->encode("the").ids[1]), std::string("the"));
        QCOMPARE(bert->piece(-1), std::string());
        QCOMPARE(bert->piece(1'000'000'000), std::string());
        QCOMPARE(bert->decode(std::vector<TokenId>{-5, 1'000'000'000}), std::string());
        const auto made = openTokenizer(write(folder(), "tokenizer.json", kBertJson));
        QCOMPARE(made->encode("The the").ids, (std::vector<TokenId>{2, 1, 1}));
    }

    void whatIsNotKnownIsRefusedByName_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* name, const char* from, const char* to, const char* named) {
            QTest::newRow(name) << QString::fromUtf8(from) << QString::fromUtf8(to) << QString::fromUtf8(named);
        };
        row("model", "\"WordPiece\"", "\"WordLevel\"", "WordLevel");
        row("normalizer", "\"BertNormalizer\"", "\"Precompiled\"", "Precompiled");
        row("words", "\"BertPreTokenizer\"", "\"Metaspace\"", "Metaspace");
        row("two kinds of words", "{\"type\": \"BertPreTokenizer\"}",
            R"({"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "BertPreTokenizer"}]})",
            "Digits + Bert");
        row("post-processor", "\"TemplateProcessing\"", "\"Odd\"", "Odd");
        row("stranger around texts", "{\"ids\": [2]}", "{\"ids\": [77]}", "token 77");
        row("no ids around texts", "{\"ids\": [2]}", "{}", "no ids");
        row("id beyond all bounds", "\"the\": 1", "\"the\": 4000000000", "4000000000");
        row("negative id", "\"the\": 1", "\"the\": -1", "whole number");
        row("id that is none", "\"the\": 1", "\"the\": \"x\"", "no number");
        row("added id", "\"id\": 2, \"content\"", "\"id\": 1.5, \"content\"", "1.5");
        row("unknown piece", "\"unk_token\": \"[UNK]\"", "\"unk_token\": \"<unk>\"", "<unk>");
        row("cut off", "\"[CLS]\": 2}}}", "\"[CLS]\": 2", "was expected");
        row("bytes of BPE", "\"type\": \"WordPiece\"", "\"type\": \"BPE\", \"merges\": []", "not of bytes");
    }
    void whatIsNotKnownIsRefusedByName() {
        QFETCH(const QString, from);
        QFETCH(const QString, to);
        QFETCH(const QString, named);
        const std::string message = refusedJson(with(kBertJson, from.toStdString(), to.toStdString()));
        QVERIFY2(message.find(named.toStdString()) != std::string::npos, message.c_str());
        QVERIFY(message.size() < 1000);
    }

    void mergesThatDoNotFitAreNamed() {
        const fs::path files = folder();
        write(files, "vocab.json", R"({"a": 0, "b": 1, "ab": 2})");
        const auto refused = [&](const char* merges) {
            write(files, "merges.txt", merges);
            return tests::refusal([&] { static_cast<void>(openTokenizer(files)); });
        };
        QCOMPARE(refused("#version: 0.2\na b\n"), std::string());
        QVERIFY(refused("a b\na c\n").find("“c”") != std::string::npos);
        QVERIFY(refused("a b\nb a\n").find("“ba”") != std::string::npos);
        QVERIFY(refused("a b\nab\n").find("Merge 2") != std::string::npos);
        QVERIFY(refused("a b c\n").find("Merge 1") != std::string::npos);
        // Bytes without a piece go, as they do with the library.
        refused("a b\n");
        QCOMPARE(openTokenizer(files)->encode("xaby").ids, std::vector<TokenId>{2});
    }

    void damagedModelsOfSentencePieceAreRefused() {
        const std::string whole = bytesOf(vocabularies() / "t5" / "spiece.model");
        const fs::path where = folder();
        const auto refused = [&](std::string_view bytes) {
            write(where, "spiece.model", bytes);
            return tests::refusal([&] { static_cast<void>(openTokenizer(where)); });
        };
        QCOMPARE(refused(whole), std::string());
        QVERIFY(refused(whole.substr(0, whole.size() / 2)).find("sound") != std::string::npos);
        QVERIFY(!refused("no model at all").empty());
        QVERIFY(!refused(std::string(100, '\0')).empty());
        // Here and there a number that leads out of its table, which the library would follow.
        std::size_t refusals = 0;
        for (std::size_t at = whole.size() / 3; at + 4 < whole.size(); at += 97) {
            std::string changed = whole;
            changed.replace(at, 4, "\xff\xff\xff\x7f");
            const std::string message = refused(changed);
            refusals += message.empty() ? 0 : 1;
            if (message.empty())
                static_cast<void>(openTokenizer(where)->encode("Aﬁ Ａ ½ the quick \u3000 x"));
        }
        QVERIFY(refusals > 10);
    }

    // SentencePiece's library follows such a table out of its memory.
    void aTableThatLeadsOutOfItselfIsRefused() {
        const auto unit = [](std::uint32_t value) {
            std::string bytes(4, '\0');
            for (unsigned i = 0; i < 4; ++i)
                bytes[i] = static_cast<char>(value >> 8 * i & 0xff);
            return bytes;
        };
        const auto table = [&](std::size_t units, std::uint32_t root, const std::string& texts,
                               const std::vector<std::pair<std::size_t, std::uint32_t>>& others) {
            std::string all;
            for (std::size_t i = 0; i < units; ++i)
                all += unit(i == 0 ? root : 0x80000000u); // no node
            for (const auto& [at, value] : others)
                all.replace(4 * at, 4, unit(value));
            return unit(static_cast<std::uint32_t>(4 * units)) + all + texts;
        };
        const std::string text("x\0", 2);
        QCOMPARE(faultOfCharacterMap(table(256, 'r', text, {})), std::string_view());
        QCOMPARE(faultOfCharacterMap(table(300, 256u << 10, text, {})), std::string_view("leads out of its array"));
        QCOMPARE(faultOfCharacterMap(table(512, 256u << 10, text, {})), std::string_view());
        // The node of 'a', behind which a leaf lies that names no text.
        const std::uint32_t leads = 1u << 10 | 1u << 8 | 'a';
        QCOMPARE(faultOfCharacterMap(table(256, 'r', text, {{'a', leads}, {'a' ^ 1, 0x80000000u | 7}})),
                 std::string_view("leads to no text"));
        QCOMPARE(faultOfCharacterMap(table(256, 'r', text, {{'a', leads}, {'a' ^ 1, 0x80000000u}})),
                 std::string_view());
        QCOMPARE(faultOfCharacterMap(table(256, 'r', text, {{'a', std::uint32_t{'a'} << 10 | 'a'}})).substr(0, 4),
                 std::string_view("goes"));
        QCOMPARE(faultOfCharacterMap(table(256, 'r', "x", {})), std::string_view("holds bytes that are no text"));
        QCOMPARE(faultOfCharacterMap(unit(1024) + "x"), std::string_view("is cut off"));
    }

    void piecesBeyondAnyVocabularyAreRefused() {
        std::string lines = "[UNK]\n";
        for (std::size_t i = 0; lines.size() < 6'000'000; ++i) // no two begin alike
            lines += std::to_string(i * 2'654'435'761u % 4'294'967'296u) +
                     std::string(4000, static_cast<char>('a' + i % 26)) + '\n';
        const std::string message =
            tests::refusal([&] { static_cast<void>(openTokenizer(write(folder(), "vocab.txt", lines))); });
        QVERIFY2(message.find("longer than") != std::string::npos, message.c_str());
    }

    void anAddedTokenThatIsNoTextIsNeverFound() {
        const auto tokenizer = openTokenizer(
            write(folder(), "tokenizer.json",
                  with(kBertJson, "[{", "[{\"id\": 1, \"content\": \"\xf7\xbf\xbf\xbf\", \"normalized\": true}, {")));
        QCOMPARE(tokenizer->encode("the").ids.size(), std::size_t{2});
    }

    void aModelOfAFamilyThatIsNotKnownIsRefused() {
        const fs::path where = folder();
        fs::copy_file(vocabularies() / "t5" / "spiece.model", where / "spiece.model");
        write(where, "tokenizer_config.json", R"({"tokenizer_class": "PegasusTokenizer"})");
        const std::string message = tests::refusal([&] { static_cast<void>(openTokenizer(where)); });
        QVERIFY2(message.find("PegasusTokenizer") != std::string::npos, message.c_str());
        write(where, "tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer", "add_eos_token": true})");
        QVERIFY(openTokenizer(where)->encode("the").ids.back() == 1);
    }
};

QTEST_GUILESS_MAIN(TestTokenizerFiles)
#include "tst_tokenizerfiles.moc"
