// Every export is opened by a fresh process and compared with its run; what differs is not kept.
#include "engine/api/error.h"
#include "engine/api/export.h"
#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/export/certificate.h"
#include "engine/export/confusionpicture.h"
#include "engine/export/onnxruntime.h"
#include "engine/export/torchscriptfile.h"
#include "engine/models/script/scriptfile.h"
#include "engine/runs/runwriter.h"
#include "tests/export/madeup.h"
#include "tests/support/fulldisk.h"
#include "tests/support/refusal.h"
#include "tests/train/pictures.h"

#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace engine;
using tests::refusal;

namespace {

constexpr int kSize = 64;

class Place final {
public:
    [[nodiscard]] fs::path operator/(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private:
    QTemporaryDir m_folder;
};

const std::vector<std::string> kClasses{"ants", "bees", "a \"quoted\"\nname"};

fs::path madeRun(const Place& place) { return tests::MadeUpRun("squeezenet1_1", kClasses, kSize).write(place / "run"); }

// One value of the exported file's parameters is another one from now on.
void plantError(const fs::path& folder, double by) {
    const torch::NoGradGuard noGrad;
    const fs::path file = folder / "model.pt";
    torch::jit::Module module = loadProgram(file, ProgramNumbers::AsStored);
    for (const auto& item : module.named_parameters())
        if (item.name == "features.6.expand1x1.weight")
            item.value.view(-1)[3].add_(by);
    const InnerFiles inner{{"config.json", innerFile(file, "config.json")}};
    writeTorchScript(file, module, inner);
}

int leftIn(const fs::path& folder) {
    return static_cast<int>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestCertificate final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }

    void aRunsValidationPicturesAreAnsweredAlike() {
        const tests::Project project;
        Experiment experiment = project.experiment();
        experiment.train.epochs = 1;
        const fs::path run = createRun(experiment, project.runs());
        RunControl control;
        (void)train(run, control);
        const fs::path out = project.path() / "out";
        const ExportReport report = exportModel({.run = run, .out = out, .format = ExportFormat::TorchScript});
        QVERIFY2(report.certificate.notChecked.empty(), report.certificate.notChecked.c_str());
        QCOMPARE(report.certificate.pictures, std::int64_t{8});
        QCOMPARE(report.certificate.agreeing, std::int64_t{8});
        QVERIFY(!report.certificate.madeUp);
        QVERIFY(report.certificate.largestDifference < 1e-4 && report.certificate.largestOutput > 0);
        QCOMPARE(report.certificate.bytes, fs::file_size(out / "model.pt"));
        QCOMPARE(report.certificate.sha256.size(), std::size_t{64});
        QCOMPARE(readCertificate(out).sha256, report.certificate.sha256);
        const std::string card = readFile(out / "README.md");
        QVERIFY(card.find("| 0 | dark | 12 | 4 |") != std::string::npos);
        QVERIFY2(card.find("| Accuracy |") != std::string::npos, card.c_str());
        QVERIFY(card.find(" to ") != std::string::npos);
        QVERIFY(card.find("(confusion.svg)") != std::string::npos);
        QVERIFY(readFile(out / "confusion.svg").find(">dark</text>") != std::string::npos);
        for (const char* name : {"predict.py", "predict.cpp", "predict.sh", "classes.json", "config.json"})
            QVERIFY2(fs::exists(out / name), name);
    }

    void whatOnlyFoldingRoundsIsNoDifference() {
        const Place place;
        const auto largeMeans = [](Backbone& model) {
            for (const auto& item : model.named_modules())
                if (auto* norm = item.value()->as<torch::nn::BatchNorm2dImpl>()) {
                    norm->running_mean.fill_(1e5);
                    norm->bias.copy_(1e5 * norm->weight / at::sqrt(norm->running_var + norm->options.eps()));
                    return; // of the first
                }
        };
        const fs::path run = tests::MadeUpRun("cifar_resnet20", kClasses, 32).write(place / "run", largeMeans);
        const Certificate found =
            exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript}).certificate;
        QVERIFY2(found.largestDifference < found.allowed(), qPrintable(QString::number(found.largestDifference)));
        QCOMPARE(found.agreeing, found.pictures);
    }

    void theCardHasTheConfusionOfItsEpoch() {
        const Place place;
        const fs::path run = madeRun(place);
        {
            RunWriter writer(run);
            writer.started({.task = "image-classification",
                            .monitor = "accuracy",
                            .classes = kClasses,
                            .device = "cpu",
                            .epochs = 2,
                            .steps = 7},
                           -1);
            writer.scalar(validationSeries("accuracy"), 7, 0.25);
            const std::vector<SampleResult> first{{.file = "a", .label = 2, .predicted = 2}};
            const std::vector<SampleResult> second{{.file = "a", .label = 0, .predicted = 1},
                                                   {.file = "b", .label = 0, .predicted = 1},
                                                   {.file = "c", .label = 1, .predicted = 1},
                                                   {.file = "d", .label = 2, .predicted = 0}};
            writer.samples(1, first);
            writer.samples(2, second);
            writer.finished(7);
        }
        (void)exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript});
        const std::string card = readFile(place / "out" / "README.md");
        QVERIFY2(card.find("| ants | 0 | 2 | 0 |\n| bees | 0 | 1 | 0 |\n") != std::string::npos, card.c_str());
        QVERIFY(card.find("(confusion.svg)") != std::string::npos && fs::exists(place / "out" / "confusion.svg"));
    }

    void theConfusionMatrixIsAPictureWhateverClassesAreCalled() {
        const ConfusionCounts two{.classes = {"a & <b>", std::string(40, 'x')}, .counts = {3, 1, 0, 4}};
        QXmlStreamReader reader(QString::fromStdString(confusionPicture(two)));
        QStringList words, shares;
        while (!reader.atEnd()) {
            reader.readNext();
            if (reader.isStartElement() && reader.name() == QLatin1String("rect"))
                shares.append(reader.attributes().value(QLatin1String("fill-opacity")).toString());
            if (reader.isStartElement() && reader.name() == QLatin1String("text"))
                words.append(reader.readElementText());
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        const QString cut = QString(24, QLatin1Char('x')) + QChar(0x2026);
        const QString first = QStringLiteral("a & <b>");
        QCOMPARE(words.mid(0, 8), QStringList({first, first, QStringLiteral("3"), QStringLiteral("1"), cut, cut,
                                               QStringLiteral("4"), words.last()}));
        QCOMPARE(shares, QStringList({QString(), QStringLiteral("0.750"), QStringLiteral("0.400"), QString(),
                                      QStringLiteral("1.000")}));
        const ConfusionCounts many{.classes = std::vector<std::string>(21, "c"),
                                   .counts = std::vector<std::int64_t>(21 * 21, 7)};
        QVERIFY(confusionPicture(many).find(">7<") == std::string::npos); // cells are too small for numbers
    }

    void aPlantedErrorIsFoundWithItsBlock() {
        const Place place;
        const fs::path run = madeRun(place);
        (void)exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript});
        const Certificate before = checkExport(run, place / "out", "best");
        QVERIFY(before.madeUp && before.pictures == before.agreeing);
        plantError(place / "out", 4);
        const std::string said = refusal([&] { (void)checkExport(run, place / "out", "best"); });
        QVERIFY2(said.find("answers otherwise than the run") != std::string::npos, said.c_str());
        QVERIFY2(said.find("differ from features.6 on") != std::string::npos, said.c_str());
    }

    void numbersThatAreNoneAreADifference() {
        const Place place;
        const fs::path run = madeRun(place);
        (void)exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript});
        plantError(place / "out", std::numeric_limits<double>::quiet_NaN());
        const std::string said = refusal([&] { (void)checkExport(run, place / "out", "best"); });
        QVERIFY2(said.find("outputs differ by inf") != std::string::npos, said.c_str());
    }

    void numbersNamesAndFormatsAreKept_data() {
        QTest::addColumn<int>("format");
        QTest::addColumn<int>("precision");
        QTest::addColumn<double>("most");
        const int script = static_cast<int>(ExportFormat::TorchScript), onnx = static_cast<int>(ExportFormat::Onnx);
        QTest::newRow("fp32") << script << 0 << 1e-4;
        QTest::newRow("fp16") << script << 1 << 2e-2;
        QTest::newRow("bf16") << script << 2 << 1e-1;
        QTest::newRow("onnx fp32") << onnx << 0 << 1e-4;
        QTest::newRow("onnx fp16") << onnx << 1 << 2e-2;
        QTest::newRow("safetensors") << 0 << 0 << 1e-4;
        QTest::newRow("safetensors fp16") << 0 << 1 << 2e-2;
    }
    void numbersNamesAndFormatsAreKept() {
        QFETCH(int, format);
        QFETCH(int, precision);
        QFETCH(double, most);
        const Place place;
        std::vector<std::string> classes = kClasses;
        for (int i = 3; i < 1200; ++i)
            classes.push_back("class \\" + std::to_string(i));
        const fs::path run = tests::MadeUpRun("mobilenet_v3_small", classes, kSize).write(place / "run");
        const ExportReport report = exportModel({.run = run,
                                                 .out = place / "out",
                                                 .format = static_cast<ExportFormat>(format),
                                                 .precision = static_cast<ExportPrecision>(precision)});
        const auto names = nlohmann::json::parse(readFile(place / "out" / "classes.json"));
        QVERIFY(names.get<std::vector<std::string>>() == classes);
        if (!report.certificate.notChecked.empty()) {
            QVERIFY(OnnxRuntime::library().empty());
            QSKIP(report.certificate.notChecked.c_str());
        }
        QVERIFY2(report.certificate.largestDifference <= most * std::max(1.0, report.certificate.largestOutput),
                 qPrintable(QString::number(report.certificate.largestDifference)));
    }

    void adaptersAreWorkedIn() {
        const Place place;
        tests::MadeUpRun made("deit_tiny_patch16_224", kClasses, kSize);
        made.description().adapters = {.rank = 4, .alpha = 8, .layers = {"blocks.0.attn.qkv", "blocks.5.mlp.fc1"}};
        const fs::path run = made.write(place / "run");
        const ExportReport report =
            exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript});
        QCOMPARE(report.certificate.agreeing, report.certificate.pictures);
        for (const auto& item : loadProgram(place / "out" / "model.pt").named_parameters())
            QVERIFY2(item.name.find("lora") == std::string::npos, item.name.c_str());
    }

    void thresholdsOfLabelsAreCarried() {
        const Place place;
        tests::MadeUpRun made("squeezenet1_1", kClasses, kSize);
        made.description().task = "multi-label";
        made.description().thresholds = {0.25, 0.5, 0.75};
        const fs::path run = made.write(place / "run");
        const ExportReport report =
            exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript});
        QCOMPARE(report.certificate.agreeing, report.certificate.pictures);
        const auto config = nlohmann::json::parse(innerFile(place / "out" / "model.pt", "config.json"));
        QVERIFY(config.at("thresholds").get<std::vector<double>>() == made.description().thresholds);
        QVERIFY(readFile(place / "out" / "predict.py").find("THRESHOLDS = [0.25, 0.5, 0.75]") != std::string::npos);
    }

    void thePreparationIsWrittenIntoTheFile_data() {
        QTest::addColumn<int>("interpolation");
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("rounding");
        QTest::addColumn<int>("format");
        QTest::addColumn<QString>("task");
        const int script = int(ExportFormat::TorchScript), onnx = int(ExportFormat::Onnx);
        const int bilinear = int(Interpolation::Bilinear), bicubic = int(Interpolation::Bicubic);
        const int centre = int(CropMode::Center), squash = int(CropMode::Squash);
        const QString one = QStringLiteral("image-classification"), several = QStringLiteral("multi-label");
        QTest::newRow("bilinear") << bilinear << centre << 0 << script << one;
        QTest::newRow("bicubic, rounded down") << bicubic << centre << 1 << script << one;
        QTest::newRow("squashed") << bicubic << squash << 0 << script << several;
        QTest::newRow("onnx, bilinear") << bilinear << centre << 0 << onnx << one;
        QTest::newRow("onnx, bicubic, rounded down") << bicubic << centre << 1 << onnx << one;
        QTest::newRow("onnx, squashed") << bicubic << squash << 0 << onnx << several;
    }
    void thePreparationIsWrittenIntoTheFile() {
        QFETCH(int, interpolation);
        QFETCH(int, mode);
        QFETCH(int, rounding);
        QFETCH(int, format);
        QFETCH(QString, task);
        if (format == int(ExportFormat::Onnx) && OnnxRuntime::library().empty())
            QSKIP("ONNX Runtime is not here: packaging/bootstrap --onnx fetches it.");
        const Place place;
        tests::MadeUpRun made("squeezenet1_1", kClasses, kSize);
        Preprocess& preprocess = made.description().preprocess;
        preprocess.interpolation = static_cast<Interpolation>(interpolation);
        preprocess.cropMode = static_cast<CropMode>(mode);
        preprocess.cropRounding = static_cast<CropRounding>(rounding);
        preprocess.resizeSize = kSize + 9;
        made.description().task = task.toStdString();
        const ExportReport report = exportModel({.run = made.write(place / "run"),
                                                 .out = place / "out",
                                                 .format = static_cast<ExportFormat>(format),
                                                 .input = ExportInput::Pictures});
        QCOMPARE(report.certificate.agreeing, report.certificate.pictures);
        QVERIFY2(report.certificate.largestDifference < 1e-4,
                 qPrintable(QString::number(report.certificate.largestDifference)));
    }

    void whatComesOfAnExportIsSaidBefore() {
        const Place place;
        tests::MadeUpRun made("deit_tiny_patch16_224", kClasses, kSize);
        made.description().adapters = {.rank = 4, .alpha = 8, .layers = {"blocks.0.attn.qkv"}};
        const fs::path run = made.write(place / "run");
        ExportRequest request{.run = run, .out = place / "out", .format = ExportFormat::TorchScript};
        const ExportOffer whole = offerExport(request);
        request.precision = ExportPrecision::Float16;
        const ExportOffer half = offerExport(request);
        QVERIFY(!fs::exists(place / "out"));
        QCOMPARE(half.bytes * 2, whole.bytes);
        QVERIFY2(half.loses.find("up to 2 % of the largest") != std::string::npos, half.loses.c_str());
        QVERIFY(whole.loses.find("rounded") == std::string::npos && whole.notChecked.empty());
        QVERIFY(whole.takes.find("gives logits") != std::string::npos);
        QCOMPARE(whole.checkpoints.size(), std::size_t{1});
        QCOMPARE(whole.checkpoints.front().word, std::string("best"));
        QVERIFY(whole.checkpoints.front().last && whole.checkpoints.front().step == 7);
        request.precision = ExportPrecision::Float32;
        (void)exportModel(request);
        const auto written = static_cast<double>(fs::file_size(place / "out" / "model.pt"));
        QVERIFY(std::abs(written / static_cast<double>(whole.bytes) - 1) < 0.1);
        request.out = place / "other";
        request.format = ExportFormat::Safetensors; // its positions are resampled to another grid
        const std::string why = offerExport(request).notChecked;
        QVERIFY2(why.find("position embeddings are for pictures of 64 pixels") != std::string::npos, why.c_str());
        QCOMPARE(exportModel(request).certificate.notChecked, why);
    }

    void aStopEndsTheCheckAndLeavesNothing() {
        struct StopsWhenComparing final : ProgressSink {
            std::stop_source stop;
            std::vector<Phase> phases;
            void onProgress(const Progress& progress) override {
                if (phases.empty() || phases.back() != progress.phase)
                    phases.push_back(progress.phase);
                if (progress.step > 0)
                    stop.request_stop();
            }
        };
        const Place place;
        const fs::path run = madeRun(place);
        StopsWhenComparing sink;
        std::optional<ErrorKind> kind;
        try {
            (void)exportModel({.run = run, .out = place / "out", .format = ExportFormat::TorchScript},
                              sink.stop.get_token(), &sink);
        } catch (const Error& error) {
            kind = error.kind();
        }
        QVERIFY(kind == ErrorKind::Stopped);
        QVERIFY((sink.phases == std::vector{Phase::LoadingWeights, Phase::Saving, Phase::Validating}));
        QCOMPARE(leftIn(place / ""), 1); // the run
    }

    void whatCannotBeWrittenIsRefused() {
        const Place place;
        const fs::path run = madeRun(place);
        const auto said = [&](ExportRequest request) {
            request.run = run;
            request.out = place / "out";
            const std::string sentence = refusal([&] { (void)exportModel(request); });
            return fs::exists(place / "out") || leftIn(place / "") != 1 ? "something was left behind" : sentence;
        };
        QCOMPARE(said({.format = ExportFormat::Onnx, .precision = ExportPrecision::Bfloat16}),
                 "ONNX Runtime computes no network in bf16.");
        QCOMPARE(said({.input = ExportInput::Pictures}), "A file of parameters does not prepare pictures.");
        QCOMPARE(said({.format = ExportFormat::Onnx, .names = Library::Timm}),
                 "Names of another library are for files of parameters.");
        QCOMPARE(said({.checkpoint = "12"}), "run has no checkpoint 12.");
        QCOMPARE(said({.format = ExportFormat::Transformers}), "transformers has no network like squeezenet1_1.");
    }

    void anExistingFolderAFullDiskAndOneThatMayNotBeWrittenAreSaid() {
        const Place place;
        const fs::path run = madeRun(place);
        fs::create_directories(place / "there");
        const ExportRequest request{.run = run, .out = place / "there", .format = ExportFormat::TorchScript};
        QVERIFY(refusal([&] { (void)exportModel(request); }).find("is there already") != std::string::npos);
        tests::g_fullDisk.below = place / "full";
        fs::create_directories(place / "full");
        ExportRequest full = request;
        full.out = place / "full/out";
        const std::string said = refusal([&] { (void)exportModel(full); });
        tests::g_fullDisk = {};
        QVERIFY2(said.find("full") != std::string::npos, said.c_str());
        QCOMPARE(leftIn(place / "full"), 0);
        if (geteuid() == 0)
            QSKIP("The superuser may write everywhere.");
        fs::permissions(place / "full", fs::perms::owner_read | fs::perms::owner_exec);
        QVERIFY(!refusal([&] { (void)exportModel(full); }).empty());
        fs::permissions(place / "full", fs::perms::owner_all);
    }
};

QTEST_GUILESS_MAIN(TestCertificate)
#include "tst_certificate.moc"
