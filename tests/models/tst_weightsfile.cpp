#include "engine/api/error.h"
#include "engine/models/weights/safetensorswriter.h"
#include "engine/models/weights/weightsfile.h"
#include "tests/models/torchfiles.h"
#include "tests/support/testdata.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <fstream>

using namespace std::string_literals;

namespace {

const std::string kTwoByThree = tests::floats({0, 1, 2, 3, 4, 5});

std::string zipOf(const std::string& object, const std::string& storage = kTwoByThree) {
    return tests::zip(
        {{"archive/data.pkl", tests::pickle(object)}, {"archive/byteorder", "little"}, {"archive/data/0", storage}});
}

std::string weightTensor() { return tests::tensor(tests::storage("FloatStorage", "0", 6), 0, {2, 3}, {3, 1}); }

std::string safetensorsOf(const std::string& ranges, std::size_t dataBytes) {
    return tests::safetensors("{" + ranges + "}", std::string(dataBytes, 'x'));
}

float valueAt(const engine::StoredTensor& tensor, std::int64_t element) {
    float value = 0;
    std::memcpy(&value, tensor.data + element * 4, sizeof value);
    return value;
}

// VmHWM (the peak) or VmRSS of this process.
long statusKilobytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key))
            return std::stol(line.substr(key.size() + 1));
    }
    return 0;
}

void resetPeak() { std::ofstream("/proc/self/clear_refs") << 5; }

} // namespace

class TestWeightsFile final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void safetensorsRoundTripKeepsEverything() {
        const std::vector<float> floats{1, 2, 3, 4, 5, 6};
        const std::vector<std::int64_t> integers{7};
        const std::vector<std::uint8_t> bytes{1, 0, 1};
        const std::vector<engine::TensorView> views{
            {"flags", engine::DType::Bool, {3}, bytes.data(), 3, {}},
            {"layer.weight \"quoted\"", engine::DType::Float32, {2, 3}, floats.data(), 24, {}},
            {"count", engine::DType::Int64, {}, integers.data(), 8, {}},
            {"empty", engine::DType::Float32, {0, 4}, nullptr, 0, {}}};
        const auto path = m_folder.filePath(QStringLiteral("round.safetensors")).toStdString();
        engine::writeSafetensors(path, views, {{"classes", "ants\nbees"}});
        const auto file = engine::WeightsFile::open(path);
        QCOMPARE(file.format(), "safetensors"s);
        QCOMPARE(file.tensors().size(), std::size_t{4});
        QCOMPARE(file.metadata().at("classes"), "ants\nbees"s);
        for (const engine::TensorView& view : views) {
            const engine::StoredTensor* tensor = file.find(view.name);
            QVERIFY(tensor && tensor->dtype == view.dtype && tensor->shape == view.shape && tensor->contiguous());
            QVERIFY(view.bytes == 0 || std::memcmp(tensor->data, view.data, view.bytes) == 0);
            QVERIFY(reinterpret_cast<std::uintptr_t>(tensor->data) % engine::dtypeBytes(view.dtype) == 0);
        }
    }

    void writerRefusesTwoTensorsOfOneName() {
        const float value = 1;
        const engine::TensorView view{"a", engine::DType::Float32, {1}, &value, 4, {}};
        const auto path = m_folder.filePath(QStringLiteral("twice.safetensors")).toStdString();
        QVERIFY_EXCEPTION_THROWN(engine::writeSafetensors(path, std::vector{view, view}), engine::Error);
        QVERIFY(!std::filesystem::exists(path));
    }

    void zipPickleGivesTensorsViewsAndWrappers() {
        const std::string part = tests::tensor(tests::storage("FloatStorage", "0", 6), 1, {3, 2}, {1, 3});
        const std::string object = tests::dict(
            {{"epoch", tests::integer(12)},
             {"state_dict", tests::dict({{"module.fc.weight", weightTensor()}, {"module.fc.part", part}})}});
        // A view that ends outside its storage is damage; one that stays inside is a view.
        QVERIFY(!messageFor(zipOf(object)).empty());
        const std::string inside = tests::tensor(tests::storage("FloatStorage", "0", 6), 1, {2, 2}, {1, 3});
        const auto file = open(zipOf(tests::dict(
            {{"epoch", tests::integer(12)},
             {"state_dict", tests::dict({{"module.fc.weight", weightTensor()}, {"module.fc.part", inside}})}})));
        QCOMPARE(file.format(), "torch zip pickle"s);
        QCOMPARE(file.metadata().at("epoch"), "12"s);
        QCOMPARE(valueAt(*file.find("state_dict.module.fc.weight"), 5), 5.0f);
        const engine::StoredTensor& view = *file.find("state_dict.module.fc.part");
        QCOMPARE(view.dictionary, "state_dict."s.size());
        QVERIFY(!view.contiguous() && view.strides == (std::vector<std::int64_t>{1, 3}));
        QCOMPARE(valueAt(view, view.strides[0] + view.strides[1]), 5.0f); // element [1][1]
    }

    void legacyPickleGivesTensors() {
        const std::string object = tests::dict({{"model", tests::dict({{"fc.weight", weightTensor()}})}});
        const auto file = open(tests::legacy(object, {{"0", kTwoByThree}}, 4));
        QCOMPARE(file.format(), "torch legacy pickle"s);
        QCOMPARE(valueAt(*file.find("model.fc.weight"), 4), 4.0f);
    }

    void whatIsNeitherTensorNorDataIsRefusedByName_data() {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QByteArray>("name");
        const auto row = [](const char* title, const std::string& object, const char* name) {
            QTest::newRow(title) << QByteArray::fromStdString(object) << QByteArray(name);
        };
        const std::string command = tests::tuple(tests::text("touch /tmp/executed"));
        row("os.system", tests::global("os", "system") + command + "R", "os.system");
        row("posix.system", tests::global("posix", "system") + command + "R", "posix.system");
        row("eval", tests::global("builtins", "eval") + command + "R", "builtins.eval");
        row("getattr", tests::global("builtins", "getattr") + command + "R", "builtins.getattr");
        row("stack global", tests::text("subprocess") + tests::text("Popen") + "\x93" + command + "R",
            "subprocess.Popen");
        row("a function of a package", tests::global("my.module", "make_net") + command + "R", "my.module.make_net");
        row("a module that is only named", tests::global("subprocess", "PIPE"), "subprocess.PIPE");
        row("hidden in a state", tests::dict({{"a", weightTensor()}}) + tests::global("os", "system") + command + "Rb",
            "os.system");
        row("a storage called", tests::global("torch", "FloatStorage") + command + "R", "torch.FloatStorage");
    }
    void whatIsNeitherTensorNorDataIsRefusedByName() {
        QFETCH(QByteArray, object);
        QFETCH(QByteArray, name);
        for (const std::string& file :
             {zipOf(object.toStdString()), tests::legacy(object.toStdString(), {{"0", kTwoByThree}}, 4)}) {
            const std::string message = messageFor(file);
            QVERIFY2(message.find(name.toStdString()) != std::string::npos, message.c_str());
        }
        QVERIFY(!QFile::exists(QStringLiteral("/tmp/executed")));
    }

    void damagedFilesAreRefusedInOneSentence_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* title, const std::string& bytes) {
            QTest::newRow(title) << QByteArray::fromStdString(bytes);
        };
        const std::string f = R"(:{"dtype":"F32","shape":[2],"data_offsets":[)";
        row("empty", "");
        row("words", "these are words, no weights");
        row("header of 2^63 bytes", tests::little(std::uint64_t{1} << 63) + "{}");
        row("header longer than the file", tests::little(std::uint64_t{1000}) + "{}");
        row("overlapping ranges", safetensorsOf("\"a\"" + f + "0,8]},\"b\"" + f + "4,12]}", 12));
        row("a gap", safetensorsOf("\"a\"" + f + "0,8]},\"b\"" + f + "12,20]}", 20));
        row("data left over", safetensorsOf("\"a\"" + f + "0,8]}", 12));
        row("data missing", safetensorsOf("\"a\"" + f + "0,8]}", 4));
        row("range backwards", safetensorsOf("\"a\"" + f + "8,0]}", 8));
        row("shape against range", safetensorsOf(R"("a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]})", 8));
        row("shape overflows",
            safetensorsOf(R"("a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,0]})", 0));
        row("one name twice", safetensorsOf("\"a\"" + f + "0,8]},\"a\"" + f + "8,16]}", 16));
        row("number format", safetensorsOf(R"("a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})", 8));
        row("no number format", safetensorsOf(R"("a":{"shape":[8],"data_offsets":[0,8]})", 8));
        row("nested JSON", tests::safetensors(std::string(100000, '{'), ""));
        row("broken escape", tests::safetensors("{\"\\u12", ""));
        row("zip without data.pkl", tests::zip({{"a/b", "c"}}));
        row("compressed entry", tests::zip({{"a/data.pkl", tests::pickle("}")}}, 8));
        const std::string good = tests::pickle(tests::dict({{"w", weightTensor()}}));
        row("entry twice", tests::zip({{"a/data.pkl", good}, {"a/data/0", kTwoByThree}, {"a/data/0", kTwoByThree}}));
        row("TorchScript", tests::zip({{"a/data.pkl", tests::pickle("}")}, {"a/constants.pkl", ""}}));
        row("big-endian", tests::zip({{"a/data.pkl", tests::pickle("}")}, {"a/byteorder", "big"}}));
        row("no tensors", zipOf("}"));
        row("storage missing", tests::zip({{"a/data.pkl", tests::pickle(tests::dict({{"w", weightTensor()}}))}}));
        row("storage too short", zipOf(tests::dict({{"w", weightTensor()}}), "abc"));
        row("storage of 2^31 elements",
            zipOf(tests::dict({{"w", tests::tensor(tests::storage("FloatStorage", "0", INT32_MAX), 0, {6}, {1})}})));
        row("tensor past its storage",
            zipOf(tests::dict({{"w", tests::tensor(tests::storage("FloatStorage", "0", 6), 3, {2, 3}, {3, 1})}})));
        row("expanded to terabytes", zipOf(tests::dict({{"w", tests::tensor(tests::storage("FloatStorage", "0", 6), 0,
                                                                            {INT32_MAX, INT32_MAX}, {0, 0})}})));
        row("strides overflow", zipOf(tests::dict({{"w", tests::tensor(tests::storage("FloatStorage", "0", 6), 0,
                                                                       {INT32_MAX, INT32_MAX, INT32_MAX},
                                                                       {INT32_MAX, INT32_MAX, INT32_MAX})}})));
        row("negative shape",
            zipOf(tests::dict({{"w", tests::tensor(tests::storage("FloatStorage", "0", 6), 0, {-2, 3}, {3, 1})}})));
        row("list in itself", zipOf("]q\0h\0a"s));
        row("dict in itself", zipOf("}q\0"s + tests::text("state_dict") + "h\0s"s));
        row("tuple of itself through a list", zipOf("]q\0h\0\x85"
                                                    "a"s));
        row("stack runs empty", zipOf("R"));
        row("unknown instruction", zipOf("\xff"));
        row("text of 4 GB", zipOf("X\xff\xff\xff\xff"s));
        row("long of 2 GB", zipOf("\x8b\xff\xff\xff\x7f"s));
        row("memo never written", zipOf("j\xff\xff\xff\xff"s));
        row("persistent id of a module", zipOf(tests::tuple(tests::text("module") + tests::text("x")) + "Q"));
    }
    void damagedFilesAreRefusedInOneSentence() {
        QFETCH(QByteArray, bytes);
        const std::string message = messageFor(bytes.toStdString());
        QVERIFY(!message.empty());
        QVERIFY2(message.back() == '.' && message.size() < 300, message.c_str());
    }

    void whatASentenceQuotesFromTheFileIsPrintable() {
        const std::string name = std::string("\x1b[31m\\u0000a\xff") + std::string(3000, 'b');
        const std::string entry = "{\"" + name.substr(0, 20) + "\":{\"dtype\":\"" + name + "\"}}";
        const std::string global = tests::global("o\x1bs", std::string(3000, 's')) + tests::tuple("") + 'R';
        for (const std::string& bytes : {tests::safetensors(entry, ""), zipOf(global), zipOf("\x93")}) {
            const std::string message = messageFor(bytes);
            QVERIFY(!message.empty() && message.back() == '.' && message.size() < 600);
            QVERIFY(std::ranges::none_of(message, [](char c) { return c >= 0 && c < 32; }));
            QVERIFY(!QString::fromStdString(message).contains(QChar::ReplacementCharacter));
        }
    }

    void everyTruncationIsRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        const std::string object = tests::dict({{"fc.weight", weightTensor()}});
        QTest::newRow("zip") << QByteArray::fromStdString(zipOf(object));
        QTest::newRow("legacy") << QByteArray::fromStdString(tests::legacy(object, {{"0", kTwoByThree}}, 4));
        QTest::newRow("safetensors") << QByteArray::fromStdString(
            safetensorsOf(R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 8));
    }
    void everyTruncationIsRefused() {
        QFETCH(QByteArray, bytes);
        QVERIFY(messageFor(bytes.toStdString()).empty());
        for (qsizetype length = 0; length < bytes.size(); ++length)
            QVERIFY2(!messageFor(bytes.left(length).toStdString()).empty(), qPrintable(QString::number(length)));
    }

    void everyFlippedByteIsReadOrRefused_data() { everyTruncationIsRefused_data(); }
    void everyFlippedByteIsReadOrRefused() {
        QFETCH(QByteArray, bytes);
        for (qsizetype at = 0; at < bytes.size(); ++at) {
            for (const char flip : {'\x01', '\x80', '\xff'}) {
                QByteArray bent = bytes;
                bent[at] = static_cast<char>(bent[at] ^ flip);
                static_cast<void>(messageFor(bent.toStdString())); // must not crash, hang or throw anything else
            }
        }
    }

    void hostileSizesTakeLittleMemory() {
#if defined(__SANITIZE_ADDRESS__)
        QSKIP("The address sanitizer keeps freed memory.");
#endif
        std::string gets = "Nq\0"s, puts = "N", lists;
        for (std::uint32_t i = 0; i < 4'000'000; ++i) {
            gets += "h\0"s;
            puts += 'r' + tests::little(i);
            lists += ']';
        }
        std::string objects, index = R"({"weight_map":{)", header = "{";
        const std::string type = tests::global("__torch__", "M");
        for (int i = 0; i < 700000; ++i) {
            objects += "h\0)\x81"s;
            const std::string name = '"' + std::to_string(i) + '"';
            index += name + R"(:"a.safetensors",)";
            header += name + R"(:{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)";
        }
        objects = type + "q\0"s + objects;
        const std::vector<std::pair<QString, std::string>> files{
            {QStringLiteral("a.pth"), zipOf(std::string(20'000'000, 'N'))},
            {QStringLiteral("b.pth"), zipOf(gets)},
            {QStringLiteral("c.pth"), zipOf(puts)},
            {QStringLiteral("d.pth"), zipOf(lists)},
            {QStringLiteral("e.pth"), zipOf(objects)},
            {QStringLiteral("model.safetensors.index.json"), index},
            {QStringLiteral("f.safetensors"), tests::safetensors(header, "")},
            {QStringLiteral("g.safetensors"), tests::safetensors('{' + std::string(20'000'000, ' '), "")},
            {QStringLiteral("h.safetensors"), tests::safetensors("{\"" + std::string(20'000'000, 'n'), "")}};
        for (const auto& [name, bytes] : files) {
            const auto path = m_folder.filePath(name).toStdString();
            std::ofstream(path, std::ios::binary) << bytes;
            resetPeak();
            const long before = statusKilobytes("VmRSS");
            QVERIFY_EXCEPTION_THROWN(static_cast<void>(engine::WeightsFile::open(path)), engine::Error);
            const long mapped =
                static_cast<long>(bytes.size() / 1024); // pages of the file, which the system takes back
            [[maybe_unused]] const long taken = statusKilobytes("VmHWM") - before - mapped;
#ifndef __SANITIZE_THREAD__ // which keeps a shadow several times the size
            QVERIFY2(taken < 64 * 1024, qPrintable(QString::number(taken)));
#endif
        }
    }

    void programsWithValuesOfEnumerationsAreRead() {
        const std::string format = tests::global("__torch__.timm", "Format") + tests::text("NCHW") + 'R';
        const std::string state = tests::dict({{"weight", weightTensor()}, {"format", format}});
        const std::string object = tests::global("__torch__", "Net") + ")\x81" + state + 'b';
        const auto file = open(
            tests::zip({{"a/data.pkl", tests::pickle(object)}, {"a/constants.pkl", ""}, {"a/data/0", kTwoByThree}}));
        QCOMPARE(file.format(), "TorchScript"s);
        QCOMPARE(file.tensors().size(), std::size_t{1});
        QCOMPARE(valueAt(*file.find("weight"), 5), 5.0f);
    }

    void truncatedUploadIsToldInOneSentence() {
        NEEDS_DATA("negative/resnet18-f37072fd.TRUNCATED.pth");
        const auto path = tests::testData("negative/resnet18-f37072fd.TRUNCATED.pth");
        try {
            static_cast<void>(engine::WeightsFile::open(path));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QCOMPARE(engine::exitCode(error.kind()), 2);
            const std::string message = error.what();
            QVERIFY2(message.find("cut short") != std::string::npos && message.find("579901") != std::string::npos,
                     message.c_str());
            QVERIFY(!error.remedy().empty());
        }
    }

    void cifarLegacyPickleListsItsTensors() {
        NEEDS_DATA("weights/cifar_resnet20/resnet20-12fca82f.th");
        const auto file = engine::WeightsFile::open(tests::testData("weights/cifar_resnet20/resnet20-12fca82f.th"));
        QCOMPARE(file.format(), "torch legacy pickle"s);
        QVERIFY(file.find("state_dict.module.linear.bias"));
        QCOMPARE(file.find("state_dict.module.conv1.weight")->shape, (std::vector<std::int64_t>{16, 3, 3, 3}));
        QVERIFY(file.metadata().count("best_prec1") == 1);
    }

    void lightningCheckpointsAreReadOrRefusedByName() {
        NEEDS_DATA("events/lightning/version_8/checkpoints/epoch=49-step=24700.ckpt");
        const auto file = engine::WeightsFile::open(
            tests::testData("events/lightning/version_8/checkpoints/epoch=49-step=24700.ckpt"));
        QVERIFY(std::ranges::any_of(file.tensors(),
                                    [](const engine::StoredTensor& t) { return t.name.starts_with("state_dict."); }));
    }

private:
    std::string write(const std::string& bytes) {
        const auto path = m_folder.filePath(QStringLiteral("file.bin")).toStdString();
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path;
    }
    engine::WeightsFile open(const std::string& bytes) { return engine::WeightsFile::open(write(bytes)); }
    // The sentence with which the bytes are refused; empty where they are read. Any other exception fails the test.
    std::string messageFor(const std::string& bytes) {
        try {
            const auto file = open(bytes);
            unsigned sum = 0;
            for (const engine::StoredTensor& tensor : file.tensors()) {
                for (std::size_t i = 0; i < tensor.bytes; ++i)
                    sum += static_cast<unsigned>(tensor.data[i]); // all of it can be looked at
            }
            m_sum = sum;
            return {};
        } catch (const engine::Error& error) {
            return error.what();
        }
    }

    QTemporaryDir m_folder;
    unsigned m_sum = 0;
};

QTEST_GUILESS_MAIN(TestWeightsFile)
#include "tst_weightsfile.moc"
