// The parts of which readers of weights are made: texts, names of number formats, ranges, what is said about them.
#include "engine/api/error.h"
#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"
#include "engine/models/weights/safetensorswriter.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/models/weights/ziparchive.h"
#include "tests/models/torchfiles.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace std::string_literals;
using namespace engine;

namespace {

// An archive whose directory has every size and place in zip64's fields, as files of more than 4 GB have.
std::string zip64(const std::vector<std::pair<std::string, std::string>>& entries) {
    using tests::little;
    constexpr std::uint32_t kElsewhere = 0xffffffff;
    std::string out, directory;
    for (const auto& [name, bytes] : entries) {
        const auto start = [&name = name](std::uint32_t size, std::uint16_t extraBytes) {
            return little(std::uint16_t{0}) + little(std::uint16_t{0}) + std::string(8, '\0') + little(size) +
                   little(size) + little(static_cast<std::uint16_t>(name.size())) + little(extraBytes);
        };
        directory += "PK\1\2" + little(std::uint32_t{45 | 45 << 16}) + start(kElsewhere, 28) + std::string(10, '\0') +
                     little(kElsewhere) + name + little(std::uint16_t{1}) + little(std::uint16_t{24}) +
                     little(std::uint64_t{bytes.size()}) + little(std::uint64_t{bytes.size()}) +
                     little(std::uint64_t{out.size()});
        out += "PK\3\4" + little(std::uint16_t{45}) + start(static_cast<std::uint32_t>(bytes.size()), 0) + name + bytes;
    }
    const auto count = static_cast<std::uint16_t>(entries.size());
    return out + directory + "PK\5\6" + little(std::uint32_t{0}) + little(count) + little(count) +
           little(static_cast<std::uint32_t>(directory.size())) + little(static_cast<std::uint32_t>(out.size())) +
           little(std::uint16_t{0});
}

} // namespace

class TestWeightsFormat final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void escapesOfEveryLengthAreRead() {
        JsonReader json("\"A caf\\u00e9 \\u20ac5 \\ud83d\\ude00 \\n \\\"\"", "The text");
        QCOMPARE(json.text(), "A café €5 😀 \n \""s);
    }

    void whatCanBePrintedIsPrintedAsItIs() {
        QCOMPARE(printable("a–b é 😀"), "a–b é 😀"s);
        QCOMPARE(printable("\xe2\x80"), "\\xe2\\x80"s); // cut
        QCOMPARE(printable("\x1b[2J"), "\\x1b[2J"s);
    }

    void everyNumberFormatHasItsNameInSafetensors() {
        const std::string zeros(8, '\0');
        for (const auto& [dtype, name] : {std::pair(DType::Float16, "F16"),
                                          {DType::BFloat16, "BF16"},
                                          {DType::Float32, "F32"},
                                          {DType::Float64, "F64"},
                                          {DType::Int8, "I8"},
                                          {DType::UInt8, "U8"},
                                          {DType::Int16, "I16"},
                                          {DType::Int32, "I32"},
                                          {DType::Int64, "I64"},
                                          {DType::Bool, "BOOL"}}) {
            const auto file = m_folder.filePath(QLatin1String(name)).toStdString();
            const std::vector<TensorView> one{{"t", dtype, {1}, zeros.data(), dtypeBytes(dtype), {}}};
            writeSafetensors(file, one);
            std::ifstream stream(file, std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
            QVERIFY2(bytes.find("\""s + name + '"') != std::string::npos, name);
            QVERIFY2(WeightsFile::open(file).tensors().front().dtype == dtype, name);
        }
    }

    void archivesOfMoreThanFourGigabytesKeepTheirSizesElsewhere() {
        const auto path = m_folder.filePath(QStringLiteral("large.zip")).toStdString();
        std::ofstream(path, std::ios::binary) << zip64({{"a", "first"}, {"net/data.pkl", "second entry"}});
        const MappedFile file(path);
        const ZipArchive archive(file);
        QCOMPARE(archive.entry("a"), std::string_view("first"));
        QCOMPARE(archive.entry("net/data.pkl"), std::string_view("second entry"));
        QCOMPARE(archive.torchFolder(), "net/"s);
    }

    void rangesThatOverlapOrLeaveGapsAreToldApart() {
        const auto said = [this](const char* first, const char* second) {
            const auto file = m_folder.filePath(QStringLiteral("ranges.safetensors")).toStdString();
            std::ofstream(file, std::ios::binary)
                << tests::safetensors(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)"s + first +
                                          R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}",
                                      std::string(12, 'x'));
            try {
                (void)WeightsFile::open(file);
                return "nothing"s;
            } catch (const Error& error) {
                return std::string(error.what());
            }
        };
        QVERIFY(said("[0,4]", "[2,6]").ends_with("tensor b overlaps the one before."));
        QVERIFY(said("[0,4]", "[8,12]").ends_with("tensor b leaves a gap before it."));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestWeightsFormat)
#include "tst_weightsformat.moc"
