#include "engine/runs/tablerows.h"

#include "engine/api/augmentations.h"
#include "engine/api/catalog.h"
#include "engine/api/datakinds.h"
#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/optimizers.h"
#include "engine/api/tasks.h"
#include "engine/base/atomicfile.h"
#include "engine/base/ownmodelname.h"
#include "engine/runs/rowmakers.h"

#include <set>

namespace engine {

ParameterRow backboneRow() {
    std::vector<std::pair<std::string, std::string>> names;
    for (const BackboneInfo& info : backbones())
        names.emplace_back(info.name, info.name);
    ParameterRow row = textRow(
        withChoices({.key = "model.backbone",
                     .label = "Backbone",
                     .help = "The pretrained network whose features the new head learns from; torchscript:FILE for a "
                             "TorchScript program of your own, torchscript:FILE#MODULE for the output of one of its "
                             "modules.",
                     .cost = "Larger backbones cost time and memory in proportion to their compute."},
                    names),
        &Experiment::model, &ModelSettings::backbone);
    row.set = [](Experiment& e, const Parameter& p, std::string_view text) {
        if (!isOwnModel(text) && !isOwnModelOfWeights(text))
            requireChoice(p, text);
        e.model.backbone = text;
        if (!isOwnModel(text) || e.directory.empty())
            return;
        OwnModel own = parseOwnModel(text);
        if (!own.file.empty())
            own.file = (e.directory / expandHome(own.file)).lexically_normal();
        e.model.backbone = ownModelName(own);
    };
    return row;
}

ParameterRow taskRow() {
    std::vector<std::pair<std::string, std::string>> names;
    for (const TaskInfo& task : tasks())
        names.emplace_back(task.name, task.label);
    return textRow(withChoices({.key = "data.task",
                                .label = "Task",
                                .help = "What is asked of the model: exactly one class for each picture, or any number "
                                        "of labels, each a question of its own."},
                               names),
                   &Experiment::data, &DataSettings::task);
}

ParameterRow augmentationRow() {
    std::string operations;
    for (const AugmentationInfo& info : augmentationInfos())
        operations += (operations.empty() ? "" : ", ") + info.choice.name;
    ParameterRow row = textRow(
        withChoices({.key = "data.augmentation",
                     .label = "Augmentation",
                     .help = fmt::format("How training pictures are varied each time they are seen: one of these, or a "
                                         "list of operations with their strengths, such as “random-crop:0.5 flip:0.5” "
                                         "({}).",
                                         operations),
                     .usual = "light or standard for photos, none where position and size carry the meaning"},
                    augmentations()),
        &Experiment::data, &DataSettings::augmentation);
    row.set = [](Experiment& e, const Parameter& p, std::string_view text) {
        try {
            if (augmentationSteps(text).empty() && text != "none")
                throw Error(ErrorKind::BadInput, "It names nothing.", "Choose none where nothing is to be done.");
        } catch (const Error& error) {
            throw Error(error.kind(), fmt::format("{} cannot be “{}”.", p.key, text),
                        fmt::format("{} {}", error.what(), error.remedy()));
        }
        e.data.augmentation = text;
    };
    return row;
}

namespace {

// A setting that optimizers have of their own: kept by its key where it is said.
ParameterRow optimizerRow(const Parameter& setting) {
    return {setting,
            [setting](const Experiment& e) {
                const auto said = e.train.options.find(setting.key);
                return said == e.train.options.end() ? setting.defaultValue : fmt::format("{}", said->second);
            },
            [](Experiment& e, const Parameter& p, std::string_view text) {
                const double value = parseReal(p, text);
                if (fmt::format("{}", value) == p.defaultValue)
                    e.train.options.erase(p.key);
                else
                    e.train.options[p.key] = value;
            }};
}

} // namespace

std::vector<ParameterRow> optimizerRows() {
    std::vector<ParameterRow> rows;
    std::set<std::string> added;
    for (const OptimizerInfo& info : optimizerInfos())
        for (const Parameter& setting : info.settings)
            if (added.insert(setting.key).second)
                rows.push_back(optimizerRow(setting));
    return rows;
}

ParameterRow dataKindRow() {
    std::vector<std::pair<std::string, std::string>> names{{"auto", "Automatic"}};
    for (const DataKind& kind : dataKinds())
        names.emplace_back(kind.name, kind.label);
    return textRow(withChoices({.key = "data.kind",
                                .label = "Kind",
                                .help = "How the data lies on disk: a folder of pictures, a table (CSV, TSV, JSONL) "
                                        "that names pictures and their labels, or shards (tar files as WebDataset "
                                        "writes them). Automatic goes by what is chosen."},
                               names),
                   &Experiment::data, &DataSettings::kind);
}

// By name, whether or not the task at hand measures it: validate() says that.
ParameterRow monitorRow() {
    std::vector<std::pair<std::string, std::string>> names{{"auto", "Automatic"}};
    for (const MetricInfo& metric : metrics())
        names.emplace_back(metric.name, metric.label);
    return textRow(
        withChoices({.key = "train.monitor",
                     .label = "Best by",
                     .help = "The metric that decides which epoch is the best and when training stops early. "
                             "Automatic: accuracy for one class a picture, mean average precision for "
                             "several labels."},
                    names),
        &Experiment::train, &TrainSettings::monitor);
}

} // namespace engine
