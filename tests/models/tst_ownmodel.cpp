// A TorchScript program of one's own as a backbone.
#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/api/weights.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/models/backbone.h"
#include "engine/models/load.h"
#include "engine/models/ownmodel.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/api/module.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace std::string_literals;

namespace {

namespace jit = torch::jit;

// What torch.jit.script makes of a small network: stem, layer1 (with a BatchNorm), pooling, fc.
jit::Module makeNet() {
    const auto unit = std::make_shared<jit::CompilationUnit>();
    jit::Module stem("__torch__.Conv", unit), norm("__torch__.BatchNorm2d", unit), layer("__torch__.Layer", unit),
        fc("__torch__.Linear", unit), net("__torch__.Net", unit);
    stem.register_parameter("weight", at::randn({8, 3, 3, 3}), false);
    stem.define("def forward(self, x):\n    return torch.conv2d(x, self.weight, None, [2, 2], [1, 1])\n");
    norm.register_parameter("weight", at::rand({8}) + 0.5, false);
    norm.register_parameter("bias", at::randn({8}), false);
    norm.register_buffer("running_mean", at::zeros({8}));
    norm.register_buffer("running_var", at::ones({8}));
    norm.register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
    norm.register_attribute("training", c10::BoolType::get(), true);
    norm.define("def forward(self, x):\n    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, "
                "self.running_var, self.training, 0.1, 1e-5, False)\n");
    layer.register_module("bn", norm);
    layer.register_parameter("scale", at::ones({1}), false);
    layer.define("def forward(self, x):\n    return torch.relu(self.bn.forward(x)) * self.scale\n");
    fc.register_parameter("weight", at::randn({5, 8}), false);
    fc.define("def forward(self, x):\n    return torch.matmul(x, self.weight.t())\n");
    net.register_module("stem", stem);
    net.register_module("layer1", layer);
    net.register_module("fc", fc);
    net.register_attribute("training", c10::BoolType::get(), true);
    net.define("def forward(self, x):\n    y = self.layer1.forward(self.stem.forward(x))\n    return "
               "self.fc.forward(y.mean([2, 3]))\n");
    return net;
}

} // namespace

class TestOwnModel final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        at::manual_seed(3);
        m_net = makeNet();
        m_file = m_folder.filePath(QStringLiteral("net.pt")).toStdString();
        m_net.save(m_file);
        std::ofstream(m_folder.filePath(QStringLiteral("config.json")).toStdString())
            << R"({"image_size": 32, "mean": [0.5, 0.5, 0.5]})";
    }

    void programsParametersAreListedWithoutRunningIt() {
        const auto report = engine::inspectWeights(m_file);
        QCOMPARE(report.format, "TorchScript"s);
        QStringList names;
        for (const engine::TensorReport& tensor : report.tensors)
            names.append(QString::fromStdString(tensor.name));
        QVERIFY2(names.contains(QStringLiteral("layer1.bn.running_mean")) &&
                     names.contains(QStringLiteral("fc.weight")),
                 qPrintable(names.join(QLatin1Char(' '))));
    }

    void settingsBesideTheProgramAreFollowed() {
        const engine::BackboneInfo& info = engine::findBackbone(name());
        QCOMPARE(info.imageSize, 32);
        QCOMPARE(info.mean[0], 0.5f);
        QCOMPARE(&info, &engine::findBackbone(name()));
    }

    void ownOutputEqualsTheProgram() {
        const auto model = engine::makeBackbone(name(), 0, 1);
        const at::Tensor pixels = at::randn({2, 3, 32, 32});
        const torch::NoGradGuard noGrad;
        model->eval();
        m_net.eval();
        QVERIFY(at::equal(model->forward(pixels), m_net.forward({pixels}).toTensor()));
        QCOMPARE(model->classes(), 5);
    }

    void modulesAppearInTheTree() {
        const auto tree = engine::blockTree(name(), 3);
        QStringList names;
        for (const engine::BlockInfo& block : tree)
            names.append(QString::fromStdString(block.name));
        QCOMPARE(names, (QStringList{QStringLiteral("stem"), QStringLiteral("layer1"), QStringLiteral("fc"),
                                     QStringLiteral("new_head")}));
        QCOMPARE(tree[0].parameters, std::int64_t{216});
        QCOMPARE(tree[1].children.size(), std::size_t{1});
        QCOMPARE(tree[0].flops, 2.0 * 8 * 16 * 16 * 27); // outputs × what each sums up
        QVERIFY(tree.back().head);
        QCOMPARE(tree.back().parameters, std::int64_t{5 * 3 + 3});
    }

    // The interpreter calls operators with what its callers keep on the stack below.
    void computeIsCountedInsideMethodsToo() {
        const auto unit = std::make_shared<jit::CompilationUnit>();
        jit::Module inner("__torch__.Inner", unit), net("__torch__.Net", unit);
        inner.register_parameter("weight", at::randn({8, 3}), false);
        inner.define("def project(self, rows):\n    return torch.mm(rows, self.weight.t())\n");
        inner.define("def forward(self, x):\n    rows = x.mean([2, 3])\n    return rows.sum() + self.project(rows)\n");
        net.register_module("inner", inner);
        net.define("def forward(self, x):\n    return x.sum() + self.inner.forward(x)\n");
        const std::string file = m_folder.filePath(QStringLiteral("nested.pt")).toStdString();
        net.save(file);
        QCOMPARE(engine::blockTree("torchscript:" + file, 2).front().flops, 2.0 * 3 * 8);
    }

    void innerOutputTakesTheHeadAndTheRestIsLeftAlone() {
        const auto model = engine::makeBackbone(name() + "#layer1", 3, 1);
        QCOMPARE(model->named_parameters()["new_head.weight"].sizes(), (at::IntArrayRef{3, 8}));
        QVERIFY(!model->named_parameters().contains("fc.weight")); // nothing that is used depends on it
        QVERIFY(model->named_buffers().contains("fc.weight"));
        const auto inner = engine::makeBackbone(name() + "#layer1.bn", 3, 1);
        model->eval();
        inner->eval();
        const torch::NoGradGuard noGrad;
        const at::Tensor pixels = at::randn({2, 3, 32, 32});
        const at::Tensor before = m_net.attr("stem").toModule().forward({pixels}).toTensor();
        m_net.eval();
        const at::Tensor after = m_net.attr("layer1").toModule().forward({before}).toTensor().mean({2, 3});
        QVERIFY(at::allclose(model->forward(pixels), at::linear(after, model->named_parameters()["new_head.weight"],
                                                                model->named_parameters()["new_head.bias"])));
        const at::Tensor unclipped = inner->stages()[1].forward(inner->stages()[0].forward(pixels)).value;
        QCOMPARE(unclipped.sizes(), after.sizes());
        QVERIFY((unclipped < after - 1e-3).any().item<bool>()); // before the ReLU
    }

    void parametersTrainAndBatchNormFollowsTheMode() {
        const auto model = engine::makeBackbone(name(), 2, 1);
        const at::Tensor labels = at::arange(8) % 2;
        const at::Tensor pixels = at::randn({8, 3, 32, 32}) * (1 + 2 * labels).view({8, 1, 1, 1});
        model->train();
        double first = 0, last = 0;
        for (int step = 0; step < 40; ++step) {
            model->zero_grad();
            const at::Tensor loss = at::cross_entropy_loss(model->forward(pixels), labels);
            loss.backward();
            const torch::NoGradGuard noGrad;
            for (const auto& item : model->named_parameters()) {
                QVERIFY2(item.value().grad().defined(), item.key().c_str());
                item.value().sub_(item.value().grad(), 0.05);
            }
            (step == 0 ? first : last) = loss.item<double>();
        }
        QVERIFY2(last < 0.7 * first, qPrintable(QStringLiteral("%1 → %2").arg(first).arg(last)));
        const at::Tensor mean = model->named_buffers()["layer1.bn.running_mean"].clone();
        QVERIFY(mean.abs().sum().item<double>() > 0);
        model->eval();
        static_cast<void>(model->forward(pixels));
        QVERIFY(at::equal(mean, model->named_buffers()["layer1.bn.running_mean"]));
        int norms = 0;
        for (const auto& module : model->modules())
            norms += module->as<torch::nn::BatchNorm2dImpl>() != nullptr; // the freeze plan knows it by this
        QCOMPARE(norms, 1);
    }

    void checkpointsGoOutAndComeBack() {
        const auto model = engine::makeBackbone(name(), 2, 1);
        const auto other = engine::makeBackbone(name(), 2, 2);
        const std::filesystem::path file = m_folder.filePath(QStringLiteral("sub.safetensors")).toStdString();
        {
            const torch::NoGradGuard noGrad;
            for (at::Tensor& parameter : model->parameters())
                parameter.mul_(1.5);
        }
        engine::writeSafetensors(file, engine::stateViews(*model));
        engine::loadCheckpoint(*other, file);
        model->eval();
        other->eval();
        const at::Tensor pixels = at::randn({2, 3, 32, 32});
        QVERIFY(at::equal(model->forward(pixels), other->forward(pixels)));
        const auto report = engine::loadWeights(*other, m_file, false); // back to what it was saved with
        QCOMPARE(report.pretrainedShare, 1.0);
        QCOMPARE(report.unexpected + report.missing, 0);
    }

    void wrongNamesAndFilesAreToldInOneSentence() {
        expect(name() + "#layer9", engine::ErrorKind::BadInput, "layer9", "stem, layer1, fc");
        expect("torchscript:/nowhere/net.pt", engine::ErrorKind::NotFound, "/nowhere/net.pt", "");
        const std::string other = m_folder.filePath(QStringLiteral("text.pt")).toStdString();
        std::ofstream(other) << "no program";
        expect("torchscript:" + other, engine::ErrorKind::BadWeights, "text.pt", "");
    }

    void programsThatReachForFilesAreNotRun() {
        jit::Module net = makeNet();
        net.define("def leak(self, x):\n    torch.save(x, '/tmp/thaw-executed')\n    return x\n");
        const std::string file = m_folder.filePath(QStringLiteral("leak.pt")).toStdString();
        net.save(file);
        expect("torchscript:" + file, engine::ErrorKind::BadWeights, "aten::save", "");
        QVERIFY(!std::filesystem::exists("/tmp/thaw-executed"));
    }

    void programsThatRunOnLoadingAreNotLoaded() {
        jit::Module net = makeNet();
        jit::Module stem = net.attr("stem").toModule();
        stem.define("def __getstate__(self):\n    return self.weight\n");
        stem.define("def __setstate__(self, state):\n    self.weight = state\n");
        const std::string file = m_folder.filePath(QStringLiteral("state.pt")).toStdString();
        net.save(file);
        expect("torchscript:" + file, engine::ErrorKind::BadWeights, "state.pt", "");
    }

    void archivesThatLieAreNotHandedToTorch_data() {
        QTest::addColumn<QString>("record");
        QTest::addColumn<int>("bytes");
        QTest::addColumn<QString>("sentence");
        QTest::addRow("storage cut short") << "data/0" << 4 << "should have";
        QTest::addRow("storage packed") << "data/0" << 200'000'000 << "compressed";
        QTest::addRow("code that unpacks to much") << "code/bomb.py" << 200'000'000 << "its code is too long";
    }
    void archivesThatLieAreNotHandedToTorch() {
        QFETCH(QString, record);
        QFETCH(int, bytes);
        QFETCH(QString, sentence);
        const std::string file = m_folder.filePath(QStringLiteral("hostile.pt")).toStdString();
        rewritten(file, record.toStdString(), std::string(static_cast<std::size_t>(bytes), '\0'));
        QVERIFY(std::filesystem::file_size(file) < 1'000'000);
        expect("torchscript:" + file, engine::ErrorKind::BadWeights, sentence.toStdString(), "");
    }

    void whatCannotBeABackboneIsToldInOneSentence() {
        const auto saved = [this](const QString& file, const jit::Module& net) {
            const std::string path = m_folder.filePath(file).toStdString();
            net.save(path);
            return "torchscript:" + path;
        };
        const auto netWith = [](const std::string& forward) {
            jit::Module net("__torch__.Net", std::make_shared<jit::CompilationUnit>());
            net.register_parameter("weight", at::randn({8, 3}), false);
            net.define(forward);
            return net;
        };
        const auto bad = engine::ErrorKind::BadInput;
        expect(saved(QStringLiteral("pair.pt"),
                     netWith("def forward(self, x):\n    return x.mean([2, 3]) @ self.weight.t(), x\n")),
               bad, "(Tensor, Tensor), not one tensor", "#MODULE");
        expect(saved(QStringLiteral("flat.pt"),
                     netWith("def forward(self, x):\n    return self.weight.sum() * x.sum()\n")),
               bad, "[N, C, H, W]", "#MODULE");
        expect(saved(QStringLiteral("idle.pt"), netWith("def forward(self, x):\n    return x.mean([2, 3])\n")), bad,
               "does not depend on its parameters", "");
        expect(saved(QStringLiteral("two.pt"), netWith("def forward(self, x, y):\n    return x @ y @ self.weight\n")),
               bad, "wants more than a picture: y", "default");
        expect(saved(QStringLiteral("narrow.pt"),
                     netWith("def forward(self, x):\n    return x.reshape(-1, 7) @ self.weight\n")),
               bad, "cannot compute a picture of 32 × 32 pixels", "image_size");
        jit::Module none("__torch__.Net", std::make_shared<jit::CompilationUnit>());
        none.register_buffer("kept", at::zeros({3}));
        none.define("def forward(self, x):\n    return x.mean([2, 3]) + self.kept\n");
        expect(saved(QStringLiteral("none.pt"), none), bad, "no parameters", "torch.jit.freeze");
    }

    void defaultsOfFurtherArgumentsAreTaken() {
        jit::Module net("__torch__.Net", std::make_shared<jit::CompilationUnit>());
        net.register_parameter("weight", at::randn({8, 3}), false);
        net.define("def inner(self, x, scale: float):\n    return (x.mean([2, 3]) @ self.weight.t()) * scale\n");
        net.define("def forward(self, x, scale: float = 2.0):\n    return self.inner(x, scale)\n");
        const std::string file = m_folder.filePath(QStringLiteral("scaled.pt")).toStdString();
        net.save(file);
        const auto model = engine::makeBackbone("torchscript:" + file, 0, 1);
        model->eval();
        const torch::NoGradGuard noGrad;
        const at::Tensor pixels = at::randn({2, 3, 32, 32});
        QVERIFY(at::equal(model->forward(pixels), net.forward({pixels}).toTensor()));
        QCOMPARE(model->stages().front().modules, std::vector<std::string>{"weight"});
    }

    void mapsWithChannelsBehindAreAveragedOverThePicture() {
        jit::Module net("__torch__.Net", std::make_shared<jit::CompilationUnit>());
        net.register_parameter("weight", at::randn({3, 8}), false);
        net.define("def forward(self, x):\n    return x.permute(0, 2, 3, 1) @ self.weight\n");
        const std::string file = m_folder.filePath(QStringLiteral("behind.pt")).toStdString();
        net.save(file);
        const auto model = engine::makeBackbone("torchscript:" + file, 3, 1);
        QCOMPARE(model->named_parameters()["new_head.weight"].sizes(), (at::IntArrayRef{3, 8}));
    }

    // A chain of parts gives what the program gives, a frozen beginning of it too.
    void frozenBeginningsComputeOnTheirOwn() {
        const auto model = engine::makeBackbone(name(), 2, 1);
        model->eval();
        const torch::NoGradGuard noGrad;
        const at::Tensor pixels = at::randn({2, 3, 32, 32});
        const engine::FrozenPrefix prefix(*model, 1, at::kFloat);
        const at::Tensor stem = prefix.forward(pixels).value;
        QVERIFY(at::equal(stem, m_net.attr("stem").toModule().forward({pixels}).toTensor()));
        auto stages = model->stages();
        QVERIFY(at::equal(stages[3].forward(stages[2].forward(stages[1].forward(stem))).value, model->forward(pixels)));
        QCOMPARE(stages[1].forward(stem).value.sizes(), (at::IntArrayRef{2, 8})); // averaged: what goes into fc
    }

    void blocksThatSeveralTensorsPassAreOneStage() {
        const auto unit = std::make_shared<jit::CompilationUnit>();
        jit::Module one("__torch__.One", unit), two("__torch__.Two", unit), net("__torch__.Net", unit);
        one.register_parameter("weight", at::randn({8, 3, 1, 1}), false);
        one.define("def forward(self, x):\n    return torch.conv2d(x, self.weight)\n");
        two.register_parameter("weight", at::randn({8, 8, 1, 1}), false);
        two.define("def forward(self, x):\n    return torch.conv2d(x, self.weight)\n");
        net.register_module("b", one);
        net.register_module("a", two);
        net.define(
            "def forward(self, x):\n    y = self.b.forward(x)\n    return self.a.forward(y) + y.sum() * x.sum()\n");
        const std::string file = m_folder.filePath(QStringLiteral("fork.pt")).toStdString();
        net.save(file);
        const auto model = engine::makeBackbone("torchscript:" + file, 2, 1);
        const auto stages = model->stages();
        QCOMPARE(stages.size(), std::size_t{2});
        QCOMPARE(stages[0].name, "b..a"s);
        QCOMPARE(stages[0].modules, (std::vector<std::string>{"b", "a"}));
        QCOMPARE(engine::blockTree("torchscript:" + file, 2).front().parameters, std::int64_t{24 + 64});
    }

    void experimentFilesNameTheProgramInBothWays() {
        const auto both = {"[model]\nbackbone = \"torchscript#layer1\"\nweights = \"net.pt\"\n",
                           "[model]\nbackbone = \"torchscript:net.pt#layer1\"\n"};
        for (const char* text : both) {
            const auto experiment = engine::parseExperiment(text, m_folder.path().toStdString());
            QCOMPARE(experiment.model.backbone, name() + "#layer1");
            QCOMPARE(experiment.weightsPath().string(), m_file);
            QCOMPARE(engine::parseExperiment(engine::toToml(experiment), "/").model.backbone,
                     experiment.model.backbone);
        }
    }

private:
    // The program with one record replaced or added, packed where it is long.
    void rewritten(const std::string& file, const std::string& record, const std::string& content) const {
        caffe2::serialize::PyTorchStreamReader reader(m_file);
        caffe2::serialize::PyTorchStreamWriter writer(file);
        const auto write = [&writer](const std::string& name, const void* data, std::size_t size) {
            writer.writeRecord(name, data, size, size > 1'000'000);
        };
        for (const std::string& name : reader.getAllRecords()) {
            const auto [data, size] = reader.getRecord(name);
            if (name != record && !name.starts_with(".data") && name != "version")
                write(name, data.get(), size);
        }
        write(record, content.data(), content.size());
        writer.writeEndOfFile();
    }

    std::string name() const { return "torchscript:" + m_file; }
    static void expect(const std::string& backbone, engine::ErrorKind kind, const std::string& sentence,
                       const std::string& remedy) {
        try {
            static_cast<void>(engine::makeBackbone(backbone, 2, 1));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY2(error.kind() == kind, error.what());
            QVERIFY2(std::string(error.what()).find(sentence) != std::string::npos, error.what());
            QVERIFY2(error.remedy().find(remedy) != std::string::npos, error.remedy().c_str());
        }
    }

    QTemporaryDir m_folder;
    std::string m_file;
    jit::Module m_net;
};

QTEST_GUILESS_MAIN(TestOwnModel)
#include "tst_ownmodel.moc"
