#include "engine/api/error.h"
#include "engine/device/cpufeatures.h"
#include "engine/models/load.h"
#include "engine/models/vision/positions.h"
#include "tests/models/goldenmodel.h"
#include "tests/support/npy.h"
#include "tests/support/testdata.h"

#include <QTemporaryDir>
#include <QTest>

#include <set>

namespace {

constexpr double kLogitTolerance = 1e-4; // fp32 against the reference library
constexpr double kBf16Tolerance = 2e-2;  // against fp32

double largestDifference(const at::Tensor& logits, const QJsonObject& run) {
    const int step = run[QLatin1String("step")].toInt();
    const QJsonArray rows = run[QLatin1String("logits")].toArray();
    double worst = 0;
    for (int n = 0; n < rows.size(); ++n) {
        const QJsonArray row = rows[n].toArray();
        for (int i = 0; i < row.size(); ++i)
            worst = std::max(worst, std::abs(logits[n][i * step].item<double>() - row[i].toDouble()));
    }
    return worst;
}

at::Tensor tensorOf(const tests::NumpyArray& array) { return at::tensor(array.values).reshape(array.shape); }

double relativeDifference(const at::Tensor& value, const at::Tensor& reference) {
    return ((value.to(at::kFloat) - reference).norm() / reference.norm()).item<double>();
}

void toChannelsLast(torch::nn::Module& model) {
    for (at::Tensor& parameter : model.parameters()) {
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
}

// Not inlined: tsan.supp knows it by its name.
[[gnu::noinline]] at::Tensor inBfloat16(const std::function<at::Tensor()>& compute) {
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::Tensor result = compute();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    at::autocast::clear_cache();
    return result;
}

engine::TensorView viewOf(const std::string& name, const at::Tensor& tensor) {
    auto held = std::make_shared<at::Tensor>(tensor.contiguous());
    return {name, engine::DType::Float32, held->sizes().vec(), held->data_ptr(), held->nbytes(), held};
}

} // namespace

class TestBackbones final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }

    void namesAndLogitsEqualTheReferenceLibrary_data() { tests::addGoldenRows(); }
    void namesAndLogitsEqualTheReferenceLibrary() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, golden);
        const auto model = tests::filledModel(golden);
        QCOMPARE(tests::namesDigest(*model), static_cast<std::uint32_t>(golden[QLatin1String("names")].toDouble()));
        QCOMPARE(model->info().parameters, golden[QLatin1String("parameters")].toInteger());
        for (const QJsonValue& value : golden[QLatin1String("runs")].toArray()) {
            const QJsonObject run = value.toObject();
            const at::Tensor logits = model->forward(tests::pictures(run[QLatin1String("size")].toInt()));
            QCOMPARE(logits.size(1), run[QLatin1String("classes")].toInteger());
            const double worst = largestDifference(logits, run);
            QVERIFY2(worst < kLogitTolerance, qPrintable(QString::number(worst)));
        }
    }

    void savedAndLoadedParametersGiveTheSameLogits_data() { tests::addGoldenRows(); }
    void savedAndLoadedParametersGiveTheSameLogits() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, golden);
        const auto model = tests::filledModel(golden);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("model.safetensors")).toStdString();
        engine::writeSafetensors(file, engine::stateViews(*model));
        const auto again = engine::buildBackbone(model->info(), 0);
        const auto report = engine::loadCheckpoint(*again, file);
        again->eval();
        QCOMPARE(report.matched, golden[QLatin1String("tensors")].toInt());
        const at::Tensor pictures = tests::pictures(96);
        QVERIFY(at::equal(model->forward(pictures), again->forward(pictures)));
    }

    void channelsLastAndBfloat16StayNearFp32_data() { tests::addGoldenRows(); }
    void channelsLastAndBfloat16StayNearFp32() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, golden);
        const auto model = tests::filledModel(golden);
        at::Tensor value = tests::pictures(tests::ownSize(golden));
        const at::Tensor reference = model->forward(value);
        toChannelsLast(*model);
        value = value.contiguous(at::MemoryFormat::ChannelsLast);
        QVERIFY(relativeDifference(model->forward(value), reference) < 1e-4);
        if (!engine::cpuComputesBf16())
            QSKIP("This CPU cannot compute in bf16.");
        const double half = relativeDifference(inBfloat16([&] { return model->forward(value); }), reference);
        QVERIFY2(half < kBf16Tolerance, qPrintable(QString::number(half)));
    }

    void lossFallsOnOneBatch_data() { tests::addGoldenRows(); }
    void lossFallsOnOneBatch() {
        QFETCH(QJsonObject, golden);
        const auto model = engine::makeBackbone(golden[QLatin1String("name")].toString().toStdString(), 2, 3);
        const at::Tensor pictures = tests::pictures(64);
        tests::useStatisticsOf(pictures, *model);
        model->eval(); // the same function at each step: no dropout, no batch statistics
        const at::Tensor labels = at::arange(2, at::kLong);
        const auto lossNow = [&] { return at::cross_entropy_loss(model->forward(pictures), labels); };
        const at::Tensor loss = lossNow();
        loss.backward();
        const torch::NoGradGuard noGrad;
        double square = 0;
        for (const at::Tensor& parameter : model->parameters())
            square += parameter.grad().square().sum().item<double>();
        QVERIFY(std::isfinite(square) && square > 0);
        // Against the gradient by shorter and shorter steps, until the loss falls as the gradient says.
        double moved = 0, share = 0;
        for (double step = 1e-2; step > 1e-6 && share < 0.3; step /= 10) {
            const double length = step / std::sqrt(square);
            for (at::Tensor& parameter : model->parameters())
                parameter.sub_(parameter.grad(), length - moved);
            moved = length;
            share = (loss.item<double>() - lossNow().item<double>()) / (length * square);
        }
        QVERIFY2(share >= 0.3, qPrintable(QString::number(share)));
    }

    void theTableTellsTheTruth_data() {
        QTest::addColumn<std::string>("name");
        for (const engine::BackboneInfo& info : engine::backbones())
            QTest::newRow(info.name.c_str()) << info.name;
    }
    void theTableTellsTheTruth() {
        QFETCH(std::string, name);
        const engine::BackboneInfo& info = engine::findBackbone(name);
        const auto tree = engine::blockTree(name, 0);
        std::int64_t parameters = 0;
        double flops = 0;
        for (const engine::BlockInfo& block : tree) {
            QVERIFY(!block.name.empty() && !block.type.empty() && block.output[0] > 0 && block.parameters > 0);
            parameters += block.parameters;
            flops += block.flops;
        }
        QCOMPARE(parameters, info.parameters);
        QVERIFY2(std::abs(flops / info.flops - 1) < 0.01, qPrintable(QString::number(flops)));
        QVERIFY(tree.back().head);
        QVERIFY(info.imageSize > 0 && info.resizeSize >= info.imageSize && info.standardDeviation[0] > 0);
        QVERIFY(!info.licence.empty() && !info.source.empty());
    }

    void everyParameterBelongsToOneStage_data() { theTableTellsTheTruth_data(); }
    void everyParameterBelongsToOneStage() {
        QFETCH(std::string, name);
        const auto model = engine::buildBackbone(engine::findBackbone(name), 7);
        std::set<std::string> heads;
        for (const auto& entry : model->named_parameters()) {
            int owners = 0;
            for (const engine::Stage& stage : model->stages())
                for (const std::string& module : stage.modules)
                    owners += entry.key() == module || entry.key().starts_with(module + '.');
            QVERIFY2(owners == 1, entry.key().c_str());
            if (entry.key().starts_with(model->info().classifier + '.')) {
                QCOMPARE(entry.value().size(0), 7);
                heads.insert(entry.key());
            }
        }
        QCOMPARE(heads.size(), std::size_t{2});
        for (const std::string& head : heads)
            QVERIFY(head.starts_with(model->stages().back().modules.back()));
    }

    void sameSeedDrawsTheSameParameters() {
        const auto one = engine::makeBackbone("squeezenet1_1", 5, 11);
        const auto same = engine::makeBackbone("squeezenet1_1", 5, 11);
        const auto other = engine::makeBackbone("squeezenet1_1", 5, 12);
        for (const auto& entry : one->named_parameters()) {
            QVERIFY(at::equal(entry.value(), same->named_parameters()[entry.key()]));
            if (entry.key().ends_with("weight"))
                QVERIFY(!at::equal(entry.value(), other->named_parameters()[entry.key()]));
        }
        // torchvision draws the head with a deviation of 0.01 and the fire modules uniformly by their fan-in.
        QVERIFY(std::abs(one->named_parameters()["classifier.1.weight"].std().item<double>() - 0.01) < 1e-3);
        const double bound = std::sqrt(6.0 / 64);
        const at::Tensor squeeze = one->named_parameters()["features.3.squeeze.weight"];
        QVERIFY(squeeze.abs().max().item<double>() <= bound && squeeze.max().item<double>() > 0.9 * bound);
    }

    void randomParametersHaveTheSpreadOfTheirLaw() {
        // torchvision: convolutions normal by their fan-out, linear layers as torch draws them, uniform in ±1/√in.
        const auto model = engine::makeBackbone("resnet18", 40, 3);
        const auto named = model->named_parameters();
        const double deviation = named["layer3.0.conv1.weight"].std().item<double>();
        QVERIFY(std::abs(deviation / std::sqrt(2.0 / (256 * 9)) - 1) < 0.02);
        const double bound = 1 / std::sqrt(512.0);
        const at::Tensor head = named["fc.weight"];
        QVERIFY(head.abs().max().item<double>() <= bound);
        QVERIFY(head.max().item<double>() > 0.98 * bound && head.min().item<double>() < -0.98 * bound);
        QVERIFY(std::abs(head.mean().item<double>()) < 0.05 * bound);
    }

    void positionEmbeddingsOfAnotherInputSizeAreResampled() {
        // Each holds its row of the 24 × 24 patches of a picture of 384 pixels.
        const auto model = engine::makeBackbone("vit_tiny_patch16_224", 2, 1);
        at::Tensor positions = at::full({1, 577, 192}, -5.0);
        positions.slice(1, 1) = at::arange(24, at::kFloat).repeat_interleave(24).reshape({1, 576, 1});
        auto views = engine::stateViews(*model);
        for (engine::TensorView& view : views)
            if (view.name == "pos_embed")
                view = viewOf("pos_embed", positions);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("384.safetensors")).toStdString();
        engine::writeSafetensors(file, views);
        const auto report = engine::loadWeights(*model, file, false);
        QCOMPARE(report.reshaped, 1);
        QCOMPARE(report.missing + report.unexpected, 0);
        QCOMPARE(report.pretrainedShare, 1.0);
        for (const engine::TensorReport& row : report.tensors)
            if (row.match == engine::TensorMatch::Reshaped)
                QCOMPARE(row.rule, "position embeddings 24 × 24 resampled to 14 × 14");
        const at::Tensor loaded = model->named_parameters()["pos_embed"];
        QCOMPARE(loaded[0][0][0].item<double>(), -5.0);
        for (const int row : {4, 7, 9})
            for (const int column : {0, 6, 13})
                QVERIFY(std::abs(loaded[0][1 + 14 * row + column][3].item<double>() - ((row + 0.5) * 24 / 14 - 0.5)) <
                        0.05);
        try {
            engine::loadCheckpoint(*model, file);
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::BadWeights);
        }
    }

    // torchvision's interpolate_embeddings: bicubic with aligned corners.
    void theCornersOfPositionEmbeddingsStayAsTorchvisionHasIt() {
        at::manual_seed(4);
        const at::Tensor positions = at::randn({1, 1 + 9, 4});
        const at::Tensor larger = engine::resamplePositions(positions, 5, 7, engine::Resampling::CornersKept);
        QCOMPARE(larger.sizes(), at::IntArrayRef({1, 1 + 35, 4}));
        for (const auto& [from, to] : {std::pair(0, 0), {1, 1}, {3, 7}, {7, 29}, {9, 35}, {5, 18}}) // and the middle
            QVERIFY(at::allclose(larger[0][to], positions[0][from], 1e-5, 1e-5));
        const at::Tensor smaller = engine::resamplePositions(positions, 2, 2, engine::Resampling::CornersKept);
        for (const auto& [from, to] : {std::pair(0, 0), {1, 1}, {3, 2}, {7, 3}, {9, 4}})
            QVERIFY(at::allclose(smaller[0][to], positions[0][from], 1e-5, 1e-5));
    }

    void firstConvolutionOfOtherChannelsIsAdapted_data() {
        QTest::addColumn<int>("channels");
        QTest::newRow("grey") << 1;
        QTest::newRow("with alpha") << 4;
    }
    void firstConvolutionOfOtherChannelsIsAdapted() {
        QFETCH(int, channels);
        const auto model = engine::makeBackbone("squeezenet1_1", 2, 1);
        const at::Tensor stored = at::randn({64, channels, 3, 3});
        auto views = engine::stateViews(*model);
        views.front() = viewOf("features.0.weight", stored);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("channels.safetensors")).toStdString();
        engine::writeSafetensors(file, views);
        const auto report = engine::loadWeights(*model, file, false);
        QCOMPARE(report.reshaped, 1);
        QCOMPARE(report.pretrainedShare, 1.0);
        QCOMPARE(report.tensors.front().rule,
                 "first convolution adapted from " + std::to_string(channels) + " to 3 channels");
        // The same value in every channel gives what it gave before.
        const at::Tensor loaded = model->named_parameters()["features.0.weight"];
        const at::Tensor before = channels == 1 ? stored : stored.narrow(1, 0, 3) * (4.0 / 3);
        QVERIFY(at::allclose(loaded.sum(1), before.sum(1), 1e-5, 1e-5));
    }

    void olderNamesOfTorchvisionsViTAreRenamed() {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("old.safetensors")).toStdString();
        const std::vector<engine::TensorView> views{
            viewOf("encoder.layers.encoder_layer_3.mlp.linear_1.bias", at::zeros({3072})),
            viewOf("encoder.layers.encoder_layer_3.mlp.linear_2.weight", at::zeros({768, 3072}))};
        engine::writeSafetensors(file, views);
        const auto report = engine::inspectWeights(file, "vit_b_16", 2);
        QCOMPARE(report.renamed, 2);
        QCOMPARE(report.tensors.front().target, "encoder.layers.encoder_layer_3.mlp.0.bias");
    }

    // transformers keeps apart what timm and torchvision hold as one.
    void queriesKeysAndValuesAreJoined_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("target");
        const QStringList saved{QStringLiteral("attention.attention.query.weight"),
                                QStringLiteral("attention.attention.key.weight"),
                                QStringLiteral("attention.attention.value.weight")};
        const QStringList modules{QStringLiteral("attention.q_proj.weight"), QStringLiteral("attention.k_proj.weight"),
                                  QStringLiteral("attention.v_proj.weight")};
        const QString timm = QStringLiteral("deit_tiny_patch16_224"), torchvision = QStringLiteral("vit_b_16");
        QTest::newRow("timm") << timm << QStringLiteral("vit.encoder.layer.2.") << saved
                              << QStringLiteral("blocks.2.attn.qkv.weight");
        QTest::newRow("timm, without the model's name")
            << timm << QStringLiteral("layers.2.") << modules << QStringLiteral("blocks.2.attn.qkv.weight");
        QTest::newRow("torchvision") << torchvision << QStringLiteral("vit.layers.2.") << modules
                                     << QStringLiteral("encoder.layers.encoder_layer_2.self_attention.in_proj_weight");
    }

    void queriesKeysAndValuesAreJoined() {
        QFETCH(const QString, backbone);
        QFETCH(const QString, prefix);
        QFETCH(const QStringList, names);
        QFETCH(const QString, target);
        const auto model = engine::makeBackbone(backbone.toStdString(), 2, 1);
        const at::Tensor joint = model->named_parameters()[target.toStdString()];
        const std::int64_t width = joint.size(1);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("apart.safetensors")).toStdString();
        std::vector<at::Tensor> parts;
        std::vector<engine::TensorView> views;
        for (const QString& name : names) {
            parts.push_back(at::randn({width, width}));
            views.push_back(viewOf((prefix + name).toStdString(), parts.back()));
        }
        engine::writeSafetensors(file, views);
        const auto report = engine::loadWeights(*model, file, false);
        QCOMPARE(report.renamed, 3);
        QCOMPARE(report.unexpected, 0);
        QCOMPARE(report.tensors[1].target, target.toStdString());
        QCOMPARE(report.tensors[0].rule, std::string("transformers' names, part 1 of 3"));
        QVERIFY(at::equal(joint, at::cat(parts)));
        // A part alone is no tensor of the backbone.
        views.pop_back();
        engine::writeSafetensors(file, views);
        const auto partial = engine::inspectWeights(file, backbone.toStdString(), 2);
        QCOMPARE(partial.renamed, 0);
        QCOMPARE(partial.unexpected, 2);
        QVERIFY(partial.tensors[0].rule.find("other parts of " + target.toStdString()) == 0);
        QVERIFY_EXCEPTION_THROWN(engine::loadWeights(*model, file, false), engine::Error);
        QVERIFY(at::equal(joint, at::cat(parts)));
    }

    void picturesThatDoNotDivideIntoPatchesAreRefused() {
        const auto model = engine::makeBackbone("deit_tiny_patch16_224", 2, 1);
        try {
            static_cast<void>(model->forward(tests::pictures(150)));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::BadInput);
            QVERIFY(std::string(error.what()).find("150 × 150") != std::string::npos);
        }
    }

    void unknownBackboneNamesTheNearest() {
        try {
            static_cast<void>(engine::makeBackbone("resnet19", 2, 1));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::BadInput);
            QVERIFY(error.remedy().find("resnet18") != std::string::npos);
        }
    }

    void squeezeNetGivesTheReferenceLogits() {
        NEEDS_DATA("images/imagenet_ref100");
        NEEDS_DATA("weights/squeezenet1_1");
        for (const char* file :
             {"squeezenet1_1_imagenet_from_fp16_ir.safetensors", "squeezenet1_1_imagenet_from_fp16_ir.pth"})
            compareLogits("squeezenet1_1", tests::testData("weights/squeezenet1_1") / file,
                          tests::testData("images/imagenet_ref100/ref_logits_4x1000.npy"));
    }

    void efficientNetLiteGivesTheReferenceLogits() {
        const auto weights = engine::bundledWeights("tf_efficientnet_lite0");
        if (!std::filesystem::exists(weights))
            QSKIP("The bundled weights are not there.");
        NEEDS_DATA("images/imagenet_ref100");
        NEEDS_DATA("weights/tf_efficientnet_lite0/ref_logits_4x1000.npy");
        compareLogits("tf_efficientnet_lite0", weights,
                      tests::testData("weights/tf_efficientnet_lite0/ref_logits_4x1000.npy"));
    }

private:
    void compareLogits(const std::string& name, const std::filesystem::path& weights,
                       const std::filesystem::path& logits) {
        const torch::NoGradGuard noGrad;
        const auto model = engine::makeBackbone(name, 0, 1);
        const auto report = engine::loadWeights(*model, weights, true);
        model->eval();
        QCOMPARE(report.missing + report.unexpected, 0);
        QCOMPARE(report.pretrainedShare, 1.0);
        const at::Tensor input =
            tensorOf(tests::readNumpy(tests::testData("images/imagenet_ref100/ref_input_4x3x224x224.npy")));
        const at::Tensor expected = tensorOf(tests::readNumpy(logits));
        const double worst = (model->forward(input) - expected).abs().max().item<double>();
        QVERIFY2(worst < 1e-3, qPrintable(QString::number(worst)));
    }
};

QTEST_GUILESS_MAIN(TestBackbones)
#include "tst_backbones.moc"
