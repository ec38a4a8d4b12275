// Weights under other libraries' names: every tensor finds its place and the logits are that library's.
#include "engine/api/error.h"
#include "engine/models/load.h"
#include "engine/models/names/pattern.h"
#include "engine/models/names/published.h"
#include "engine/models/otherlibrary.h"
#include "tests/models/filled.h"
#include "tests/support/places.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

using namespace std::string_literals;

namespace {

constexpr double kLogitTolerance = 1e-4;
const engine::Numerics kTensorFlow{.normEpsilon = 1e-3, .padding = engine::Padding::Same};

engine::TensorView viewOf(const std::string& name, const at::Tensor& tensor) {
    auto held = std::make_shared<at::Tensor>(tensor.contiguous());
    const auto type = held->scalar_type() == at::kLong ? engine::DType::Int64 : engine::DType::Float32;
    return {name, type, held->sizes().vec(), held->data_ptr(), held->nbytes(), held};
}

std::string textOf(const QJsonObject& object, const char* key) {
    return object[QLatin1String(key)].toString().toStdString();
}

engine::Library libraryIn(const QJsonObject& twin) {
    const std::string name = textOf(twin, "library");
    return name == "timm"           ? engine::Library::Timm
           : name == "transformers" ? engine::Library::Transformers
                                    : engine::Library::Torchvision;
}

// Names and shapes in the order of the alphabet, as one number.
std::uint32_t digest(const std::vector<engine::TensorView>& views) {
    std::vector<std::string> rows;
    for (const engine::TensorView& view : views) {
        std::string row = view.name + '[';
        for (const std::int64_t size : view.shape)
            row.append(row.back() == '[' ? "" : ",").append(std::to_string(size));
        rows.push_back(row + "]\n");
    }
    std::ranges::sort(rows);
    std::string all;
    for (const std::string& row : rows)
        all += row;
    return tests::crc32(all);
}

std::shared_ptr<engine::Backbone> built(const std::string& name) {
    return engine::buildBackbone(engine::findBackbone(name), 0);
}

std::shared_ptr<engine::Backbone> filledBackbone(const std::string& name) {
    auto model = built(name);
    tests::fill(*model, 6);
    model->eval();
    return model;
}

} // namespace

class TestNames final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void patternsReadAndMakeNames_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("other");
        QTest::addColumn<QString>("made"); // empty: the name does not match, or gives no such name
        const auto row = [](const char* pattern, const char* name, const char* other, const char* made) {
            QTest::addRow("%s as %s", name, other) << QString::fromLatin1(pattern) << QString::fromLatin1(name)
                                                   << QString::fromLatin1(other) << QString::fromLatin1(made);
        };
        row("features.{2i+1}.{j}.norm.*", "features.5.10.norm.weight", "s.{i}.{j}.*", "s.2.10.weight");
        row("features.{2i+1}.{j}.norm.*", "features.4.10.norm.weight", "s.{i}.{j}.*", "");
        row("features.{2i}.*", "features.4.a.b", "down.{i}.*", "down.2.a.b");
        row("features.{i+2}.*", "features.1.w", "l.{i}.*", "");
        row("b{i}.b{i}-{j}.*", "b2.b2-0.w", "{i}.{j+1}.*", "2.1.w");
        row("b{i}.b{i}-{j}.*", "b2.b3-0.w", "{i}.{j+1}.*", "");
        row("b{i}.b{i}-{j}.*", "b3.b2-0.w", "{i}.{j+1}.*", "");
        row("b{i}.b{i}-{j}.*", "b0.b1-0.w", "{i}.{j+1}.*", "");
        row("b.{i=0}.{j}.*", "b.0.3.w", "f.{i:j}.*", "");
        row("b.{i=0}.{j}.*", "b.0.1.w", "f.{i:j}.*", "f.1.w");
        row("b.{i=0}.{j}.*", "b.1.1.w", "f.{i:j}.*", "");
        row("f.{i:j+1}.*", "f.5.w", "b.{i}.{j}.*", "b.1.2.w"); // two blocks in stage 0, three in stage 1
        row("f.{i:j+1}.*", "f.6.w", "b.{i}.{j}.*", "");
        row("f.{i:j+1}.*", "f.0.w", "b.{i}.{j}.*", "");
        row("b.{i}.{j}.*", "b.1.0.w", "f.{i:j}.*", "f.2.w");
        row("b.{i}.{j}.*", "b.0.2.w", "f.{i:j}.*", "");
        row("token", "token", "t", "t");
        row("token", "tokens", "t", "");
        row("norm.*", "norm.", "t.*", "");
        row("a.{i}.*", "a.x.w", "t.*", "");
        row("a.{i}.*", "a.99999999999999999999.w", "t.*", "");
    }
    void patternsReadAndMakeNames() {
        QFETCH(QString, pattern);
        QFETCH(QString, name);
        QFETCH(QString, other);
        QFETCH(QString, made);
        constexpr std::array kDepths{2, 3};
        const std::string text = name.toStdString();
        const auto parts = engine::matchName(pattern.toStdString(), text, kDepths);
        const auto result = parts ? engine::makeName(other.toStdString(), *parts, kDepths) : std::nullopt;
        QCOMPARE(QString::fromStdString(result.value_or("")), made);
    }

    void weightsOfEveryLibraryGiveItsLogits_data() {
        QFile file(tests::place("THAW_SOURCE_DIR", THAW_SOURCE_DIR) + QStringLiteral("/tests/models/twins.json"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        QTest::addColumn<QJsonObject>("twin");
        const QJsonArray twins = QJsonDocument::fromJson(file.readAll())[QLatin1String("twins")].toArray();
        QVERIFY(twins.size() > 60);
        for (const QJsonValue& value : twins) {
            const QJsonObject twin = value.toObject();
            const QJsonObject config = twin[QLatin1String("config")].toObject();
            QTest::addRow("%s of %s %s", textOf(twin, "backbone").c_str(), textOf(twin, "library").c_str(),
                          textOf(config, "architecture").c_str())
                << twin;
        }
    }
    void weightsOfEveryLibraryGiveItsLogits() {
        const torch::NoGradGuard noGrad;
        QFETCH(QJsonObject, twin);
        const QJsonObject config = twin[QLatin1String("config")].toObject();
        const std::string name = textOf(twin, "backbone"), architecture = textOf(config, "architecture");
        const engine::Library library = libraryIn(twin);

        const auto shape = built(name);
        if (architecture.starts_with("tf_") || name.starts_with("efficientnet_b"))
            shape->setNumerics(library == engine::Library::Torchvision ? engine::Numerics() : kTensorFlow);
        else if (architecture.starts_with("efficientnet_lite"))
            shape->setNumerics({.normEpsilon = 1e-5, .padding = engine::Padding::Fixed});
        const auto published = engine::asInLibrary(*shape, library, 0);
        if (!architecture.empty())
            QCOMPARE(published.architecture, architecture);
        QCOMPARE(std::ssize(published.tensors), twin[QLatin1String("tensors")].toInt());
        for (const QJsonValue& some : twin[QLatin1String("some")].toArray())
            QVERIFY2(std::ranges::find(published.tensors, some.toString().toStdString(), &engine::TensorView::name) !=
                         published.tensors.end(),
                     qPrintable(some.toString()));
        QCOMPARE(digest(published.tensors), static_cast<std::uint32_t>(twin[QLatin1String("names")].toDouble()));

        std::vector<engine::TensorView> views;
        for (const engine::TensorView& view : published.tensors)
            views.push_back(
                viewOf(view.name, tests::filled(view.name, view.shape, twin[QLatin1String("gain")].toDouble())));
        const std::filesystem::path file = write(views, QJsonDocument(config).toJson().toStdString());
        const auto model = built(name);
        const auto report = engine::loadWeights(*model, file, true);
        QCOMPARE(report.missing + report.unexpected, 0);
        QCOMPARE(report.pretrainedShare, 1.0);
        QVERIFY(report.notes.empty() && report.missingStem.empty());
        if (report.renamed > 0)
            QCOMPARE(report.origin, library);
        model->eval();
        const at::Tensor logits = model->forward(tests::pictures(twin[QLatin1String("size")].toInt()));
        const double worst = largestDifference(logits, twin);
        QVERIFY2(worst < kLogitTolerance * std::max(1.0, twin[QLatin1String("scale")].toDouble()),
                 qPrintable(QString::number(worst)));

        const auto back = engine::asInLibrary(*model, library, 0);
        QVERIFY(back.notes.empty());
        QCOMPARE(back.tensors.size(), views.size());
        for (std::size_t i = 0; i < views.size(); ++i) {
            QCOMPARE(back.tensors[i].name, views[i].name);
            QVERIFY2(std::memcmp(back.tensors[i].data, views[i].data, views[i].bytes) == 0, views[i].name.c_str());
        }
    }

    // The authors' Swin ends a stage with its downsampling, timm's begins one: two places bear one name.
    void ofTwoPlacesOfANameTheOneWhoseShapeFitsIsTaken() {
        const auto source = filledBackbone("swin_t");
        std::vector<engine::TensorView> views;
        for (engine::TensorView view : engine::asInLibrary(*source, engine::Library::Timm, 0).tensors) {
            for (const char stage : {'1', '2', '3'})
                if (view.name.starts_with("layers."s + stage + ".downsample."))
                    view.name[7] = static_cast<char>(stage - 1);
            views.push_back(view);
        }
        const auto model = built("swin_t");
        const auto report = engine::loadWeights(*model, write(views, "{}"), true);
        QCOMPARE(report.missing + report.unexpected, 0);
        QCOMPARE(report.pretrainedShare, 1.0);
        const auto loaded = model->named_parameters();
        for (const auto& entry : source->named_parameters())
            QVERIFY2(at::equal(loaded[entry.key()], entry.value()), entry.key().c_str());
    }

    void everyBackboneIsWrittenUnderItsOwnLibrarysNames_data() {
        QTest::addColumn<std::string>("name");
        for (const engine::BackboneInfo& info : engine::backbones())
            QTest::newRow(info.name.c_str()) << info.name;
    }
    void everyBackboneIsWrittenUnderItsOwnLibrarysNames() {
        QFETCH(std::string, name);
        const auto model = built(name);
        const auto own = engine::asInLibrary(*model, engine::Library::Unknown, 0);
        QCOMPARE(own.architecture, name);
        const auto views = engine::stateViews(*model);
        QCOMPARE(own.tensors.size(), views.size());
        for (std::size_t i = 0; i < views.size(); ++i)
            QVERIFY(own.tensors[i].name == views[i].name && own.tensors[i].data == views[i].data);
    }

    // What no name tells: a bare file is computed as that library does by default.
    void namesAloneTellTheNumerics_data() {
        QTest::addColumn<std::string>("backbone");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<QString>("numerics");
        const auto row = [](const char* backbone, const char* file, const char* tensor, const char* numerics) {
            QTest::addRow("%s in %s", tensor, file) << std::string(backbone) << QString::fromLatin1(file)
                                                    << QString::fromLatin1(tensor) << QString::fromLatin1(numerics);
        };
        const char* file = "model.safetensors";
        row("vit_b_16", file, "vit.embeddings.cls_token", "epsilon 1e-12");
        row("vit_base_patch16_224", file, "class_token", "");
        row("convnext_tiny", file, "convnext.layernorm.weight", "epsilon of the last normalisation 1e-12");
        row("mobilenet_v3_large", file, "bn1.bias", "epsilon 1e-05");
        row("mobilenet_v2", file, "mobilenet_v2.conv_1x1.normalization.bias", "epsilon 0.001, padding as TensorFlow's");
        row("efficientnet_b0", file, "efficientnet.embeddings.batchnorm.bias",
            "epsilon 0.001, padding as TensorFlow's");
        row("efficientnet_b0", file, "_bn0.bias", "epsilon 0.001, padding as TensorFlow's");
        row("tf_efficientnet_lite0", file, "_bn0.bias", "");
        row("efficientnet_b0", file, "bn1.bias", "");
        row("efficientnet_b0", "tf_efficientnet_b0_ns-c0e6a31c.safetensors", "bn1.bias",
            "epsilon 0.001, padding as TensorFlow's");
        row("mobilenet_v3_large", "tf_mobilenetv3_large_100-427764d5.safetensors", "bn1.bias",
            "epsilon 0.001, padding as TensorFlow's");
    }
    void namesAloneTellTheNumerics() {
        QFETCH(std::string, backbone);
        QFETCH(QString, file);
        QFETCH(QString, tensor);
        QFETCH(QString, numerics);
        const auto model = built(backbone);
        const std::string name = tensor.toStdString();
        std::vector<std::int64_t> shape;
        for (const engine::Library library : {engine::Library::Unknown, engine::Library::Torchvision,
                                              engine::Library::Timm, engine::Library::Transformers}) {
            try {
                for (const engine::TensorView& view : engine::asInLibrary(*model, library, 0).tensors)
                    if (view.name == name)
                        shape = view.shape;
            } catch (const engine::Error&) { // that library has none, or pads otherwise
            }
        }
        if (shape.empty())
            shape = {backbone == "mobilenet_v2" ? 1280 : 32};
        const std::filesystem::path path = m_folder->filePath(file).toStdString();
        engine::writeSafetensors(path, std::vector{viewOf(name, at::zeros(shape))});
        const auto report = engine::inspectWeights(path, backbone, 2);
        QCOMPARE(report.matched + report.renamed, 1);
        QVERIFY2(QString::fromStdString(report.numerics).startsWith(numerics) &&
                     (numerics.isEmpty() == report.numerics.empty()),
                 report.numerics.c_str());
    }

    void whatConfigJsonSaysGoesBeforeWhatNamesTell() {
        const auto model = built("vit_tiny_patch16_224");
        const std::vector views{viewOf("vit.embeddings.cls_token", at::zeros({1, 1, 192}))};
        const auto numericsBeside = [&](const std::string& config) {
            (void)engine::loadWeights(*model, write(views, config), false);
            return model->numerics();
        };
        const engine::Numerics stated{.normEpsilon = 1e-5};
        QVERIFY(numericsBeside(R"({"model_type": "vit", "layer_norm_eps": 1e-5, "hidden_act": "gelu"})") == stated);
        for (const auto& module : model->modules(false))
            if (const auto* norm = module->as<torch::nn::LayerNormImpl>())
                QCOMPARE(norm->options.eps(), 1e-5);
        QVERIFY(numericsBeside(R"({"architecture": "x", "numerics": {"norm_eps": 0.001}})").normEpsilon == 1e-3);
        QVERIFY(numericsBeside(R"({"architecture": "x", "numerics": null})") == engine::Numerics());
        for (const auto& module : model->modules(false))
            if (const auto* norm = module->as<torch::nn::LayerNormImpl>())
                QCOMPARE(norm->options.eps(), 1e-6);
        QVERIFY(numericsBeside("[broken").normEpsilon == 1e-12);
    }

    void whatCannotBeFollowedIsSaid_data() {
        QTest::addColumn<std::string>("backbone");
        QTest::addColumn<std::string>("tensor");
        QTest::addColumn<std::string>("config");
        QTest::addColumn<QString>("note");
        QTest::newRow("activation") << "vit_tiny_patch16_224"s
                                    << "norm.bias"s
                                    << R"({"model_type": "vit", "hidden_act": "quick_gelu"})"s
                                    << QStringLiteral("quick_gelu; vit_tiny_patch16_224 computes with gelu");
        QTest::newRow("strides") << "resnet50"s
                                 << "bn1.bias"s
                                 << R"({"model_type": "resnet", "downsample_in_bottleneck": true})"s
                                 << QStringLiteral("moves strides");
        QTest::newRow("lookalike") << "resnet50"s
                                   << "bn1.bias"s
                                   << R"({"architecture": "resnetblur50"})"s << QStringLiteral("resnetblur50's");
        QTest::newRow("nothing") << "resnet50"s
                                 << "bn1.bias"s
                                 << R"({"model_type": "resnet", "hidden_act": "relu"})"s << QString();
    }
    void whatCannotBeFollowedIsSaid() {
        QFETCH(std::string, backbone);
        QFETCH(std::string, tensor);
        QFETCH(std::string, config);
        QFETCH(QString, note);
        const std::int64_t size = backbone == "resnet50" ? 64 : 192;
        const auto report = engine::inspectWeights(write({viewOf(tensor, at::zeros({size}))}, config), backbone, 2);
        QCOMPARE(report.notes.size(), std::size_t(note.isEmpty() ? 0 : 1));
        if (!note.isEmpty())
            QVERIFY2(QString::fromStdString(report.notes.front()).contains(note), report.notes.front().c_str());
    }

    void anEpsilonTheLibraryLacksIsWorkedIntoTheVariances() {
        const torch::NoGradGuard noGrad;
        const auto model = filledBackbone("mobilenet_v3_small");
        model->setNumerics({.normEpsilon = 1e-5}); // as from timm
        const auto other = engine::asInLibrary(*model, engine::Library::Torchvision, 0);
        const std::filesystem::path file = write(other.tensors, R"({"architecture": "mobilenet_v3_small"})");
        const auto again = built("mobilenet_v3_small");
        (void)engine::loadWeights(*again, file, true);
        QVERIFY(again->numerics() == engine::Numerics());
        again->eval();
        const at::Tensor pictures = tests::pictures(96), wanted = model->forward(pictures);
        QVERIFY((again->forward(pictures) - wanted).abs().max().item<double>() < 1e-5);
        again->setNumerics({.normEpsilon = 1e-5}); // without it the logits would be others
        QVERIFY((again->forward(pictures) - wanted).abs().max().item<double>() > 1e-4);
    }

    void whatALibraryCannotComputeIsRefused_data() {
        QTest::addColumn<std::string>("backbone");
        QTest::addColumn<int>("library");
        QTest::addColumn<QString>("words");
        using enum engine::Library;
        QTest::newRow("no such network") << "squeezenet1_0"s << int(Timm) << QStringLiteral("has no network like");
        QTest::newRow("of no library") << "cifar_resnet20"s << int(Torchvision)
                                       << QStringLiteral("has no network like");
        QTest::newRow("padding") << "efficientnet_b0"s << int(Transformers) << QStringLiteral("pads the pictures");
        QTest::newRow("lite") << "tf_efficientnet_lite0"s << int(Torchvision) << QStringLiteral("has no network like");
    }
    void whatALibraryCannotComputeIsRefused() {
        QFETCH(std::string, backbone);
        QFETCH(int, library);
        QFETCH(QString, words);
        try {
            (void)engine::asInLibrary(*built(backbone), static_cast<engine::Library>(library), 0);
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::BadInput && !error.remedy().empty());
            QVERIFY2(QString::fromUtf8(error.what()).contains(words), error.what());
        }
    }

    void picturesArePreparedAsTheNamesLibraryDoes() {
        const engine::BackboneInfo& vit = engine::findBackbone("vit_base_patch16_224");
        const auto meanOf = [&](const std::string& tensor, const std::string& config) {
            std::vector<engine::TensorView> views;
            for (int i = 0; i < 12; ++i)
                views.push_back(viewOf(QString::fromStdString(tensor).arg(i).toStdString(), at::zeros({1})));
            return engine::preparedForWeights(vit, write(views, config));
        };
        const std::string torchvision = "encoder.layers.encoder_layer_%1.ln_1.bias";
        QCOMPARE(meanOf(torchvision, "{}").mean[0], 0.485f);
        QCOMPARE(meanOf(torchvision, "{}").resizeSize, 256);
        QCOMPARE(meanOf("module." + torchvision, "{}").mean[0], 0.485f);
        QCOMPARE(meanOf("blocks.%1.norm1.bias", "{}").mean[0], 0.5f);
        QCOMPARE(meanOf(torchvision, R"({"image_mean": [0.1, 0.2, 0.3]})").mean[0], 0.1f);
        QCOMPARE(
            engine::preparedForWeights(vit, m_folder->filePath(QStringLiteral("gone/model.safetensors")).toStdString())
                .mean[0],
            0.5f);
    }

    void withoutItsStemABackboneIsNeverWhole() {
        const auto model = filledBackbone("resnet50");
        auto views = engine::stateViews(*model);
        std::erase_if(views, [](const engine::TensorView& view) { return view.name == "conv1.weight"; });
        auto report = engine::inspectWeights(write(views, "{}"), "resnet50", 2);
        QCOMPARE(report.missingStem, "conv1.weight"s);
        QCOMPARE(report.pretrainedShare, 0.99);
        views = engine::stateViews(*model);
        std::erase_if(views, [](const engine::TensorView& view) { return view.name == "layer3.2.bn1.running_var"; });
        report = engine::inspectWeights(write(views, "{}"), "resnet50", 2);
        QVERIFY(report.missingStem.empty());
        QCOMPARE(report.pretrainedShare, 0.99);
    }

private:
    std::filesystem::path write(const std::vector<engine::TensorView>& views, const std::string& config) {
        const std::filesystem::path folder = m_folder->path().toStdString();
        std::ofstream(folder / "config.json") << config;
        engine::writeSafetensors(folder / "model.safetensors", views);
        return folder / "model.safetensors";
    }

    static double largestDifference(const at::Tensor& logits, const QJsonObject& twin) {
        const int step = twin[QLatin1String("step")].toInt();
        const QJsonArray rows = twin[QLatin1String("logits")].toArray();
        double worst = 0;
        for (int n = 0; n < rows.size(); ++n) {
            const QJsonArray row = rows[n].toArray();
            for (int i = 0; i < row.size(); ++i)
                worst = std::max(worst, std::abs(logits[n][i * step].item<double>() - row[i].toDouble()));
        }
        return worst;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestNames)
#include "tst_names.moc"
