#include "tests/ui/fakesetup.h"

#include "tests/ui/fakedata.h"

#include <cmath>

namespace fake {
namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

ui::FieldSpec spec(const char* key, const char* label, ui::FieldType type, const char* value) {
    ui::FieldSpec made;
    made.key = text(key);
    made.label = text(label);
    made.type = type;
    made.defaultValue = text(value);
    made.help = text("What %1 means.").arg(made.label.toLower());
    made.usual = text("what most people take");
    return made;
}

ui::FieldSpec whole(const char* key, const char* label, const char* value, const char* unit, double from, double to) {
    ui::FieldSpec made = spec(key, label, ui::FieldType::Integer, value);
    made.unit = text(unit);
    made.minimum = from;
    made.maximum = to;
    return made;
}

ui::FieldSpec choice(const char* key, const char* label, const QStringList& values, const QStringList& labels) {
    ui::FieldSpec made = spec(key, label, ui::FieldType::Choice, "");
    made.defaultValue = values.first();
    made.choices = values;
    made.choiceLabels = labels;
    return made;
}

ui::BlockRow block(const char* name, const char* type, const char* output, qint64 parameters, double flops,
                   bool trained, int epoch = 1, double factor = 1) {
    ui::BlockRow made;
    made.name = text(name);
    made.type = text(type);
    made.output = text(output);
    made.parameters = parameters;
    made.flops = flops;
    made.trained = trained;
    made.fromEpoch = epoch;
    made.factor = factor;
    return made;
}

void addParts(ui::BlockRow& parent, int count) {
    for (int i = 0; i < count; ++i) {
        ui::BlockRow part = parent;
        part.children.clear();
        part.name = text("%1.%2").arg(parent.name).arg(i);
        part.type = i == 0 ? text("IR k5 s2, 112 → 192") : text("IR k5, 192");
        part.parameters = parent.parameters / count;
        part.flops = parent.flops / count;
        parent.children.append(part);
    }
}

} // namespace

QList<ui::FieldSpec> fieldSpecs() {
    using Type = ui::FieldType;
    ui::FieldSpec share = spec("data.validation_share", "Held back", Type::Real, "0.2");
    share.minimum = 0.01;
    share.maximum = 0.9;
    ui::FieldSpec rate = spec("train.learning_rate", "Learning rate", Type::Real, "0.001");
    rate.help = text("How far each step moves the weights.");
    rate.usual = text("with AdamW 1e-4 to 1e-2 for a new head, 1e-5 to 1e-4 for pretrained blocks");
    ui::FieldSpec seed = spec("experiment.seed", "Seed", Type::Integer, "7");
    seed.minimum = 0;
    return {
        spec("experiment.name", "Name", Type::Text, "untitled"),
        seed,
        choice("data.kind", "Kind", {text("image-folder")}, {text("Image folder")}),
        spec("data.path", "Folder", Type::Path, ""),
        spec("data.train", "Training folder", Type::Text, ""),
        spec("data.validation", "Validation folder", Type::Text, ""),
        share,
        whole("data.image_size", "Picture size", "0", "px", 0, 1024),
        choice("data.augmentation", "Augmentation", {text("none"), text("light"), text("standard"), text("strong")},
               {text("None"), text("Light"), text("Standard"), text("Strong")}),
        whole("data.workers", "Decoding threads", "0", "", 0, 256),
        spec("data.leave_out", "Left out", Type::List, ""),
        spec("model.backbone", "Backbone", Type::Choice, "tf_efficientnet_lite0"),
        spec("model.weights", "Weights", Type::Path, "bundled"),
        spec("freeze.preset", "Freeze", Type::Text, "head-only"),
        choice("freeze.batch_norm", "BatchNorm of frozen blocks", {text("frozen"), text("train")},
               {text("As pretrained"), text("Follow the data")}),
        choice("freeze.cache", "Cache", {text("auto"), text("on"), text("off")},
               {text("Where it pays"), text("On"), text("Off")}),
        choice("freeze.verify", "A frozen tensor that changed", {text("stop"), text("warn"), text("off")},
               {text("Stops the run"), text("Warns"), text("Is not looked for")}),
        whole("train.epochs", "Epochs", "5", "", 1, 100000),
        whole("train.batch_size", "Batch size", "32", "", 1, 65536),
        whole("train.accumulate", "Accumulate", "1", "batches", 1, 4096),
        choice("train.optimizer", "Optimizer", {text("adamw"), text("sgd")}, {text("AdamW"), text("SGD")}),
        rate,
        choice("train.schedule", "Schedule", {text("cosine"), text("constant")}, {text("Cosine"), text("Constant")}),
        whole("train.warmup_steps", "Warm-up", "0", "steps", 0, 1e6),
        spec("train.weight_decay", "Weight decay", Type::Real, "0.01"),
        spec("train.momentum", "Momentum", Type::Real, "0.9"),
        spec("train.label_smoothing", "Label smoothing", Type::Real, "0"),
        choice("train.precision", "Precision", {text("auto"), text("fp32"), text("bf16")},
               {text("Automatic"), text("fp32"), text("bf16")}),
        whole("train.early_stopping_patience", "Stop early", "0", "epochs", 0, 100000),
        spec("devices.use", "Devices", Type::List, "auto"),
        whole("devices.threads", "Computing threads", "0", "", 0, 1024)};
}

QList<ui::BlockRow> blocks() {
    QList<ui::BlockRow> made{block("conv_stem", "Conv 3×3, s2 + BN", "32 × 112 × 112", 928, 12e6, false),
                             block("blocks.0", "Depthwise separable", "16 × 112 × 112", 928, 12e6, false),
                             block("blocks.1", "2 × inverted residual", "24 × 56 × 56", 14000, 55e6, false),
                             block("blocks.2", "2 × inverted residual", "40 × 28 × 28", 39700, 39e6, false),
                             block("blocks.3", "3 × inverted residual", "80 × 14 × 14", 198000, 43e6, false),
                             block("blocks.4", "3 × inverted residual", "112 × 14 × 14", 446000, 86e6, true, 31, 0.1),
                             block("blocks.5", "4 × inverted residual", "192 × 7 × 7", 1650000, 94e6, true, 31, 0.25),
                             block("blocks.6", "1 × inverted residual", "320 × 7 × 7", 610000, 31e6, true, 11, 0.5),
                             block("conv_head", "Conv 1×1 + BN", "1280 × 7 × 7", 410000, 20e6, true, 11, 0.5),
                             block("classifier", "Linear, new", "2", 2562, 0, true)};
    addParts(made[2], 2);
    addParts(made[3], 2);
    addParts(made[4], 3);
    addParts(made[5], 3);
    addParts(made[6], 4);
    addParts(made[7], 1);
    made.last().head = true;
    return made;
}

QList<ui::BlockRow> partlyTrainedBlocks() {
    QList<ui::BlockRow> made = blocks();
    made[5].children[0].trained = false;
    return made;
}

ui::ThawPlan thawPlan() {
    ui::ThawPlan plan;
    plan.epochs = 60;
    for (const auto& row : blocks())
        plan.blocks.append({row.name, row.parameters, row.head});
    for (const int epoch : {1, 11, 31}) {
        ui::ThawPhase phase;
        phase.fromEpoch = epoch;
        for (const auto& row : blocks()) {
            const bool trained = row.trained && row.fromEpoch <= epoch;
            phase.cells.append({trained ? row.factor : 0, trained ? row.parameters : 0});
        }
        plan.phases.append(phase);
    }
    return plan;
}

QList<QPointF> cosine(int epochs) {
    QList<QPointF> points{{0, 0.25}};
    for (int epoch = 2; epoch <= epochs; ++epoch)
        points.append({double(epoch), 0.5 * (1 + std::cos(M_PI * (epoch - 2) / (epochs - 2.0)))});
    return points;
}

QList<ui::BackboneRow> backbones() {
    const auto row = [](const char* name, const char* family, qint64 parameters, double flops, double top1,
                        double speed, const char* weights, bool suggested) {
        ui::BackboneRow made;
        made.name = text(name);
        made.family = text(family);
        made.parameters = parameters;
        made.flops = flops;
        made.imageSize = 224;
        made.imagenetTop1 = top1;
        made.top1Source = text("the library's own table");
        made.picturesPerSecond = speed;
        made.speedMeasured = speed > 300;
        made.weights = text(weights);
        made.weightsHere = made.weights != text("Not here");
        made.licence = text("Apache-2.0");
        made.suggested = suggested;
        made.reason = suggested ? text("Best for its size") : QString();
        made.reasonTip = suggested ? text("The most accurate of its size.") : QString();
        return made;
    };
    return {row("tf_efficientnet_lite0", "EfficientNet", 4652008, 0.4e9, 74.8, 191, "Bundled", true),
            row("resnet18", "ResNet", 11689512, 1.8e9, 69.8, 148, "Not here", true),
            row("squeezenet1_1", "SqueezeNet", 1235496, 0.35e9, 58.2, 402, "Local file", true),
            row("resnet50", "ResNet", 25557032, 4.1e9, 76.1, 0, "Not here", false),
            row("mobilenet_v3_large", "MobileNet", 5483032, 0.22e9, 75.3, 0, "Not here", false)};
}

ui::BackboneDetails details(const QString& backbone) {
    ui::BackboneDetails made;
    made.name = backbone;
    made.facts = text("Usual weights: Apache-2.0");
    made.layers = {{text("conv1"), text("Conv 7×7, s2"), text("64 × 112 × 112"), 9408, 236e6, 3.2e6, {}},
                   {text("layer1"),
                    text("2 × BasicBlock"),
                    text("64 × 56 × 56"),
                    147968,
                    925e6,
                    6.4e6,
                    {{text("layer1.0"), text("BasicBlock"), text("64 × 56 × 56"), 73984, 462e6, 3.2e6, {}}}},
                   {text("fc"), text("Linear 512 → 2"), text("2"), 1026, 2052, 8, {}}};
    made.weights.pretrainedShare = 0.5;
    made.weights.summary = text("50 % of the backbone is pretrained, its new head left out.");
    made.weights.heading = text("resnet18.safetensors, safetensors, 11.7 M parameters");
    const auto tensor = [](const char* name, const char* match, ui::Tone tone) {
        return ui::TensorRow{text(name), text("64 × 64 × 3 × 3"), text("float32"), text(match), tone, text(name), {}};
    };
    made.weights.tensors = {tensor("conv1.weight", "matched", ui::Tone::Success),
                            tensor("layer1.0.conv1.weight", "matched", ui::Tone::Success),
                            tensor("layer1.0.conv2.weight", "missing", ui::Tone::Warning),
                            tensor("fc.weight", "new", ui::Tone::Accent)};
    return made;
}

ui::DataState data() {
    ui::DataState made;
    made.hasFolder = true;
    made.summary = text("Image folder · 2 classes · 397 pictures");
    made.classes = {{text("ants"), 123, 70}, {text("bees"), 121, 83}};
    made.train = 244;
    made.validation = 153;
    made.validationFolder = text("val");
    return made;
}

void fillGpus(ui::SetupPage& page, int gpus, int next) {
    QList<ui::DeviceRow> rows;
    ui::DeviceLinks links{.links = {}, .rest = text("PCIe, 64 GB/s"), .words = {}};
    for (int i = 0; i < gpus; ++i) {
        const bool taken = i > 1 && i % 2 == 1;
        ui::DeviceRow row{text("cuda:%1").arg(i), text("H200 NVL"), text("cuda:%1 · 140 GB").arg(i), i < 2};
        row.gpu = true;
        row.usedShare = taken ? 0.44 : 0.01;
        row.freeWords = taken ? text("79.6 GB free") : text("140.1 GB free");
        row.temperature = text("%1 °C").arg(31 + 9 * i);
        row.taken = taken;
        row.user = taken ? text("python of anna") : text("Free");
        row.lacks = taken ? text("Needs 130 GB; python of anna") : QString();
        rows.append(row);
        if (i % 2 == 1)
            links.links.append({text("cuda:%1").arg(i - 1), row.id, text("NVLink, 450 GB/s")});
    }
    rows.prepend({text("cpu"), text("EPYC 9354"), text("cpu · 64 threads · 694 GB free"), false});
    links.words = text("Pairs: NVLink, 450 GB/s each way; else PCIe, 64 GB/s each way");
    page.setDevices(rows, text("384 × 2 ranks = 768 pictures a step. Learning rate 1e-5 × 2 = 2e-5."));
    page.setLinks(links, {.gpus = gpus, .nextFree = next});
}

void fillSetup(ui::SetupPage& page) {
    page.setFieldSpecs(fieldSpecs());
    page.setValue(text("experiment.name"), text("gradual thaw, seed 8"));
    page.setValue(text("data.path"), text("/home/ada/pictures/hymenoptera_data"));
    page.setValue(text("data.image_size"), text("224"));
    page.setValue(text("data.augmentation"), text("standard"));
    page.setValue(text("train.epochs"), text("60"));
    page.setValue(text("train.batch_size"), text("16"));
    page.setValue(text("freeze.preset"), text("gradual"));
    page.setTitleState({text("Draft"), text("Differs from gradual thaw in 1 setting: seed 7 → 8"), true});
    page.setData(data());
    page.setBackbones(backbones());
    ui::WeightsState weights;
    weights.tone = ui::Tone::Success;
    weights.words = text("294 of 296 tensors match");
    weights.pretrainedShare = 1;
    weights.summary = text("100 % of the backbone is pretrained, its new head left out.");
    weights.heading = text("efficientnet-lite0.pth, torch pickle, 4.65 M parameters");
    weights.tensors = {{text("_conv_stem.weight"), text("32 × 3 × 3 × 3"), text("float32"), text("renamed"),
                        ui::Tone::Success, text("conv_stem.weight"), text("by order")},
                       {text("_fc.weight"), text("1000 × 1280"), text("float32"), text("unused"), ui::Tone::Muted,
                        QString(), text("other classes")}};
    page.setWeights(weights);
    page.setFreeze({text("3 phases over 60 epochs · 5 of 10 blocks thaw"),
                    text("Head first; later stages thaw at epochs 11 and 31. 5 of 10 blocks stay frozen."),
                    text("Trains something in every phase"), 9,
                    text("Cache the frozen part in epochs 1–10: 11 MB, saves 5 s"),
                    text("The frozen blocks give the same output in every epoch.")});
    page.setThaw(thawPlan(), cosine(60));
    page.setBlocks(blocks());
    page.setDevices({{text("cuda:0"), text("GTX 1650"), text("cuda:0 · 3.7 of 4.0 GB free · 191 img/s"), true},
                     {text("cpu"), text("Core i5-10300H"), text("cpu · 8 threads · 10.6 GB free · 41 img/s"), false}});
    page.setFindings({{text("data"), ui::FindingSeverity::Warning, text("1 file is not a picture."),
                       text("train/ants/imageNotFound.gif. Fix leaves it out."), text("Fix")},
                      {text("train.learning_rate"), ui::FindingSeverity::Warning, text("The learning rate is high."),
                       text("Pretrained blocks usually train at 1e-4 or less with AdamW."), text("Use 1e-4")}});
    ui::SummaryState summary;
    for (int i = 0; i < 8; ++i)
        summary.batch.append(
            {text("p%1").arg(i), picture(i), i % 2 ? text("bees") : text("ants"), QString(), QString()});
    summary.facts = {{text("Pictures"), QString(), text("244 train, 153 validation")},
                     {text("Parameters trained"), text("of 3.37 M"), text("3.12 M")},
                     {text("Effective batch"), text("16 × 1 device ="), text("16")},
                     {text("Steps"), text("16 × 60 epochs ="), text("960")},
                     {text("Time"), QString(), text("about 1 min 15 s")},
                     {text("Disk"), text("6 checkpoints,"), text("172 MB")}};
    summary.phases = {{text("Epochs 1–10"), 0.0008, text("2,562"), 5, text("5 s")},
                      {text("Epochs 11–30"), 0.30, text("1.02 M"), 21, text("21 s")},
                      {text("Epochs 31–60"), 0.92, text("3.12 M"), 49, text("49 s")}};
    summary.parameters = text("of 3.37 M");
    summary.freezeFacts = {{text("Never trained"), text("conv_stem to blocks.3,"), text("253,984")},
                           {text("Optimizer state"), text("AdamW,"), text("25 MB")},
                           {text("Step time, phase 3"), text("99 ms if all trained,"), text("84 ms")}};
    summary.time = text("about 1 min 15 s");
    summary.diskFacts = {{text("Disk"), text("6 checkpoints,"), text("172 MB")}};
    summary.memoryName = text("GPU memory at the peak");
    summary.memoryWords = text("1.84 of 4.0 GB");
    summary.memoryParts = {{0.31, {}, ui::Role::NeutralSoft, text("Others 0.31")},
                           {0.05, {}, ui::Role::Text, text("Model 0.05")},
                           {1.48, {}, ui::Role::Accent, text("Activations 1.48")}};
    summary.memoryTotal = 4.0;
    summary.passed = {text("Weights match the backbone"), text("Fits in GPU memory, 2.16 GB spare"),
                      text("Trains something in every phase"), text("Frozen tensors are verified each epoch")};
    summary.canTrain = true;
    summary.readiness = text("Ready. The 2 warnings don't stop training.");
    page.setSummary(summary);
}

QList<ui::TryResult> tryResults() {
    const QStringList names{text("1799729694_0c40101071.jpg"), text("11381045_b352a47d8c.jpg"),
                            text("1297972485_33266a18d9.jpg"), text("183260961_64ab754c97.jpg"),
                            text("2470492902_3572c90f75.jpg"), text("notes.txt")};
    const QList<double> sure{0.996, 0.989, 0.712, 0.991, 0.934, 0};
    QList<ui::TryResult> made;
    for (int i = 0; i < names.size(); ++i) {
        ui::TryResult result;
        result.file = text("/home/ada/new/%1").arg(names.at(i));
        if (i == 5) {
            result.problem = text("This file is not a picture.");
            made.append(result);
            continue;
        }
        result.thumbnail = picture(i);
        result.width = 500;
        result.height = 375;
        const bool bee = i == 0 || i == 4;
        result.top = {{bee ? text("bees") : text("ants"), sure.at(i)},
                      {bee ? text("ants") : text("bees"), 1 - sure.at(i)}};
        result.decodeMs = 3.1 + 0.1 * i;
        result.prepareMs = 1.2;
        result.modelMs = 4.6;
        result.others = {{text("gradual thaw"), 1, result.top.first().label, sure.at(i)},
                         {text("last 3 stages"), 2, result.top.first().label, 0.981},
                         {text("squeezenet head"), 5, result.top.last().label, 0.614}};
        made.append(result);
    }
    return made;
}

void fillTry(ui::TryPage& page) {
    page.setModels({{text("r1"), text("gradual thaw, best (epoch 52)"), text("96.1 % on validation")},
                    {text("r3"), text("head only, best (epoch 5)"), text("93.5 % on validation")}});
    page.setModel(text("r1"));
    page.setDevice(text("GTX 1650"));
    page.setCommand(text("thaw predict runs/20261123-140201-gradual-thaw photo.jpg --json"));
    page.setResults(tryResults());
    page.setSeen(page.currentFile(), picture(0).scaled(224, 224), text("224 × 224, centre"));
}

} // namespace fake
