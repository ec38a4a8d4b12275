// The shapes in which weights are published: in shards, wrapped by training scripts, in half precision from a GPU.
#include "engine/api/error.h"
#include "engine/models/weights/safetensorswriter.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/models/torchfiles.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <filesystem>
#include <fstream>

using namespace std::string_literals;

namespace {

const std::string kTwoByThree = tests::floats({0, 1, 2, 3, 4, 5});

std::string weightTensor() { return tests::tensor(tests::storage("FloatStorage", "0", 6), 0, {2, 3}, {3, 1}); }
std::string weights() { return tests::dict({{"fc.weight", weightTensor()}}); }

} // namespace

class TestPublishedWeights final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void shardsAreReadAsOneFile() {
        writeShard("model-00001-of-00002.safetensors", "first", 1);
        writeShard("model-00002-of-00002.safetensors", "second", 2);
        const auto file = engine::WeightsFile::open(
            writeIndex("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"));
        QCOMPARE(file.format(), "safetensors in 2 shards"s);
        QCOMPARE(file.tensors().size(), std::size_t{2});
        for (const auto& [name, expected] : {std::pair{"first", 1.0f}, std::pair{"second", 2.0f}}) {
            const engine::StoredTensor* tensor = file.find(name);
            QVERIFY(tensor);
            float value = 0;
            std::memcpy(&value, tensor->data, sizeof value);
            QCOMPARE(value, expected);
        }
    }

    void missingShardIsNamedInOneSentence() {
        writeShard("model-00001-of-00002.safetensors", "first", 1);
        const auto index = writeIndex("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        expectRefusal(index, "model-00002-of-00002.safetensors", "Fetch model-00002-of-00002.safetensors");
    }

    void shardWithoutItsTensorIsNamed() {
        writeShard("a.safetensors", "first", 1);
        writeShard("b.safetensors", "other", 2);
        expectRefusal(writeIndex("a.safetensors", "b.safetensors"), "second", "Fetch both files again.");
    }

    void shardsElsewhereAndBrokenIndexesAreRefused() {
        writeShard("a.safetensors", "first", 1);
        for (const char* shard :
             {"../a.safetensors", "/etc/passwd", "..", "", "sub/a.safetensors", "a.safetensors\\u0000b"})
            expectRefusal(writeIndex("a.safetensors", shard), "not a file beside it", "Fetch");
        for (const char* content :
             {"[]", "{}", "{\"weight_map\":3}", "{\"weight_map\":{\"a\":\"b\"}", "{\"weight_map\":{}}"})
            expectRefusal(write("model.safetensors.index.json", content), "model.safetensors.index.json", "Fetch");
    }

    void wrappersAreFoundAndReported_data() {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QStringList>("wrappers");
        const auto row = [](const char* title, const std::string& object, const QStringList& wrappers) {
            QTest::newRow(title) << QByteArray::fromStdString(object) << wrappers;
        };
        const auto named = [](const std::string& name) { return tests::dict({{name, weightTensor()}}); };
        row("nothing", weights(), {});
        for (const char* key :
             {"state_dict", "model", "model_state_dict", "ema", "model_ema", "ema_state_dict", "net", "weights"})
            row(key, tests::dict({{"epoch", tests::integer(3)}, {key, weights()}}), {QString::fromLatin1(key)});
        for (const char* prefix : {"module.", "_orig_mod.", "model.", "ema_model.", "backbone."})
            row(prefix, named(prefix + "fc.weight"s), {QString::fromLatin1(prefix)});
        row("compiled, on two devices", named("module._orig_mod.fc.weight"),
            {QStringLiteral("module."), QStringLiteral("_orig_mod.")});
        row("the average before the last step",
            tests::dict({{"state_dict", tests::dict({{"other", weightTensor()}})}, {"state_dict_ema", weights()}}),
            {QStringLiteral("state_dict_ema")});
        row("torch's averaged model",
            tests::dict({{"n_averaged", tests::tensor(tests::storage("FloatStorage", "0", 6), 0, {}, {})},
                         {"module.fc.weight", weightTensor()}}),
            {QStringLiteral("module.")});
        row("a framework's checkpoint", tests::dict({{"state_dict", named("model._orig_mod.fc.weight")}}),
            {QStringLiteral("state_dict"), QStringLiteral("model."), QStringLiteral("_orig_mod.")});
    }
    void wrappersAreFoundAndReported() {
        QFETCH(QByteArray, object);
        QFETCH(QStringList, wrappers);
        const auto file = engine::WeightsFile::open(writeZip(object.toStdString(), kTwoByThree));
        QStringList found;
        for (const std::string& wrapper : file.wrappers())
            found.append(QString::fromStdString(wrapper));
        QCOMPARE(found, wrappers);
        QCOMPARE(file.tensors().size(), std::size_t{1});
        QVERIFY(file.find("fc.weight"));
    }

    void onlyTheCountOfAnAverageIsATensorLikeAnyOther() {
        const auto file =
            engine::WeightsFile::open(writeZip(tests::dict({{"n_averaged", weightTensor()}}), kTwoByThree));
        QVERIFY(file.find("n_averaged") && file.wrappers().empty());
    }

    void parametersOfATorchScriptProgramAreRead() {
        // As torch.jit.save writes a module "model" that holds a layer "fc"; its code is not looked at.
        const auto object = [](const std::string& name, const std::string& state) {
            return tests::global("__torch__.my", name) + ")\x81" + state + 'b';
        };
        const std::string tag = tests::global("torch.jit._pickle", "restore_type_tag") +
                                tests::tuple("]"s + tests::text("List[str]")) + 'R';
        const std::string layer =
            object("Linear", tests::dict({{"weight", weightTensor()}, {"training", "\x88"}, {"names", tag}}));
        const std::string root =
            object("Net", tests::dict({{"model", object("Inner", tests::dict({{"fc", layer}}))}, {"scale", "K\3"}}));
        const auto file =
            engine::WeightsFile::open(write("script.pt", tests::zip({{"net/data.pkl", tests::pickle(root)},
                                                                     {"net/constants.pkl", "x"},
                                                                     {"net/data/0", kTwoByThree},
                                                                     {"net/code/__torch__/my.py", "import os"}})));
        QCOMPARE(file.format(), "TorchScript"s);
        QCOMPARE(file.tensors().size(), std::size_t{1});
        QVERIFY(file.find("fc.weight"));
        QCOMPARE(file.wrappers(), std::vector<std::string>{"model."});
    }

    void objectsInCirclesAndBushesEnd() {
        const std::string module = tests::global("__torch__", "M") + ")\x81";
        // itself as its own attribute
        expectRefusal(writeZip(module + "q\0}("s + tests::text("me") + "h\0ub"s, kTwoByThree), "", "");
        // each of 30 levels holds the one below twice
        std::string bush = module + tests::dict({{"w", weightTensor()}}) + 'b';
        for (int level = 1; level <= 30; ++level) {
            const std::string slot(1, static_cast<char>(level));
            bush +=
                'q' + slot + '0' + module + "}(" + tests::text("a") + 'h' + slot + tests::text("b") + 'h' + slot + "ub";
        }
        expectRefusal(writeZip(bush, kTwoByThree), "", "");
    }

    void halfPrecisionFromTheGpuIsRead_data() {
        QTest::addColumn<QByteArray>("storage");
        QTest::addColumn<int>("dtype");
        QTest::newRow("HalfStorage") << QByteArray("HalfStorage") << int(engine::DType::Float16);
        QTest::newRow("BFloat16Storage") << QByteArray("BFloat16Storage") << int(engine::DType::BFloat16);
        QTest::newRow("cuda.HalfStorage") << QByteArray("cuda.HalfStorage") << int(engine::DType::Float16);
    }
    void halfPrecisionFromTheGpuIsRead() {
        QFETCH(QByteArray, storage);
        QFETCH(int, dtype);
        // torchfiles.h tags every storage as cuda:3, which this machine need not have.
        std::string reference = tests::storage("@", "0", 6);
        const std::string type = storage.startsWith("cuda.") ? tests::global("torch.cuda", storage.mid(5).toStdString())
                                                             : tests::global("torch", storage.toStdString());
        reference.replace(reference.find(tests::global("torch", "@")), tests::global("torch", "@").size(), type);
        const auto file = engine::WeightsFile::open(
            writeZip(tests::dict({{"w", tests::tensor(reference, 0, {6}, {1})}}), std::string(12, 'x')));
        QCOMPARE(int(file.find("w")->dtype), dtype);
        QCOMPARE(file.find("w")->bytes, std::size_t{12});
    }

private:
    std::filesystem::path write(const std::string& name, const std::string& bytes) {
        const std::filesystem::path path = m_folder->filePath(QString::fromStdString(name)).toStdString();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    std::filesystem::path writeZip(const std::string& object, const std::string& storage) {
        return write("file.pth",
                     tests::zip({{"archive/data.pkl", tests::pickle(object)}, {"archive/data/0", storage}}));
    }
    void writeShard(const std::string& name, const std::string& tensor, float value) {
        const std::vector<engine::TensorView> views{{tensor, engine::DType::Float32, {1}, &value, sizeof value, {}}};
        engine::writeSafetensors(m_folder->filePath(QString::fromStdString(name)).toStdString(), views);
    }
    std::filesystem::path writeIndex(const std::string& first, const std::string& second) {
        return write("model.safetensors.index.json", R"({"metadata": {"total_size": 8}, "weight_map": {"first": ")" +
                                                         first + R"(", "second": ")" + second + R"("}})");
    }
    void expectRefusal(const std::filesystem::path& file, const std::string& words, const std::string& remedy) {
        try {
            static_cast<void>(engine::WeightsFile::open(file));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QCOMPARE(engine::exitCode(error.kind()), 2);
            QVERIFY2(std::string(error.what()).find(words) != std::string::npos, error.what());
            QVERIFY2(error.remedy().find(remedy) != std::string::npos, error.remedy().c_str());
        }
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestPublishedWeights)
#include "tst_publishedweights.moc"
