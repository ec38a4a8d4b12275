// Every backbone computes the same as a TorchScript program and as ONNX, for other numbers and sizes of pictures too.
#include "engine/api/error.h"
#include "engine/export/onnxnetwork.h"
#include "engine/models/layers.h"
#include "tests/export/compared.h"
#include "tests/models/goldenmodel.h"
#include "tests/support/refusal.h"

#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace engine;
using tests::refusal;

namespace {

constexpr double kTolerance = 1e-4;   // fp32
constexpr int kSize = 64;             // small: there are many backbones
constexpr int kHeaviest = 60'000'000; // parameters; larger ones are of families that are there anyway

std::filesystem::path in(const QTemporaryDir& folder, const char* name) {
    return folder.filePath(QString::fromLatin1(name)).toStdString();
}

// THAW_EXPORT_FULL: each backbone at its own picture size, the large ones as well, and a line of README.md's table
// each.
bool full() { return qEnvironmentVariableIsSet("THAW_EXPORT_FULL"); }
int sizeFor(const Backbone& model) { return full() ? model.info().imageSize : kSize; }

const char* sizesWords(PictureSizes sizes) {
    return sizes == PictureSizes::Any ? "any" : sizes == PictureSizes::MultiplesOf32 ? "multiples of 32" : "this one";
}

void tell(const Backbone& model, PictureSizes sizes, const char* format, double worst) {
    if (full())
        qInfo("| %s | %d | %s | %s | %.1e |", model.info().name.c_str(), sizeFor(model), sizesWords(sizes), format,
              worst);
}

// Where an ONNX file goes: THAW_EXPORT_KEEP, so that check_onnx.py can look at it, else a folder that goes.
std::filesystem::path placeOf(const Backbone& model, const QTemporaryDir& folder) {
    const QByteArray kept = qgetenv("THAW_EXPORT_KEEP");
    return std::filesystem::path(kept.isEmpty() ? folder.path().toStdString() : kept.toStdString()) /
           (model.info().name + ".onnx");
}

bool runtimeIsHere() { return !OnnxRuntime::library().empty(); }
constexpr const char* kNoRuntime = "ONNX Runtime is not here: packaging/bootstrap --onnx fetches it.";

// A backbone of one block that computes whatever is wanted.
class OddBackbone final : public Backbone {
public:
    using Compute = std::function<at::Tensor(const at::Tensor&)>;
    explicit OddBackbone(Compute compute) : Backbone(findBackbone("squeezenet1_1"), 3), m_compute(std::move(compute)) {
        m_head = register_module("head", Linear(3, 3));
        const torch::NoGradGuard noGrad;
        m_head->weight.copy_(at::linspace(-1, 1, 9).reshape({3, 3}));
        m_head->bias.zero_();
    }
    std::vector<Stage> stages() override {
        return {{"odd", {}, [this](const at::Tensor& pixels) { return m_compute(pixels); }},
                {"head", {"head"}, [this](const at::Tensor& values) {
                     return m_head(values.mean({2, 3}));
                 }}};
    }

private:
    Compute m_compute;
    Linear m_head{nullptr};
};

std::shared_ptr<Backbone> odd(OddBackbone::Compute compute) {
    return std::make_shared<OddBackbone>(std::move(compute));
}

} // namespace

class TestFormats final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }

    void everyBackboneAnswersTheSameInEveryFormat_data() { tests::addGoldenRows(); }
    void everyBackboneAnswersTheSameInEveryFormat() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, golden);
        const auto model = tests::filledModel(golden);
        if (!full() && model->info().parameters > kHeaviest)
            QSKIP("Large: looked at where THAW_EXPORT_FULL is set.");
        const int size = sizeFor(*model);
        TracedNetwork network = traceBackbone(model, size, at::kFloat);
        const double traced = tests::largestDifference(*model, network.sizes, size, [&](const at::Tensor& input) {
            return tests::computed(network.module, input);
        });
        tell(*model, network.sizes, "TorchScript", traced);
        QVERIFY2(traced < kTolerance, qPrintable(QString::number(traced)));
        const std::string& family = model->info().family;
        const bool hasPositions = family == "ViT" || family == "DeiT" || family == "Swin";
        const bool padsBySize = size % 32 != 0 && model->info().name.starts_with("tf_"); // as TensorFlow does
        QCOMPARE(network.sizes == PictureSizes::ThisOne, hasPositions || padsBySize);

        const OnnxModel written = onnxOf(network, size, at::kFloat);
        std::set<std::string> names;
        for (const OnnxConstant& constant : written.constants)
            QVERIFY2(names.insert(constant.name).second, constant.name.c_str());
        if (!runtimeIsHere())
            QSKIP(kNoRuntime);
        const QTemporaryDir folder;
        const std::filesystem::path file = placeOf(*model, folder);
        writeOnnx(file, written);
        OnnxSession session(file, 2);
        const PictureSizes sizes = sizesOf(written, network.sizes);
        const double worst = tests::largestDifference(
            *model, sizes, size, [&](const at::Tensor& input) { return session.run("pixels", input, "logits"); });
        tell(*model, sizes, "ONNX", worst);
        QVERIFY2(worst < kTolerance, qPrintable(QString::number(worst)));
    }

    void filesThatHoldNoNetworkBehindAPreparationAreRefused() {
        const std::string kWords = "The ONNX file holds no network behind a preparation of Thaw's.";
        using namespace std::string_literals;
        for (const std::string& bytes : {""s, "\x3a"s, "\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s, "\x3a\x05xy"s,
                                         "\x3b\x00"s, "\x3a\x02\x0a\x00"s, std::string(40, '\xff')})
            QCOMPARE(refusal([&] { (void)networkWithoutPreparation(bytes); }), kWords);
    }

    void anOperatorThatOnnxHasNotIsNamedWithItsBlock() {
        const auto model = odd([](const at::Tensor& pixels) { return at::digamma(pixels.abs() + 1); });
        const TracedNetwork network = traceBackbone(model, kSize, at::kFloat);
        const std::string said = refusal([&] { (void)onnxOf(network, kSize, at::kFloat); });
        QCOMPARE(said, "ONNX has nothing for the operator aten::abs in the block odd.");
    }

    void numbersOfPicturesInShapesAreTakenFromTheInput() {
        const torch::NoGradGuard noGrad;
        const auto model = odd([](const at::Tensor& pixels) {
            const std::int64_t pictures = pixels.size(0), side = pixels.size(2);
            const at::Tensor halves = pixels.reshape({pictures * 2, -1, side}).unsqueeze(1);
            const at::Tensor ones = at::ones({1, 1, 1, 1}).expand({2 * pictures, 3, 1, -1});
            return (halves * ones).reshape({pictures, 3, -1, side});
        });
        TracedNetwork network = traceBackbone(model, kSize, at::kFloat);
        const at::Tensor input = tests::severalPictures(5, kSize);
        QVERIFY(tests::difference(tests::computed(network.module, input), model->forward(input)) < kTolerance);
        const OnnxModel written = onnxOf(network, kSize, at::kFloat);
        if (!runtimeIsHere())
            QSKIP(kNoRuntime);
        const QTemporaryDir folder;
        writeOnnx(in(folder, "model.onnx"), written);
        OnnxSession session(in(folder, "model.onnx"), 1);
        QVERIFY(tests::difference(session.run("pixels", input, "logits"), model->forward(input)) < kTolerance);
    }

    void aBlockThatComputesOtherwiseForMorePicturesIsNamed() {
        const auto model = odd([](const at::Tensor& pixels) { return pixels + static_cast<double>(pixels.size(0)); });
        const std::string said = refusal([&] { (void)traceBackbone(model, kSize, at::kFloat); });
        QVERIFY2(said.starts_with("odd of squeezenet1_1 computes otherwise"), said.c_str());
    }

    void constantsBeyondTheLimitLieInAFileOfTheirOwn() {
        if (!runtimeIsHere())
            QSKIP(kNoRuntime);
        const torch::NoGradGuard noGrad;
        const auto model = makeBackbone("squeezenet1_1", 3, 1);
        const TracedNetwork network = traceBackbone(model, kSize, at::kFloat);
        const QTemporaryDir folder;
        writeOnnx(in(folder, "model.onnx"), onnxOf(network, kSize, at::kFloat), 1000);
        QVERIFY(std::filesystem::file_size(in(folder, "model.onnx")) < 100'000);
        QVERIFY(std::filesystem::file_size(in(folder, "model.onnx.data")) > 2'000'000);
        OnnxSession session(in(folder, "model.onnx"), 1);
        const at::Tensor input = tests::severalPictures(2, kSize);
        QVERIFY(tests::difference(session.run("pixels", input, "logits"), model->forward(input)) < kTolerance);
    }
};

QTEST_GUILESS_MAIN(TestFormats)
#include "tst_formats.moc"
