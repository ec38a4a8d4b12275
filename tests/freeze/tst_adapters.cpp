// Low-rank adapters: neutral at first, alone in training, the same once merged.
#include "engine/api/error.h"
#include "engine/freeze/freezeplan.h"
#include "engine/models/layers.h"

#include <QTest>

#include <cmath>

using namespace engine;

namespace {

at::Tensor pixels(const Backbone& backbone) {
    at::manual_seed(3);
    const std::int64_t side = backbone.info().imageSize;
    return at::randn({1, 3, side, side});
}

FreezeSettings lora(int rank, std::vector<std::string> targets = {}) {
    return {.preset = "head-only", .loraRank = rank, .loraTargets = std::move(targets)};
}

std::string refusal(const FreezeSettings& settings, std::string_view backbone) {
    try {
        (void)resolveFreeze(settings, 5, backbone, 2);
        return {};
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

class TestAdapters final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mergedAndUnmergedAgree_data() {
        QTest::addColumn<QString>("backbone");
        QTest::addColumn<int>("layers");
        QTest::newRow("ViT, timm") << "vit_tiny_patch16_224" << 48; // qkv, proj, fc1, fc2 of 12 blocks
        QTest::newRow("DeiT") << "deit_tiny_patch16_224" << 48;
        QTest::newRow("ViT, torchvision") << "vit_b_16" << 48; // in_proj, out_proj, mlp.0, mlp.3
        QTest::newRow("Swin") << "swin_t" << 51;               // and three reductions
        QTest::newRow("ConvNeXt") << "convnext_tiny" << 36;
        QTest::newRow("VGG's hidden layers") << "vgg16" << 2;
    }
    void mergedAndUnmergedAgree() {
        QFETCH(QString, backbone);
        QFETCH(int, layers);
        const torch::NoGradGuard noGrad;
        const auto model = makeBackbone(backbone.toStdString(), 3, 1);
        model->eval();
        for (const auto& item : model->named_parameters())
            if (item.key().ends_with("layer_scale")) // ConvNeXt's blocks begin as good as silent
                item.value().fill_(0.5);
        const at::Tensor input = pixels(*model);
        const at::Tensor plain = model->forward(input);
        const std::size_t count = model->named_parameters().size();
        const FreezePlan plan(lora(4), 5, *model);
        QCOMPARE(plan.adapters().layers.size(), std::size_t(layers));
        addAdapters(*model, plan.adapters(), 7);
        QVERIFY(at::equal(model->forward(input), plain)); // B is zero
        for (const auto& item : model->named_parameters())
            if (item.key().ends_with(".lora_B.weight"))
                item.value().normal_(0, 0.02);
        const at::Tensor unmerged = model->forward(input);
        QVERIFY((unmerged - plain).abs().max().item<float>() > 1e-4);
        mergeAdapters(*model);
        QCOMPARE(model->named_parameters().size(), count);
        const float apart = (model->forward(input) - unmerged).abs().max().item<float>();
        QVERIFY2(apart < 1e-5, qPrintable(QString::number(apart)));
    }

    void theAdditionIsAlphaOverRankTimesBTimesA() {
        // Hu et al. 2021, section 4.1: h = W x + alpha / r · B A x; here in double, from the tensors' values alone.
        const torch::NoGradGuard noGrad;
        const std::string path = "blocks.3.mlp.fc1";
        const auto model = makeBackbone("vit_tiny_patch16_224", 3, 1);
        FreezeSettings settings = lora(4, {"*.mlp.fc1"});
        settings.loraAlpha = 12;
        const FreezePlan plan(settings, 5, *model);
        QCOMPARE(plan.adapters().alpha, 12.0);
        addAdapters(*model, plan.adapters(), 7);
        auto* layer = model->named_modules()[path]->as<LinearImpl>();
        QVERIFY(layer != nullptr);
        const auto named = model->named_parameters();
        at::manual_seed(3);
        at::Tensor b = named[path + ".lora_B.weight"];
        b.normal_(0, 0.5);
        const at::Tensor a = named[path + ".lora_A.weight"];
        const at::Tensor whole =
            layer->weight.to(at::kDouble) + 12.0 / 4 * at::mm(b.to(at::kDouble), a.to(at::kDouble));
        const at::Tensor input = at::randn({5, 192});
        const at::Tensor expected = at::mm(input.to(at::kDouble), whole.t()) + layer->bias.to(at::kDouble);
        QVERIFY((layer->forward(input) - expected).abs().max().item<double>() < 1e-4);
        mergeAdapters(*model);
        QVERIFY((layer->weight - whole).abs().max().item<double>() < 1e-5);
        QVERIFY((layer->forward(input) - expected).abs().max().item<double>() < 1e-4);
    }

    void onlyAdaptersAndHeadTrain() {
        const auto model = makeBackbone("vit_tiny_patch16_224", 3, 1);
        const FreezePlan plan(lora(8, {"*.attn.qkv"}), 5, *model);
        addAdapters(*model, plan.adapters(), 7);
        plan.apply(*model, 0);
        std::int64_t trained = 0;
        for (const auto& item : model->named_parameters()) {
            const bool expected = item.key().starts_with("head.") || item.key().find(".lora_") != std::string::npos;
            QVERIFY2(item.value().requires_grad() == expected, item.key().c_str());
            trained += expected ? item.value().numel() : 0;
        }
        QCOMPARE(trained, std::int64_t(12 * 8 * (192 + 576) + 3 * 192 + 3));
        QCOMPARE(resolveFreeze(lora(8, {"*.attn.qkv"}), 5, "vit_tiny_patch16_224", 3)[0].trainableParameters, trained);
        QCOMPARE(plan.phases()[0].firstTrainedStage, std::size_t(1));
        QCOMPARE(plan.adapters().alpha, 16.0);
        for (const NamedTensor& frozen : plan.frozenTensors(*model, 0))
            QVERIFY(frozen.name.find(".lora_") == std::string::npos);
        QVERIFY(model->named_parameters().contains("blocks.3.attn.qkv.lora_A.weight"));
        // A plan made with the adapters in place is the same plan.
        QVERIFY(FreezePlan(lora(8, {"*.attn.qkv"}), 5, *model).phases()[0].trained == plan.phases()[0].trained);
    }

    void theSameSeedDrawsTheSameAdapters() {
        const auto drawn = [](std::uint64_t seed) {
            const auto model = makeBackbone("vit_tiny_patch16_224", 2, 1);
            addAdapters(*model, {.rank = 4, .alpha = 8, .layers = {"blocks.0.mlp.fc1"}}, seed);
            return model->named_parameters()["blocks.0.mlp.fc1.lora_A.weight"].detach().clone();
        };
        QVERIFY(at::equal(drawn(1), drawn(1)));
        QVERIFY(!at::equal(drawn(1), drawn(2)));
        QVERIFY(drawn(1).abs().max().item<double>() <= 1 / std::sqrt(192.0)); // uniform in ±1/√in
    }

    void whatCannotBeAdaptedIsRefusedByName() {
        QCOMPARE(refusal(lora(4), "resnet18"), std::string("This backbone has no linear layer for adapters."));
        QCOMPARE(refusal(lora(4, {"*.qkv", "conv1"}), "vit_tiny_patch16_224"),
                 std::string("No linear layer is called “conv1”."));
        QCOMPARE(refusal(lora(4, {"head"}), "vit_tiny_patch16_224"), std::string("No linear layer is called “head”."));
        const auto model = makeBackbone("resnet18", 2, 1);
        QVERIFY_EXCEPTION_THROWN(addAdapters(*model, {.rank = 4, .alpha = 8, .layers = {"layer9"}}, 1), Error);
    }
};

QTEST_GUILESS_MAIN(TestAdapters)
#include "tst_adapters.moc"
