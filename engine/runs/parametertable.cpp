#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/parameter.h"
#include "engine/base/nearest.h"
#include "engine/runs/parameterrow.h"
#include "engine/runs/rowmakers.h"
#include "engine/runs/tablerows.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace engine {
namespace {

ParameterRow presetRow() {
    ParameterRow row =
        textRow({.key = "freeze.preset",
                 .label = "Freeze",
                 .help = "Which blocks keep their pretrained parameters: none trains everything, head-only "
                         "just the new classifier, last-stages:N the last N stages and the classifier, gradual "
                         "thaws from the head down while it trains, fine-tune is fastai's recipe (the head for one "
                         "epoch, then everything, early stages more slowly), by-hand what the phases say.",
                 .usual = "head-only for a few hundred pictures, gradual or last-stages for thousands",
                 .cost = "Every trained block costs its backward pass and optimizer state."},
                &Experiment::freeze, &FreezeSettings::preset);
    row.set = [](Experiment& e, const Parameter& p, std::string_view text) {
        const bool stages = text.starts_with("last-stages:");
        if (stages) {
            int count = 0;
            const auto digits = text.substr(12);
            const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
            if (code != std::errc{} || end != digits.data() + digits.size() || count < 1)
                throw Error(ErrorKind::BadInput, fmt::format("{} cannot be “{}”.", p.key, text),
                            "Give the number of stages: last-stages:2.");
        } else if (text != "none" && text != "head-only" && text != "gradual" && text != "fine-tune" &&
                   text != "by-hand") {
            throw Error(ErrorKind::BadInput, fmt::format("{} cannot be “{}”.", p.key, text),
                        "Choose none, head-only, last-stages:N, gradual, fine-tune or by-hand.");
        }
        e.freeze.preset = text;
    };
    return row;
}

ParameterRow pathRow() {
    return {{.key = "data.path",
             .label = "Folder",
             .type = ParameterType::Path,
             .help = "Folder with one folder of pictures for each class, or with train and validation folders that "
                     "have them; a "
                     "table; or shards: a folder of tar files, one of them, or train-{000000..000123}.tar."},
            [](const Experiment& e) { return e.data.path.string(); },
            [](Experiment& e, const Parameter&, std::string_view text) { e.data.path = std::filesystem::path(text); }};
}

std::vector<ParameterRow> makeRows() {
    using E = Experiment;
    std::vector<ParameterRow> rows;
    rows.push_back({{.key = "experiment.name", .label = "Name", .help = "What runs of this experiment are called."},
                    [](const E& e) { return e.name; },
                    [](E& e, const Parameter&, std::string_view text) { e.name = text; }});
    rows.push_back({{.key = "experiment.seed",
                     .label = "Seed",
                     .type = ParameterType::Integer,
                     .minimum = 0.0,
                     .maximum = 9e15,
                     .help = "Fixes every random choice: the split, the order, augmentation, the new head's start.",
                     .usual = "any; several seeds show how much of a difference is chance"},
                    [](const E& e) { return std::to_string(e.seed); },
                    [](E& e, const Parameter& p, std::string_view text) {
                        e.seed = static_cast<std::uint64_t>(parseInteger(p, text));
                    }});
    rows.push_back(taskRow());
    rows.push_back(dataKindRow());
    rows.push_back(pathRow());
    rows.push_back(textRow({.key = "data.file_column",
                            .label = "Column of pictures",
                            .help = "Of a table: the column with each picture's file, relative to the table. Empty: it "
                                    "is recognised."},
                           &E::data, &DataSettings::fileColumn));
    rows.push_back(
        listRow({.key = "data.label_columns",
                 .label = "Columns of labels",
                 .help = "Of a table: the column with the class or the labels of each picture, or one column "
                         "for each label with 0 and 1. Of shards: the key of each sample's JSON. Empty: they are "
                         "recognised."},
                &E::data, &DataSettings::labelColumns, '\n'));
    rows.push_back(textRow({.key = "data.split_column",
                            .label = "Column of parts",
                            .help = "Of a table: the column that says train, validation or test. Empty: it is "
                                    "recognised; without one a share is held back."},
                           &E::data, &DataSettings::splitColumn));
    rows.push_back(textRow({.key = "data.train",
                            .label = "Training folder",
                            .help = "Name of the folder with the training pictures; of shards also a pattern such as "
                                    "train-*. Empty: it is found by its name, such as train or seg_train."},
                           &E::data, &DataSettings::train));
    rows.push_back(textRow(
        {.key = "data.validation",
         .label = "Validation folder",
         .help = "Name of the folder with the validation pictures. Empty: val, test and the like are looked for, "
                 "else a share of each class is held back."},
        &E::data, &DataSettings::validation));
    rows.push_back(textRow(
        withChoices({.key = "data.layout",
                     .label = "Folders are",
                     .help = "What the folders inside the data folder are. Automatic looks at their names and at what "
                             "lies in them: train, val, test and the like are parts, all others classes.",
                     .usual = "automatic; classes where a class is called train or test"},
                    {{"auto", "Automatic"}, {"classes", "Classes"}, {"split", "Parts with classes"}}),
        &E::data, &DataSettings::layout));
    rows.push_back(realRow(
        {.key = "data.validation_share",
         .label = "Held back",
         .minimum = 0.01,
         .maximum = 0.9,
         .help = "Share of each class that is held back for validation where the data has no validation folder.",
         .usual = "0.1 to 0.3"},
        &E::data, &DataSettings::validationShare));
    rows.push_back(
        integerRow({.key = "data.image_size",
                    .label = "Picture size",
                    .unit = "px",
                    .minimum = 0.0,
                    .maximum = 1024.0,
                    .help = "Side of the square the model sees. 0: the size the backbone was pretrained with.",
                    .usual = "160 to 320",
                    .cost = "Time and memory grow with the square of it."},
                   &E::data, &DataSettings::imageSize));
    rows.push_back(augmentationRow());
    rows.push_back(integerRow({.key = "data.workers",
                               .label = "Decoding threads",
                               .minimum = 0.0,
                               .maximum = 256.0,
                               .help = "Threads that read and decode pictures ahead of the trainer. 0: one per core."},
                              &E::data, &DataSettings::workers));
    rows.push_back(integerRow({.key = "data.shuffle_window",
                               .label = "Shuffle window",
                               .unit = "pictures",
                               .minimum = 0.0,
                               .maximum = 1e9,
                               .help = "Of shards: so many pictures are shuffled together, of whole shards that change "
                                       "places in each epoch. 0: all of them. Sets with fewer are shuffled as a whole.",
                               .usual = "100000; 0 where shards lie on a fast disk"},
                              &E::data, &DataSettings::shuffleWindow));
    rows.push_back(listRow({.key = "data.leave_out",
                            .label = "Left out",
                            .help = "Files, folders and patterns such as train/*.gif that are skipped without a "
                                    "warning, relative to the folder; one a line.",
                            .usual = "train/ants/blurred.jpg or train/*.gif, one a line"},
                           &E::data, &DataSettings::leaveOut, '\n'));
    rows.push_back(backboneRow());
    rows.push_back(
        textRow({.key = "model.weights",
                 .label = "Weights",
                 .type = ParameterType::Path,
                 .help = "File with the pretrained parameters (.safetensors, .pth), hub:organisation/name for one on a "
                         "hub, “bundled” for the one that comes with Thaw or your own program's, “none” for a random "
                         "start.",
                 .usual = "pretrained; a random start needs far more data and time"},
                &E::model, &ModelSettings::weights));
    rows.push_back(textRow(
        withChoices({.key = "model.head",
                     .label = "Head of the weights",
                     .help = "Whether the trained head of the weights is kept. Automatic keeps it where the file "
                             "names its classes and they are the data's; else a new head is trained.",
                     .usual = "automatic; keep to go on with a network for the same classes"},
                    {{"auto", "Automatic"}, {"new", "Train a new one"}, {"keep", "Keep it"}}),
        &E::model, &ModelSettings::head));
    rows.push_back(presetRow());
    rows.push_back(textRow(
        withChoices(
            {.key = "freeze.batch_norm",
             .label = "BatchNorm of frozen blocks",
             .help = "What BatchNorm layers of frozen blocks do with the statistics of your pictures.",
             .usual = "as pretrained"},
            {{"frozen", "As pretrained"}, {"train", "Follow the data"}, {"affine-only", "Train scale and shift"}}),
        &E::freeze, &FreezeSettings::batchNorm));
    rows.push_back(textRow(
        withChoices({.key = "freeze.verify",
                     .label = "Check what is frozen",
                     .help = "Whether every frozen tensor is compared with its first state before each checkpoint, and "
                             "what happens if one changed: the run ends before it spoils its checkpoint, or goes on "
                             "with a warning.",
                     .usual = "stop",
                     .cost = "A fraction of a second for each epoch."},
                    {{"stop", "Stop on a change"}, {"warn", "Warn of a change"}, {"off", "Do not check"}}),
        &E::freeze, &FreezeSettings::verify));
    rows.push_back(textRow(
        withChoices({.key = "freeze.cache",
                     .label = "Cache the frozen part",
                     .help = "Keeps what the frozen blocks make of each picture, so that later epochs compute only the "
                             "blocks that train. Automatic does so where it pays.",
                     .usual = "automatic",
                     .cost = "Memory or disk for one output of the frozen blocks per picture and view; the summary "
                             "says how much."},
                    {{"auto", "Automatic"}, {"on", "On"}, {"off", "Off"}}),
        &E::freeze, &FreezeSettings::cache));
    rows.push_back(
        integerRow({.key = "freeze.views",
                    .label = "Views in the cache",
                    .unit = "views",
                    .minimum = 0.0,
                    .maximum = 1000.0,
                    .help = "Augmented views of each picture that the cache keeps; training goes round them. "
                            "0: the cache is used only without augmentation.",
                    .usual = "0, or 4 to 16",
                    .cost = "The cache takes so many times the room, and so many epochs to fill."},
                   &E::freeze, &FreezeSettings::views));
    rows.push_back(integerRow({.key = "freeze.lora_rank",
                               .label = "Adapters' rank",
                               .minimum = 0.0,
                               .maximum = 1024.0,
                               .help = "Low-rank adapters (LoRA) on the linear layers of frozen blocks: each learns a "
                                       "change of this rank while the layer's own weights stay frozen. 0: none.",
                               .usual = "4 to 16 for transformers; 0 for convolutional backbones",
                               .cost = "Few parameters, but the backward pass reaches the first adapter."},
                              &E::freeze, &FreezeSettings::loraRank));
    rows.push_back(realRow({.key = "freeze.lora_alpha",
                            .label = "Adapters' scale",
                            .minimum = 0.0,
                            .maximum = 65536.0,
                            .help = "What adapters learn is multiplied by this over their rank. 0: twice the rank.",
                            .usual = "once or twice the rank"},
                           &E::freeze, &FreezeSettings::loraAlpha));
    rows.push_back(listRow({.key = "freeze.lora_targets",
                            .label = "Adapted layers",
                            .help = "Patterns on the names of linear layers that get adapters, such as *.attn.qkv. "
                                    "Empty: every linear layer of a frozen block.",
                            .usual = "all, or only those of attention"},
                           &E::freeze, &FreezeSettings::loraTargets, ','));
    rows.push_back(integerRow({.key = "train.epochs",
                               .label = "Epochs",
                               .unit = "epochs",
                               .minimum = 1.0,
                               .maximum = 100000.0,
                               .help = "How often training goes through all pictures.",
                               .usual = "5 to 50",
                               .cost = "Time grows in proportion."},
                              &E::train, &TrainSettings::epochs));
    rows.push_back(integerRow({.key = "train.batch_size",
                               .label = "Batch size",
                               .minimum = 1.0,
                               .maximum = 65536.0,
                               .help = "Pictures per step and device.",
                               .usual = "16 to 128",
                               .cost = "Activation memory grows in proportion."},
                              &E::train, &TrainSettings::batchSize));
    rows.push_back(integerRow({.key = "train.accumulate",
                               .label = "Accumulate",
                               .unit = "batches",
                               .minimum = 1.0,
                               .maximum = 4096.0,
                               .help = "Batches whose gradients are added before one optimizer step: a larger "
                                       "effective batch in the same memory.",
                               .usual = "1"},
                              &E::train, &TrainSettings::accumulate));
    rows.push_back(
        textRow(withChoices({.key = "train.optimizer", .label = "Optimizer", .help = "How gradients become steps."},
                            optimizers()),
                &E::train, &TrainSettings::optimizer));
    rows.push_back(realRow(
        {.key = "train.learning_rate",
         .label = "Learning rate",
         .minimum = 1e-9,
         .maximum = 100.0,
         .help = "How far each step moves the weights.",
         .usual =
             "with AdamW 1e-4 to 1e-2 for a new head, 1e-5 to 1e-4 for pretrained blocks; with SGD ten times that"},
        &E::train, &TrainSettings::learningRate));
    rows.push_back(textRow(
        withChoices(
            {.key = "train.schedule", .label = "Schedule", .help = "How the learning rate changes over the run."},
            schedules()),
        &E::train, &TrainSettings::schedule));
    rows.push_back(integerRow({.key = "train.warmup_steps",
                               .label = "Warm-up",
                               .unit = "steps",
                               .minimum = 0.0,
                               .maximum = 1e6,
                               .help = "Steps over which the learning rate rises from zero at the start.",
                               .usual = "0 for a head, a few hundred for all blocks"},
                              &E::train, &TrainSettings::warmupSteps));
    rows.push_back(
        realRow({.key = "train.weight_decay",
                 .label = "Weight decay",
                 .minimum = 0.0,
                 .maximum = 10.0,
                 .help = "Pulls trained weights towards zero, against overfitting. Frozen weights are never touched.",
                 .usual = "0 to 0.1"},
                &E::train, &TrainSettings::weightDecay));
    rows.push_back(realRow({.key = "train.momentum",
                            .label = "Momentum",
                            .minimum = 0.0,
                            .maximum = 0.9999,
                            .help = "Share of the last step that SGD keeps.",
                            .usual = "0.9"},
                           &E::train, &TrainSettings::momentum));
    std::ranges::move(optimizerRows(), std::back_inserter(rows));
    rows.push_back(realRow({.key = "train.label_smoothing",
                            .label = "Label smoothing",
                            .minimum = 0.0,
                            .maximum = 0.9,
                            .help = "Share of the certainty spread over the other classes, against overconfidence.",
                            .usual = "0 to 0.1"},
                           &E::train, &TrainSettings::labelSmoothing));
    rows.push_back(
        textRow(withChoices({.key = "train.class_weights",
                             .label = "Class weights",
                             .help = "How much a picture of each class counts in the loss, where classes differ in "
                                     "size. Validation counts each "
                                     "picture once.",
                             .usual = "By rarity where one class is ten times another"},
                            {{"none", "Equal"}, {"balanced", "By rarity"}, {"effective", "By rarity, damped"}}),
                &E::train, &TrainSettings::classWeights));
    rows.push_back(textRow(
        withChoices({.key = "train.precision",
                     .label = "Precision",
                     .help = "Number format of the computing. Automatic takes bf16 where the device computes in it.",
                     .cost = "bf16 halves activation memory."},
                    {{"auto", "Automatic"}, {"fp32", "fp32"}, {"bf16", "bf16"}}),
        &E::train, &TrainSettings::precision));
    rows.push_back(monitorRow());
    rows.push_back(integerRow(
        {.key = "train.early_stopping_patience",
         .label = "Stop early",
         .unit = "epochs",
         .minimum = 0.0,
         .maximum = 100000.0,
         .help = "Ends the run after so many epochs in which what the best epoch is chosen by got no better. "
                 "0: never."},
        &E::train, &TrainSettings::earlyStoppingPatience));
    rows.push_back(
        listRow({.key = "devices.use",
                 .label = "Devices",
                 .help = "Where to train: auto, cpu, cuda:0 …, all, or next:2 for two GPUs that nobody uses"},
                &E::devices, &DeviceSettings::use, ','));
    rows.push_back(integerRow({.key = "devices.threads",
                               .label = "Computing threads",
                               .minimum = 0.0,
                               .maximum = 1024.0,
                               .help = "Threads of the CPU's arithmetic. 0: all cores."},
                              &E::devices, &DeviceSettings::threads));
    std::ranges::move(rankRows(), std::back_inserter(rows));
    const Experiment defaults;
    for (ParameterRow& row : rows)
        row.parameter.defaultValue = row.get(defaults);
    return rows;
}

const ParameterRow& requireRow(std::string_view key) {
    for (const ParameterRow& row : parameterRows())
        if (row.parameter.key == key)
            return row;
    std::vector<std::string> keys;
    for (const ParameterRow& row : parameterRows())
        keys.push_back(row.parameter.key);
    throw Error(ErrorKind::BadInput, fmt::format("There is no setting called {}.", key),
                fmt::format("Near names are {}.", fmt::join(nearestNames(key, std::move(keys)), ", ")));
}

} // namespace

std::span<const ParameterRow> parameterRows() {
    static const std::vector<ParameterRow> rows = makeRows();
    return rows;
}

std::span<const Parameter> experimentParameters() {
    static const std::vector<Parameter> parameters = [] {
        std::vector<Parameter> result;
        for (const ParameterRow& row : parameterRows())
            result.push_back(row.parameter);
        return result;
    }();
    return parameters;
}

const Parameter* findParameter(std::string_view key) {
    const auto all = experimentParameters();
    const auto found = std::ranges::find(all, key, &Parameter::key);
    return found == all.end() ? nullptr : &*found;
}

std::string parameterValue(const Experiment& experiment, std::string_view key) {
    return requireRow(key).get(experiment);
}

void setParameterValue(Experiment& experiment, std::string_view key, std::string_view text) {
    const ParameterRow& row = requireRow(key);
    row.set(experiment, row.parameter, text);
}

} // namespace engine
