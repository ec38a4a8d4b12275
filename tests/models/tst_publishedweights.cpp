// The shapes in which weights are published: in shards, in half precision from a GPU, as programs.
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
        QVERIFY(file.find("model.fc.weight"));
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

    void otherFilesAreCalledWhatTheyAre_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("what");
        const auto row = [](const char* title, const std::string& bytes, const char* what) {
            QTest::newRow(title) << QByteArray::fromStdString(bytes) << QByteArray(what);
        };
        row("a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:a1\nsize 44700000\n",
            "pointer of Git LFS to a file of 44700000 bytes");
        row("a web page", "\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page");
        row("a page without a type", "<html lang=\"en\"></html>", "a web page");
        row("a refusal", "{\"error\":\"Access is restricted.\"}\n", "a server's answer ({\"error\":\"Access is");
        row("a refusal in XML", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "answer in XML");
        row("settings", "{\"hidden_size\": 768}", "a file of settings in JSON");
        row("GGUF", "GGUF\3\0\0\0"s + std::string(40, '\1'), "a GGUF file");
        row("TensorFlow Lite", "\x1c\0\0\0TFL3"s + std::string(40, '\1'), "a TensorFlow Lite model");
        row("Keras", "\x89HDF\r\n\x1a\n"s + std::string(40, '\1'), "an HDF5 file");
        row("ONNX",
            "\x08\x07\x12\x07pytorch\x1a\x05"
            "2.1.0"s +
                std::string(40, '\1'),
            "an ONNX model");
        row("a SavedModel", "\x08\x01\x12\xf1\x02\n"s + std::string(40, '\1'), "a TensorFlow SavedModel");
        row("an array", "\x93NUMPY\1\0v\0{'descr': '<f4'}"s, "a single NumPy array");
        row("arrays", tests::zip({{"fc.weight.npy", "\x93NUMPY"}, {"fc.bias.npy", "\x93NUMPY"}}), "NumPy arrays (NPZ)");
        row("Keras 3", tests::zip({{"config.json", "{}"}, {"model.weights.h5", "x"}}), "a Keras model");
        row("zipped weights", tests::zip({{"best/model.pth", "x"}}), "a zip archive around other files of weights");
        row("another zip", tests::zip({{"a.txt", "x"}}), "an archive, but not one that torch.save wrote");
        row("gzip", "\x1f\x8b\x08"s + std::string(40, '\1'), "compressed with gzip");
        row("a picture", "\x89PNG\r\n"s + std::string(40, '\1'), "a picture (PNG)");
        row("nothing", "", "it is empty");
    }
    void otherFilesAreCalledWhatTheyAre() {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, what);
        for (const char* name : {"model.safetensors", "model.pth", "pytorch_model.bin"})
            expectRefusal(write(name, bytes.toStdString()), what.toStdString(), "");
    }

    void aHeaderOfAnyLengthIsNoArchive() {
        // 35615 bytes: the length begins as gzip does.
        std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
        header.resize(0x8b1f, ' ');
        const auto file =
            engine::WeightsFile::open(write("model.safetensors", tests::safetensors(header, std::string(8, 'x'))));
        QVERIFY(file.find("w"));
    }

    void metadataOfNothingIsPassedOver() {
        const auto file = engine::WeightsFile::open(
            write("model.safetensors",
                  tests::safetensors(R"({"__metadata__":null,"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                                     std::string(8, 'x'))));
        QVERIFY(file.find("w") && file.metadata().empty());
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
